"""A flood from one pixel: at which level it is stopped, and by which of several pictures.

As the level falls, the flooded part grows. It is stopped where the picture falls most steeply along
its whole outline, for that is what people take for an edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Picture = NDArray[np.floating[Any]]

LEVELS = 256
"""Levels that are tried between the pixel's own and the lowest."""
SPREAD = 0.9
"""How far sizes may be from the usual one: the standard deviation of their logarithm."""
FEWEST = 9
"""Pixels of the smallest part."""


@dataclass(frozen=True)
class Flooded:
    """A part that was flooded, and how steep its outline is, in units of the picture per pixel."""

    mask: Mask
    steepness: float


def flood(
    picture: Picture,
    free: Mask,
    seeds: tuple[tuple[int, ...], tuple[int, ...]],
    leaks: Mask,
    usual: float | None,
) -> Flooded | None:
    """Flood what is brighter than its surroundings, from one of its pixels.

    Parameters
    ----------
    picture
        Floats, of any number of axes.
    free
        True where the flood may go, of the same shape.
    seeds
        The pixel, which is free, and another one that the flood has to reach.
    leaks
        True where a flood that comes there has run out, of the same shape.
    usual
        How many pixels such parts usually have; None where that is not known.

    Returns
    -------
    None where the pixel is no higher than what is around it, or all floods run out.
    """
    depth = _levels(picture, free, seeds[0])
    if depth is None:
        return None
    tried = np.arange(LEVELS)
    sizes = np.bincount(depth[free], minlength=LEVELS)[::-1].cumsum()[::-1].astype(float)
    allowed = (sizes >= FEWEST) & (sizes <= picture.size / 2)
    allowed &= (tried > depth[leaks & free].max(initial=-1)) & (tried <= depth[seeds[1]])
    worth = np.where(allowed, _steepness(picture, free, depth), 0)
    if usual is not None:
        far = np.log(np.maximum(sizes, 1) / usual)
        worth = worth * np.exp(-0.5 * (far / SPREAD) ** 2) * (np.abs(far) < np.log(8))
    level = int(worth.argmax())
    return Flooded(depth >= level, float(worth[level])) if worth[level] > 0 else None


def _levels(picture: Picture, free: Mask, seed: tuple[int, ...]) -> NDArray[np.intp] | None:
    """Return at which level each pixel is flooded, the highest first; -1 where it never is."""
    low = picture.min()
    dammed = np.where(free, picture, low)
    top = dammed[seed]
    if top <= low:
        return None
    start = np.full_like(dammed, low)
    start[seed] = top
    cross = scipy.ndimage.generate_binary_structure(picture.ndim, 1)
    reached = skimage.morphology.reconstruction(start, dammed, footprint=cross)  # type: ignore[no-untyped-call]
    depth = ((reached - low) / (top - low) * (LEVELS - 1)).astype(np.intp)
    return np.where(free, depth.clip(0, LEVELS - 1), -1)


def _steepness(picture: Picture, free: Mask, depth: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how far the picture falls on average across the outline at each level."""
    count, fall = np.zeros(LEVELS + 1), np.zeros(LEVELS + 1)
    for inner, outer in _neighbours(picture.ndim):
        crossed = (depth[inner] > depth[outer]) & free[outer]
        ends = depth[outer][crossed] + 1, depth[inner][crossed] + 1
        drop = (picture[inner] - picture[outer])[crossed]
        for sign, end in zip((1, -1), ends, strict=True):
            count += sign * np.bincount(end, minlength=LEVELS + 1)
            fall += sign * np.bincount(end, drop, minlength=LEVELS + 1)
    count, fall = count.cumsum()[:LEVELS], fall.cumsum()[:LEVELS]
    return np.where(count > 0.5, fall / np.maximum(count, 1), 0)


def _neighbours(ndim: int) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    for axis in range(ndim):
        pair = [(*[slice(None)] * axis, part) for part in (slice(None, -1), slice(1, None))]
        yield pair[0], pair[1]
        yield pair[1], pair[0]
