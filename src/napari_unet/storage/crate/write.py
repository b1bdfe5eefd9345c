"""A package written, as a folder or a ZIP file; it is there whole, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from napari_unet.core.progress import Progress, Steps
from napari_unet.storage.atomic import replacing, replacing_folder
from napari_unet.storage.crate.content import Crate, PackedFile, Part
from napari_unet.storage.crate.metadata import METADATA, to_json

ZIP = ".zip"
MB = 10**6
"""Progress is counted in so many bytes."""
_CHUNK = 4 * 2**20
Add = Callable[[str], IO[bytes]]


@dataclass(frozen=True)
class Source:
    """A file to be packed.

    Parameters
    ----------
    path
        In the package, see `PackedFile`.
    content
        The file that is packed, or all of what stands in it.
    """

    path: str
    content: Path | bytes

    @property
    def size(self) -> int:
        """Return its bytes."""
        content = self.content
        return len(content) if isinstance(content, bytes) else content.stat().st_size

    def open(self) -> IO[bytes]:
        """Open it to be read."""
        content = self.content
        return BytesIO(content) if isinstance(content, bytes) else content.open("rb")


def write_steps(
    out: Path,
    parts: Mapping[str, Sequence[Source]],
    about: Crate,
    check: Callable[[], None],
) -> Steps[Crate]:
    """Write a package; one that is there is replaced.

    Parameters
    ----------
    out
        What it is called: a ZIP file, if it ends so, else a folder.
    parts
        The files of each `Part`, by its path.
    about
        What is told of it; its own parts do not count.
    check
        Called once all is copied; what it raises ends the work, and nothing is written.

    Yields
    ------
    Progress in MB.

    Raises
    ------
    NotWritten
        If it cannot be written, such as on a full disk.
    """
    done, total = 0, sum(source.size for sources in parts.values() for source in sources)
    files: dict[str, list[PackedFile]] = {path: [] for path in parts}
    with _begun(out) as add:
        for path, source in ((path, each) for path, sources in parts.items() for each in sources):
            yield Progress("packing", done // MB, max(total, MB) // MB)
            packed = yield from _copied(source, add, done, total)
            files[path].append(packed)
            done += packed.size
        check()
        written = tuple(Part(path, tuple(inside)) for path, inside in files.items())
        crate = replace(about, parts=written)
        with add(METADATA) as file:
            file.write(to_json(crate).encode())
    return crate


def _copied(source: Source, add: Add, done: int, total: int) -> Steps[PackedFile]:
    """Copy a file, whatever its size, and return what it is."""
    digest, size = hashlib.sha256(), 0
    with source.open() as reading, add(source.path) as file:
        while chunk := reading.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            yield Progress("packing", (done + size) // MB, max(total, MB) // MB)
    return PackedFile(source.path, size, digest.hexdigest())


@contextmanager
def _begun(out: Path) -> Iterator[Add]:
    """Give what opens a new file in the package."""
    if out.suffix.lower() == ZIP:
        # not compressed: images are already, and models hardly get smaller
        with replacing(out) as temporary, ZipFile(temporary, "x") as zipped:
            yield lambda path: zipped.open(path, "w", force_zip64=True)
    else:
        with replacing_folder(out) as temporary:
            yield lambda path: _new(temporary / path)


def _new(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")
