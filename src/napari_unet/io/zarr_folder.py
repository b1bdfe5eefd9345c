"""Which folders are zarr, and what an image in one is called; told without loading zarr."""

from __future__ import annotations

import os
from pathlib import Path

_MARKS = ("zarr.json", ".zgroup", ".zarray")
_ENDING = ".zarr"


def is_zarr(path: str | Path) -> bool:
    """Tell whether a folder is a zarr array or group, whatever its name."""
    return any((Path(path) / mark).is_file() for mark in _MARKS)


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
