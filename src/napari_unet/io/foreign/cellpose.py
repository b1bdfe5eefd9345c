"""Annotations of Cellpose, read without running what such a file could hold."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.io.picture import Picture

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

_ARRAYS = {
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    *(
        (f"numpy.{core}.multiarray", name)
        for core in ("core", "_core")
        for name in ("_reconstruct", "scalar")
    ),
    *((f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")),
}
"""All that a file may name: what makes arrays and numbers of numpy from their bytes."""


class _Arrays(pickle.Unpickler):
    """Reads arrays, numbers, texts and plain containers, and calls nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what makes arrays; refuse everything else."""
        if (module, name) not in _ARRAYS:
            raise UserError(
                f"it names {module}.{name}, which is no array, and is not opened, as such files "
                "can hold programs. In Cellpose, save the masks as PNG or TIFF, and give these."
            )
        return super().find_class(module, name)


def read_cellpose(path: Path) -> Picture:
    """Read the masks of an annotation.

    Parameters
    ----------
    path
        A file that Cellpose calls ``NAME_seg.npy``.

    Raises
    ------
    UserError
        If it holds anything but arrays and plain containers, or no masks.
    """
    with path.open("rb") as file:
        try:
            about = _unpacked(file)
        except UserError as error:
            raise UserError(f"{path.name}: {error}") from error
    masks = about.get("masks") if isinstance(about, dict) else None
    if not isinstance(masks, np.ndarray) or masks.dtype.kind not in "iuf" or masks.ndim < 2:
        raise UserError(f"{path.name} has no masks in it: save them again in Cellpose.")
    axes = {2: "YX", 3: "ZYX"}.get(masks.ndim)
    return Picture(masks, axes, name=path.stem, labels=True)


def _unpacked(file: BinaryIO) -> Any:
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("its head is of another version")
    np.lib.format.read_array_header_1_0(file)
    try:
        packed = _Arrays(file).load()
    except (pickle.UnpicklingError, AttributeError, ImportError) as error:
        raise ValueError(str(error)) from error
    return packed.item() if isinstance(packed, np.ndarray) and packed.ndim == 0 else packed
