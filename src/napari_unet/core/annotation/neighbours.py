"""Which pictures look like neighbouring frames of one film."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_EDGE, _EVEN = 64, 4.0
"""Pixels along Y and X of the small pictures that are compared, about, and the sigma beyond which
brightness is uneven light.
"""
_DETAIL, _RANKS = 0.58, 0.55
"""Correlation of their fine detail, and of its ranks, from which on pictures are neighbours.

Of neighbouring frames of a film of moving cells both are .60 to .80 and .59 to .77, five frames
apart at most .39 and .33. Of the pairs of all other shared images that show different places none
has both; the most are .52 of one that has .61, and .71 of one that has .40: specks on a camera.
"""


def neighbours(pixels: Sequence[NDArray[Any]]) -> list[tuple[int, int]]:
    """Find pictures that look like neighbouring frames.

    Parameters
    ----------
    pixels
        ``(C, *spatial)`` of each, any real dtype. Small ones, blank ones and volumes are not told.

    Returns
    -------
    Pairs of indices.
    """
    shapes: dict[tuple[int, ...], list[int]] = {}
    for index, image in enumerate(pixels):
        if image.ndim == 3 and min(image.shape[1:]) >= _EDGE:
            shapes.setdefault(image.shape, []).append(index)
    return [pair for same in shapes.values() if len(same) > 1 for pair in _pairs(pixels, same)]


def _pairs(pixels: Sequence[NDArray[Any]], same: Sequence[int]) -> list[tuple[int, int]]:
    details = [_detail(pixels[index]) for index in same]
    ranks = [each.argsort().argsort().astype(np.float32) for each in details]
    like = (_correlations(details) > _DETAIL) & (_correlations(ranks) > _RANKS)
    return [(same[a], same[b]) for a, b in combinations(range(len(same)), 2) if like[a, b]]


def _detail(image: NDArray[Any]) -> NDArray[np.float32]:
    """Return a small picture without uneven light, as a vector."""
    channels, *size = image.shape
    by = [each // _EDGE for each in size]
    cut = image[:, : by[0] * (size[0] // by[0]), : by[1] * (size[1] // by[1])]
    blocks = cut.reshape(channels, -1, by[0], size[1] // by[1], by[1])
    small = blocks.mean(axis=(0, 2, 4), dtype=np.float32)
    detail: NDArray[np.float32] = small - scipy.ndimage.gaussian_filter(small, _EVEN)
    return detail.ravel()


def _correlations(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    table = np.stack(vectors)
    table -= table.mean(axis=1, keepdims=True)
    table /= np.maximum(np.linalg.norm(table, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return table @ table.T
