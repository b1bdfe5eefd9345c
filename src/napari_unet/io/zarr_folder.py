"""Which folders are zarr and finished, and what an image in one is called; without loading zarr."""

from __future__ import annotations

import os
from pathlib import Path

_MARKS = ("zarr.json", ".zgroup", ".zarray")
_ENDING = ".zarr"
_UNFINISHED = ".unfinished"
"""The file that lies in labels until all of them are written."""


def is_zarr(path: str | Path) -> bool:
    """Tell whether a folder is a zarr array or group, whatever its name."""
    return any((Path(path) / mark).is_file() for mark in _MARKS)


def mark_unfinished(path: Path) -> None:
    """Say of a zarr folder that more will be written to it, before anybody takes it for whole."""
    (path / _UNFINISHED).touch()


def mark_finished(path: Path) -> None:
    """Say of a zarr folder that all of it is written; that it was not is forgotten at once."""
    (path / _UNFINISHED).unlink(missing_ok=True)


def is_unfinished(path: Path) -> bool:
    """Tell whether there is more to be written to a zarr folder, or to the one that it lies in."""
    return any((each / _UNFINISHED).is_file() for each in (path, path.absolute().parent))


def is_zarr_name(path: Path) -> bool:
    """Tell whether a folder is called like a zarr folder."""
    return path.suffix.lower() == _ENDING


def zarr_name(path: str | Path) -> str:
    """Return what an image is called: ``cells`` in ``cells.zarr``, ``bf_0`` in ``bf.zarr/0``.

    Parameters
    ----------
    path
        A zarr folder, which may lie in another one.
    """
    whole = Path(os.path.abspath(path))
    around = (whole, *whole.parents)
    called = [each for each in around if is_zarr_name(each)]
    root = called[0] if called else [whole, *filter(is_zarr, around)][-1]
    first = root.stem if called else root.name
    return "_".join([first, *whole.relative_to(root).parts])


def is_zarr_folder(path: Path) -> bool:
    """Return whether a path is a folder to be read as an image: one in zarr, or called so."""
    return path.is_dir() and (is_zarr_name(path) or is_zarr(path))


def image_name(path: Path) -> str:
    """Return what an image's results are called: its file's name without the ending."""
    return zarr_name(path) if is_zarr_folder(path) else path.stem
