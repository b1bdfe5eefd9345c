"""The ridge around a pixel: a membrane, or the halo of a cell in phase contrast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from napari_unet.core.instances.flood import Mask, Picture


def enclosed(picture: Picture, near: Mask, far: Mask) -> Mask:
    """Return what lies on this side of the ridges between a pixel and what is far from it.

    Parameters
    ----------
    picture
        Floats, of any number of axes, high on the ridges.
    near, far
        Where the water comes from on both sides, of the same shape.
    """
    sources = np.where(near, 1, np.where(far, 2, 0))
    mask: Mask = skimage.segmentation.watershed(picture, sources) == 1  # type: ignore[no-untyped-call]
    return mask


def rise(picture: Picture, mask: Mask, width: float, spacing: Sequence[float]) -> float:
    """Return how far the outline of a part stands above what is inside and around; 0 for none.

    Parameters
    ----------
    picture, mask
        Floats, and True in the part, of the same shape.
    width
        How far from the outline the ridge ends, in the unit of `spacing`.
    spacing
        Size of a pixel along each axis.
    """
    zones = _zones(mask, width, spacing)
    if not all(zone.any() for zone in zones):
        return 0.0
    inside, ridge, around = (float(picture[zone].mean()) for zone in zones)
    return ridge - max(inside, around)


def step(picture: Picture, mask: Mask, width: float, spacing: Sequence[float]) -> float:
    """Return how far a part is from what is around it, as `rise`; 0 where there is none of both."""
    inside, _, around = _zones(mask, width, spacing)
    if not (inside.any() and around.any()):
        return 0.0
    return abs(float(picture[inside].mean() - picture[around].mean()))


def _zones(mask: Mask, width: float, spacing: Sequence[float]) -> tuple[Mask, Mask, Mask]:
    """Return what is inside, on and around the outline of a part."""
    padded = np.pad(mask, 1, mode="edge")  # the end of the picture is no outline
    depth = _distance(padded, spacing)[(slice(1, -1),) * mask.ndim]
    away = _distance(~mask, spacing)
    return depth > width, (depth <= width) & (away <= width), (away > width) & (away <= 3 * width)


def _distance(mask: Mask, spacing: Sequence[float]) -> NDArray[np.float64]:
    distance: NDArray[np.float64] = scipy.ndimage.distance_transform_edt(mask, sampling=spacing)
    return distance
