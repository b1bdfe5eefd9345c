"""Holes in objects, as those have of which only the outlines are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import NDArray


def holes(instances: NDArray[Any], ignored: NDArray[np.bool_]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Find background that one object encloses in a plane along Y and X.

    Parameters
    ----------
    instances
        Integer ``(*spatial)``, 0 = no object, and where pixels are ignored.
    ignored
        Which pixels do not count, bool of the same shape; what holds some is no hole.

    Returns
    -------
    For each hole the number of its object, and how many pixels it has; both ``(holes,)``.
    """
    beside = np.zeros((3,) * instances.ndim, bool)
    beside[(1,) * (instances.ndim - 2)] = scipy.ndimage.generate_binary_structure(2, 1)
    areas, count = scipy.ndimage.label(instances == 0, beside)
    closed = np.arange(count + 1) > 0
    for edge in (areas[..., [0, -1], :], areas[..., [0, -1]], areas[ignored]):
        closed[edge.ravel()] = False
    pixels = np.flatnonzero(closed[areas])
    where, numbers = areas.ravel()[pixels], instances.ravel()
    low, high = np.full(count + 1, np.iinfo(np.int64).max), np.zeros(count + 1, np.int64)
    for step in (1, -1, instances.shape[-1], -instances.shape[-1]):
        around = numbers[pixels + step].astype(np.int64)
        painted = around > 0
        np.minimum.at(low, where[painted], around[painted])
        np.maximum.at(high, where[painted], around[painted])
    found = np.flatnonzero(closed & (low == high))
    return high[found], np.bincount(where, minlength=count + 1)[found]
