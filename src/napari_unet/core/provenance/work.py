"""Work in a window, written down as a command of the shell and as Python."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from napari_unet.core.errors import UserError
from napari_unet.core.option import Config, options
from napari_unet.core.provenance.record import Provenance
from napari_unet.core.provenance.written import as_call, as_command, as_flags, names_called
from napari_unet.core.segment_request import SegmentRequest

_PREFIXES = {"link": "link-"}
"""What the flags of a part begin with, where that is not nothing."""
_FOLDER = "results"


@dataclass(frozen=True)
class Work:
    """Images, and how they are segmented.

    Parameters
    ----------
    paths
        Files and folders.
    model
        Name of a model or path of its file.
    request
        How each is segmented.
    out
        Folder for the results of several; empty for one image, whose labels Python then has in
        memory, and the command writes into ``results``.
    recursive
        Whether folders inside folders are searched.
    jobs
        How many images at once.
    blocks
        Whether the one image is worked on block by block.
    """

    paths: tuple[str, ...]
    model: str
    request: SegmentRequest = SegmentRequest()
    out: str = ""
    recursive: bool = False
    jobs: int = 1
    blocks: bool = False

    @classmethod
    def of(cls, made: Provenance) -> Self:
        """Return the work that a result was made by.

        Raises
        ------
        UserError
            If it was made from a part of an image, or the image or the model is in no file.
        """
        source, model = made.source, made.model
        if source.part:
            raise UserError(
                f"These labels say how one part of the image was segmented ({source.part}), and "
                "no command segments a part: segment the whole stack."
            )
        if not source.file:
            raise UserError("The image is in no file, which a command needs: save it, and open it.")
        if not model.file:
            raise UserError(f"The model {model.name!r} is in no file, which a command needs.")
        return cls((source.file,), model.file, made.request, blocks=made.blocks)

    def command(self) -> str:
        """Return a command that gives the same labels."""
        words = ["napari-unet", "segment", *self.paths, "--model", self.model]
        words += ["--out", self.out or _FOLDER]
        if self.recursive:
            words.append("--recursive")
        if self.jobs > 1:
            words += ["--jobs", str(self.jobs)]
        return as_command([*words, *_flags(self.request)])

    def python(self) -> str:
        """Return Python that gives the same labels."""
        request = as_call(self.request)
        names = sorted({*names_called(request), *self._names()})
        imports = [f"from napari_unet import {', '.join(names)}", ""]
        before = ["from pathlib import Path", ""] if self.out else []
        return "\n".join([*before, *imports, f"request = {request}", *self._lines(), ""])

    def _names(self) -> tuple[str, ...]:
        if self.out:
            return ("Batch", "batch_steps", "drive", "find_sources")
        return ("read_image", "segment_large" if self.blocks else "segment")

    def _lines(self) -> list[str]:
        if self.out:
            searched = ", recursive=True" if self.recursive else ""
            jobs = f", jobs={self.jobs}" if self.jobs > 1 else ""
            return [
                f"out = Path({self.out!r})",
                f"sources = find_sources({list(self.paths)!r}, out{searched})",
                f"batch = Batch(out, {self.model!r}, request)",
                f"rows = drive(batch_steps(sources, batch{jobs}))",
            ]
        made = f"segment(image.data, {self.model!r}, image.request(request))"
        large = f"segment_large(image, {self.model!r}, {_FOLDER!r}, request)"
        return [
            f"image = read_image({self.paths[0]!r})",
            f"result = {large if self.blocks else made}",
        ]


def _flags(request: SegmentRequest) -> Iterator[str]:
    """Yield the flags of a request, without those that are as usual."""
    if request.axes:
        yield from ("--axes", request.axes)
    if request.channels:
        yield from ("--channels", ",".join(map(str, request.channels)))
    if request.spacing and None not in request.spacing:
        yield from ("--spacing", ",".join(map(repr, request.spacing)))
    for name in request.PARTS:
        part: Config | None = getattr(request, name)
        if part is not None:
            # the usual way to make objects is the model's own
            always = [entry.name for entry in options(type(part))] if name == "decode" else ()
            yield from as_flags(part, _PREFIXES.get(name, ""), always)
