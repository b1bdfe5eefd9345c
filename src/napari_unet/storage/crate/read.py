"""A package read, as a folder or a ZIP file: nothing in it is run, unpickled or believed unseen."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol
from zipfile import ZipFile

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.storage.crate.content import Crate, PackedFile
from napari_unet.storage.crate.metadata import METADATA, from_json
from napari_unet.storage.crate.write import MB
from napari_unet.storage.disk import free_bytes
from napari_unet.storage.zip_errors import BROKEN, telling

_LONGEST = 100 * MB
"""Bytes of the metadata."""
_CHUNK = 4 * 2**20


class Files(Protocol):
    """The files of a package, by their paths in it."""

    def size(self, path: str) -> int | None:
        """Return the bytes of a file; None where there is no such file, or it is a link."""

    def open(self, path: str) -> IO[bytes]:
        """Open a file to be read."""


class _InFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, path: str) -> int | None:
        file = self._folder / path
        inside = file.resolve().is_relative_to(self._folder.resolve())
        return file.stat().st_size if inside and file.is_file() else None

    def open(self, path: str) -> IO[bytes]:
        return (self._folder / path).open("rb")


class _InZip:
    def __init__(self, zipped: ZipFile) -> None:
        self._zipped = zipped

    def size(self, path: str) -> int | None:
        try:
            info = self._zipped.getinfo(path)
        except KeyError:
            return None
        return None if stat.S_ISLNK(info.external_attr >> 16) else info.file_size

    def open(self, path: str) -> IO[bytes]:
        return self._zipped.open(path)


@contextmanager
def opened(package: Path) -> Iterator[tuple[Files, Crate]]:
    """Open a package, and give its files and what it says of itself.

    Parameters
    ----------
    package
        A folder or a ZIP file.

    Raises
    ------
    UserError
        If it is no shared package, is damaged, of another program or of a newer version, or holds
        what could not have been packed; also where a file is missing, a link, or of another size.
    """
    broken = (
        f"{package.name} is no shared package, or is damaged: choose the ZIP file or the folder "
        "that was shared, or get it again."
    )
    with telling(package, broken):
        if package.is_dir():
            yield _read(_InFolder(package), package.name)
        else:
            with ZipFile(package) as zipped:
                yield _read(_InZip(zipped), package.name)


def is_package(path: Path) -> bool:
    """Tell whether a file or folder has what every shared package has."""
    if path.is_dir():
        return (path / METADATA).is_file()
    try:
        with ZipFile(path) as zipped:
            return METADATA in zipped.namelist()
    except (OSError, *BROKEN):
        return False


def read_crate(package: str | Path) -> Crate:
    """Return what a package says of itself; its files are not looked into.

    Raises
    ------
    UserError
        As `opened` does.
    """
    with opened(Path(package)) as (_, crate):
        return crate


def usual_folder(package: Path) -> Path:
    """Return the folder for annotations and settings where none is named: beside the package."""
    beside = package.absolute()
    return beside.with_name(f"{beside.name} opened") if beside.is_dir() else beside.with_suffix("")


def check_steps(files: Files, crate: Crate, package: str) -> Steps[None]:
    """Compare all files with the digests that the package tells; nothing is written.

    Yields
    ------
    Progress in MB.

    Raises
    ------
    UserError
        If one is not what it should be.
    """
    done, total = 0, max(crate.size, MB) // MB
    for file in (file for part in crate.parts for file in part.files):
        digest = hashlib.sha256()
        for chunk in chunks(files, file.path):
            yield Progress("checking", done // MB, total)
            digest.update(chunk)
            done += len(chunk)
        if digest.hexdigest() != file.sha256:
            raise _changed(file, package)


def chunks(files: Files, path: str) -> Iterator[bytes]:
    """Yield what stands in a file, piece by piece."""
    with files.open(path) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def check_room(folder: Path, size: int) -> None:
    """Refuse what the disk has no room for.

    Parameters
    ----------
    folder
        Where it is to lie; it may not be there yet.
    size
        Bytes.

    Raises
    ------
    UserError
        If there is less room.
    """
    free = free_bytes(folder)
    if size > free:
        raise UserError(
            f"What was shared needs {size / MB:,.0f} MB in {folder}, and there are only "
            f"{free / MB:,.0f} MB left on that disk: make room first."
        )


def _read(files: Files, package: str) -> tuple[Files, Crate]:
    size = files.size(METADATA)
    if size is None or size > _LONGEST:
        raise UserError(
            f"{package} is no shared package, or is damaged, as it has no {METADATA}: choose the "
            "ZIP file or the folder that was shared, or get it again."
        )
    crate = from_json(b"".join(chunks(files, METADATA)), package)
    for file in (file for part in crate.parts for file in part.files):
        found = files.size(file.path)
        if found is None:
            raise UserError(f"{package} is not whole, as {file.path} is missing: get it again.")
        if found != file.size:
            raise _changed(file, package)
    return files, crate


def _changed(file: PackedFile, package: str) -> UserError:
    return UserError(
        f"{package} is damaged, or somebody has changed it, as {file.path} is not what it should "
        "be: get it again."
    )
