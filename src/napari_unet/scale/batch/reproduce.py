"""A result made again from what it says about itself, and compared pixel for pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop
from napari_unet.core.provenance.record import PROGRAM
from napari_unet.core.words import counted
from napari_unet.io.provenance.read import read_provenance
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.sources import Source
from napari_unet.io.zarr_folder import image_name
from napari_unet.scale.batch.batch import EXTRAS, Batch, possible_results
from napari_unet.scale.batch.log import DONE, NOT_DONE
from napari_unet.scale.batch.steps import batch_steps
from napari_unet.storage.digests import file_digest, source_file
from napari_unet.storage.model_header import find_model, known_models
from napari_unet.storage.versions import versions

if TYPE_CHECKING:
    from napari_unet.core.progress import Steps
    from napari_unet.core.provenance.record import ModelFile, Provenance


_CALLED = {"version": PROGRAM, "python": "Python", "numpy": "NumPy", "torch": "PyTorch"}


@dataclass(frozen=True)
class Reproduced:
    """What came of making a result again.

    Parameters
    ----------
    same
        Whether every pixel, or every line of a table, is as it was.
    told
        The sentence that says so, and what else is not as it was.
    file
        The new result.
    """

    same: bool
    told: str
    file: Path


def reproduce_steps(
    file: str | Path, out: str | Path, source: str | Path | None = None
) -> Steps[Reproduced]:
    """Make a result again, and compare.

    Parameters
    ----------
    file
        A result that says how it was made, see `read_provenance`.
    out
        Folder for the new result.
    source
        The image; None for where it was, or beside the result.

    Yields
    ------
    The progress of `batch_steps`.

    Raises
    ------
    UserError
        If it cannot be made again: the file does not say how, the model or the image is missing,
        only a part of an image was segmented, or there are results in the folder already.
    Stop
        When the user wants to stop.
    """
    file, out = Path(file), Path(out)
    made = read_provenance(file)
    if made.kind == "objects" and "doubt" not in _head(file):  # of earlier versions
        raise _other_columns(file)
    image = _image(made, file, None if source is None else Path(source))
    model = _model(made.model)
    extras = tuple(extra for extra in EXTRAS if extra == made.kind)
    batch = Batch(out, model, made.request, extras)
    name = image_name(image)
    kinds = possible_results(batch, name)[1 if made.blocks else 0]
    if kinds[made.kind].exists():
        raise UserError(f"{kinds[made.kind]} exists: give an empty folder.", about="out")
    (row,) = yield from batch_steps([Source(image, name)], batch)
    if row.status == NOT_DONE:
        raise Stop
    if row.status != DONE:
        raise UserError(row.error, row.about)
    again = next(each for each in _made(batch, name, made.kind) if each.exists())
    differs = _difference(file, again, made.kind)
    others = ", ".join(_changes(made, image, model))
    return Reproduced(not differs, _sentence(file, differs, others), again)


def _sentence(file: Path, differs: str, others: str) -> str:
    if differs:
        why = f" Not as it was: {others}." if others else ""
        return f"{file.name} is different when it is made again: {differs}.{why}"
    kind = "line for line" if file.suffix == ".csv" else "pixel for pixel"
    though = f", though not all is as it was: {others}" if others else ""
    return f"{file.name} is the same when it is made again, {kind}{though}."


def _made(batch: Batch, name: str, kind: str) -> list[Path]:
    return [files[kind] for files in possible_results(batch, name) if kind in files]


def _image(made: Provenance, file: Path, given: Path | None) -> Path:
    """Return where the image is."""
    if made.source.part:
        raise UserError(
            f"{file.name} only says how a part of an image ({made.source.part}) was segmented: "
            "segment the whole image, whose result can be made again."
        )
    known = Path(made.source.file)
    if given is None and not made.source.file:
        raise UserError(
            f"{file.name} does not say of which image it was made: name it.", about="source"
        )
    places = [known, file.parent / known.name] if given is None else [given]
    for place in places:
        if place.exists():
            return place
    raise UserError(f"The image {places[0]} is missing: say where it is.", about="source")


def _model(wanted: ModelFile) -> Path:
    """Return the model's file: if possible the very same, else another one of its name."""
    if not wanted.file:
        raise UserError(
            f"The model {wanted.name!r} was in no file, so the result cannot be made again."
        )
    known = known_models()
    places = [known.get(wanted.file), Path(wanted.file), known.get(Path(wanted.file).stem)]
    there = [place for place in places if place is not None and place.is_file()]
    there += [path for name, path in known.items() if name == wanted.name and path not in there]
    if not there:
        raise UserError(
            f"The model {wanted.name!r} is missing: put its file back to {_place(wanted)}."
        )
    return next((path for path in there if file_digest(path) == wanted.sha256), there[0])


def _place(wanted: ModelFile) -> str:
    """Return where a model's file was, in words."""
    return wanted.file if Path(wanted.file).is_absolute() else f"the models as {wanted.file!r}"


def _changes(made: Provenance, image: Path, model: Path) -> list[str]:
    """Return what is not as it was when the result was made."""
    told = ["objects were changed by hand since"] if made.edited else []
    if file_digest(find_model(model)) != made.model.sha256:
        told.append(f"the model {made.model.name!r} is another one")
    if source_file(image).sha256 != made.source.sha256:
        told.append(f"the image {image.name} is another one")
    for name, now in versions().items():
        was = getattr(made, name)
        if was != now:
            told.append(f"{_CALLED[name]} {was} is {now} now")
    return told


def _difference(file: Path, again: Path, kind: str) -> str:
    """Say how two results differ; nothing where they do not."""
    if kind == "objects":
        one, other = (path.read_text("utf-8").splitlines() for path in (file, again))
        if one[:1] != other[:1]:
            raise _other_columns(file)
        lines = sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
        return f"{counted(lines, 'line')} of the table" if lines else ""
    read = read_label_image if kind in ("instances", "semantic") else read_image
    one, other = read(file).data, read(again).data
    if one.shape != other.shape:
        return f"{_size(one)} pixels are {_size(other)} now"
    pixels, size = _differing(one, other), int(np.prod(one.shape, dtype=np.int64))
    return f"{pixels:,} of {counted(size, 'pixel')}" if pixels else ""


def _head(table: Path) -> list[str]:
    """Return the names of a table's columns."""
    with table.open(encoding="utf-8", errors="replace") as lines:
        return lines.readline().strip().split(",")


def _other_columns(file: Path) -> UserError:
    return UserError(
        f"{file.name} is a table with other columns than segment writes: make the labels beside "
        "it again."
    )


def _size(array: Any) -> str:
    return " x ".join(map(str, array.shape))


def _differing(one: Any, other: Any) -> int:
    """Count the pixels that differ, part by part where they are not in memory."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return int(np.count_nonzero(one != other))
    import dask.array  # noqa: PLC0415 - takes long, and only large results need it

    first, second = (
        dask.array.from_array(each)  # type: ignore[no-untyped-call]
        for each in (one, other)
    )
    return int((first != second.rechunk(first.chunks)).sum().compute())
