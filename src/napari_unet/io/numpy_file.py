"""Arrays in numpy's files, and those of Cellpose, which hold Python objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.io.picture import Picture
from napari_unet.io.tiff.read import LARGE

_CELLPOSE = "_seg.npy"
NO_IMAGES = (
    "annotations of Cellpose are labels, not images. To learn from them, give them as labels."
)
"""Why such a file is left out of images."""
_SAVE_NUMBERS = (
    "it holds Python objects and is not opened, as such files can hold programs. Save the numbers "
    "alone, as an array."
)


def is_of_cellpose(path: Path) -> bool:
    """Tell whether a file is an annotation of Cellpose, which holds Python objects."""
    return path.name.endswith(_CELLPOSE) and path.is_file() and _holds_objects(path)


def read_npy(path: Path) -> Picture:
    """Read an array, which stays in a large file."""
    if _holds_objects(path):
        told = NO_IMAGES if path.name.endswith(_CELLPOSE) else _SAVE_NUMBERS
        raise UserError(f"{path.name}: {told}")
    large = path.stat().st_size > LARGE
    data = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    return Picture(data, name=path.stem)


def read_npy_labels(path: Path) -> Picture:
    """Read labels, of Cellpose or plain."""
    if is_of_cellpose(path):
        from napari_unet.io.foreign.cellpose import read_cellpose  # noqa: PLC0415

        return read_cellpose(path)
    return read_npy(path)


def _holds_objects(path: Path) -> bool:
    """Tell whether a numpy file holds Python objects, from its head alone."""
    try:
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                return False
            return bool(np.lib.format.read_array_header_1_0(file)[2].hasobject)
    except (OSError, ValueError):
        return False
