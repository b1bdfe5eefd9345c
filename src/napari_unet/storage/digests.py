"""Digests by which files are known again, cheap also where a file is very large."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import SourceFile
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from pathlib import Path


WHOLE = 2**30
"""Bytes up to which all of a file is read: a second or two."""
_PARTS, _BYTES = 64, 2**20
_ALL = "all bytes"
_SOME = f"the size and {_PARTS} parts of 1 MiB"
_DESCRIPTIONS = ("zarr.json", ".zarray", ".zattrs", ".zgroup")
_SAMPLES = 16


def file_digest(path: Path) -> str:
    """Return the SHA-256 of all bytes of a file.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}.") from error


def source_file(path: Path | None) -> SourceFile:
    """Return which image a file or a zarr folder is, with a digest that is quick to make.

    Of a file of up to `WHOLE` bytes it is the digest of all of them; of a larger one, of its size
    and of 64 parts that lie evenly in it; of a folder, of the names and sizes of all files in it,
    and of all that is in its descriptions and in 16 of the others. None is an image in no file.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    if path is None:
        return SourceFile()
    whole = path.absolute()
    try:
        sha256, hashed = _of_folder(whole) if whole.is_dir() else _of_file(whole)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}.") from error
    return SourceFile(file=str(whole), sha256=sha256, hashed=hashed)


def _of_file(path: Path) -> tuple[str, str]:
    if path.stat().st_size > WHOLE:
        return _of_parts(path), _SOME
    return file_digest(path), _ALL


def _of_parts(path: Path) -> str:
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for part in range(_PARTS):
            file.seek(part * (size - _BYTES) // (_PARTS - 1))
            digest.update(file.read(_BYTES))
    return digest.hexdigest()


def _of_folder(folder: Path) -> tuple[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    others = [path for path in files if path.name not in _DESCRIPTIONS]
    step = max(1, -(-len(others) // _SAMPLES))
    read = {*others[::step], *(path for path in files if path.name in _DESCRIPTIONS)}
    for path in files:
        digest.update(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n".encode())
        if path in read:
            digest.update(file_digest(path).encode())
    count = counted(len(files), "file")
    return digest.hexdigest(), f"names and sizes of {count}, and what is in {len(read)} of them"
