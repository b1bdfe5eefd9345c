"""`grow_cells`: cells around nuclei, where nothing shows how far they reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import skimage
from scipy import ndimage

from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.instances.labels import compact_labels
from napari_unet.core.measuring.request import MeasureRequest
from napari_unet.core.pairing.stack import Stack, check_same_shape, labels_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.request import MeasureFields

    Integers = NDArray[np.integer[Any]]


def grow_cells(
    nuclei: Any,
    distance: float,
    height: Any = None,
    request: MeasureRequest | None = None,
    **fields: Unpack[MeasureFields],
) -> NDArray[np.integer[Any]]:
    """Grow cells from nuclei, in each plane or volume.

    Parameters
    ----------
    nuclei
        Labels, integer, 0 = no object; numpy, dask or zarr, read into memory.
    distance
        How far a pixel of a cell may be from the nearest nucleus, in the unit of the spacing.
    height
        What cells are grown along, of the shape of the nuclei: higher inside cells than at their
        borders, such as a probability. None for plain expansion, where each pixel belongs to the
        nearest nucleus. With a height the cells are the catchment basins of a watershed from the
        nuclei, within the same distance.
    request
        How the axes are to be read, and the size of a pixel; see `MeasureRequest`.
    **fields
        Fields of a `MeasureRequest` by their names, in place of a request or to change it.

    Returns
    -------
    Labels of the nuclei's shape, dtype and numbers; each nucleus lies in its cell.

    Raises
    ------
    UserError
        For what cannot be labels, a height that does not fit, or a distance below 0.
    """
    nuclei = labels_of(nuclei, "The nuclei image")
    check_length(distance, "distance")
    if height is not None:
        height = np.asarray(height)
        check_same_shape(nuclei, height, "Nuclei and height")
        check_image(height, blank_allowed=True)
    stack = Stack.of(nuclei, (request or MeasureRequest()).replace(**fields))
    cells: Integers = np.zeros_like(nuclei)
    source, target = stack.view(nuclei), stack.view(cells)
    along = None if height is None else stack.view(height)
    for place in stack:
        target[place] = (
            expand(source[place], distance, stack.voxel)
            if along is None
            else _flooded(source[place], distance, along[place], stack.voxel)
        )
    return cells


def check_length(length: float, what: str) -> None:
    """Refuse a length that cannot be one.

    Raises
    ------
    UserError
        For a number below 0, and for one that is not finite.
    """
    if not 0 <= length < math.inf:
        raise UserError(f"{what} must be a number of at least 0, not {length}.")


def expand(labels: Integers, distance: float, voxel: tuple[float, ...]) -> Integers:
    """Expand the objects of a plane or volume; of two the nearer one has a pixel.

    Parameters
    ----------
    labels
        Integer ``(*spatial)``, 0 = no object.
    distance
        How far, in units of the voxel.
    voxel
        Size of a pixel along each axis.
    """
    if not labels.any():
        return labels
    grown: Integers = skimage.segmentation.expand_labels(labels, distance, spacing=voxel)  # type: ignore[no-untyped-call]
    return grown


def _flooded(
    nuclei: Integers, distance: float, height: NDArray[Any], voxel: tuple[float, ...]
) -> Integers:
    if not nuclei.any():
        return nuclei
    near = ndimage.distance_transform_edt(nuclei == 0, sampling=voxel) <= distance
    numbers, which = compact_labels(nuclei)
    if numbers[0] > 0:
        numbers, which = np.r_[0, numbers], which + 1
    high = height.astype(np.float64)
    basins = skimage.segmentation.watershed(-high, which.astype(np.int32), mask=near)  # type: ignore[no-untyped-call]
    return np.asarray(numbers[basins].astype(nuclei.dtype))
