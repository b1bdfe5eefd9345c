"""Size, place and axes of objects, from their second moments as in scikit-image."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.instances.measure import SIZES, equivalent_diameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.pixels import Pixels, Runs

    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[Any]]


def size_and_place(pixels: Pixels, voxel: tuple[float, ...]) -> Columns:
    """Return how large objects are, where they lie, how long they are and which way they point.

    Parameters
    ----------
    pixels
        Of all objects of a window.
    voxel
        Size of a pixel along each axis.

    Returns
    -------
    Columns ``(n,)``: int64 or float64, in units of the voxel; angles in radians.
    """
    ndim = len(voxel)
    runs, count = pixels.runs, pixels.sums()
    first, second = _sums(runs, len(count))
    mean, n = first / count[:, None], count[:, None, None].astype(float)
    # whole numbers up to the division, so that what is 0 is exactly so
    spread = (second * n - first[:, :, None] * first[:, None, :]) / n**2
    corner = np.array([start for start, _ in pixels.window.region])
    corner = corner - [cut.start for cut in pixels.window.inside]
    centre = (mean + pixels.window.boxes.low + corner) * voxel
    size = count * math.prod(voxel)
    columns = {"pixels": count, SIZES[ndim]: size}
    columns |= {
        f"centroid_{axis}": each for axis, each in zip("zyx"[-ndim:], centre.T, strict=True)
    }
    columns["equivalent_diameter"] = equivalent_diameter(size, ndim)
    return columns | _axes(spread * np.outer(voxel, voxel))


def _sums(runs: Runs, objects: int) -> tuple[Floats, Floats]:
    """Add up places and products of places, counted from the object's corner; exact."""
    n, start = runs.length.astype(float), runs.start.astype(float)
    ndim = start.shape[1]
    line = n * start[:, -1] + n * (n - 1) / 2
    sums = [n * start[:, axis] for axis in range(ndim - 1)] + [line]
    first: Floats = np.stack([np.bincount(runs.number, each, objects) for each in sums], axis=1)
    second = np.empty((objects, ndim, ndim))
    for one in range(ndim):
        for other in range(one, ndim):
            weights = start[:, one] * sums[other]
            if one == ndim - 1:
                x = start[:, -1]
                weights = n * x**2 + x * n * (n - 1) + n * (n - 1) * (2 * n - 1) / 6
            second[:, one, other] = np.bincount(runs.number, weights, objects)
            second[:, other, one] = second[:, one, other]
    return first, second


def _axes(spread: Floats) -> Columns:
    """Return axes of the ellipse or ellipsoid with the same moments, from the covariances."""
    ndim = spread.shape[-1]
    trace = np.trace(spread, axis1=1, axis2=2)
    inertia = trace[:, None, None] * np.eye(ndim) - spread
    if ndim == 2:
        small, large = np.linalg.eigvalsh(inertia).clip(0).T
        a, b, c = inertia[:, 0, 0], spread[:, 0, 1], inertia[:, 1, 1]
        even = np.where(b > 0, math.pi / 4, -math.pi / 4)
        return {
            "axis_major_length": 4 * np.sqrt(large),
            "axis_minor_length": 4 * np.sqrt(small),
            "eccentricity": np.sqrt(1 - small / np.where(large, large, 1)) * (large > 0),
            "orientation": np.where(a == c, even, 0.5 * np.arctan2(2 * b, c - a)),
        }
    values, vectors = np.linalg.eigh(inertia)
    third, middle, largest = values.clip(0).T
    total = values.clip(0).sum(axis=1)
    long, wide, thin = (
        np.sqrt(10 * (total - 2 * each).clip(0)) for each in (third, middle, largest)
    )
    z, y, x = vectors[:, :, 0].T  # about its longest axis a body has the least inertia
    flip = np.where(z < 0, -1.0, 1.0)
    return {
        "axis_major_length": long,
        "axis_middle_length": wide,
        "axis_minor_length": thin,
        "elongation": 1 - thin / np.where(long, long, 1) - (long == 0),
        "orientation": np.arctan(x / np.where(y, y, np.finfo(float).tiny)),
        "elevation": np.arctan2(z * flip, np.hypot(y, x)),
    }
