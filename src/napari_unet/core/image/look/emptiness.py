"""Tell a field of view with nothing in it from one that holds objects, however dim.

Normalisation stretches whatever there is to the full range, so that a network sees objects in
noise. In an empty field pixels differ by noise of their own only, on a background that changes
slowly. Then the mean of n pixels strays from the background by the pixels' noise divided by the
root of n, and the noise is known from the differences of neighbours (von Neumann 1941, Ann. Math.
Statist. 12:367). The pixels of an object, however dim, stray together: the means over squares of
its size are many times further away.

The background is a polynomial surface, fitted robustly (Huber 1964, Ann. Math. Statist. 35:73),
and no pixel counts as further from it than `_CLIP` times the noise, so that hot ones do not matter.
Noise that neighbours share, as in a smoothed or compressed picture, is not told from objects:
what is doubtful is not empty.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray
from scipy import ndimage

from napari_unet.core.words import counted

Floats = NDArray[np.float64]

_PART = {1: 65536, 2: 256, 3: 64}
"""Largest edge in pixels of the parts that are looked at one by one, by number of axes."""
_BLOCK = 4
"""Edge in pixels of the smallest squares whose means are looked at."""
_SQUARES = 1, 2, 4
"""Edges of all squares, in blocks: objects of about 4 to 16 pixels, and parts of larger ones."""
_FEWEST = 8
"""Blocks along an axis below which a background and its noise are not known well enough."""
_DEGREE = 6
"""Of the surface; vignettes of microscopes are within a hundredth of their own range of it."""
_MISFIT = 0.01
_CLIP = 3.0
_STRAY = 6.0
"""So many standard errors from the background, and there is something."""
_LEAST = 1e-6
_CLIPPED = 3
"""So often: hot pixels count for less in the noise each time."""
_ROUNDS = 5
"""Of the robust fit."""

_NONE = "No objects were found."
_TRY = "No objects were found: lower the threshold if there are any, or try another model."
_TOO_SMALL = "No objects were found that are as large as the minimum size: lower it."


def looks_empty(windows: Iterable[NDArray[Any]]) -> bool:
    """Tell whether there is nothing but noise, hot pixels and a slowly changing background.

    Parameters
    ----------
    windows
        Parts of one plane or volume, ``(C, *window)``, any real dtype, finite. They are looked at
        one after the other, and no further than the first that holds something.

    Returns
    -------
    True for a constant image; False for one that is too small to tell (less than 32 pixels along
    Y or X).
    """
    return all(
        _part_is_empty(channel[part])
        for window in windows
        for channel in window
        for part in _parts(channel.shape)
    )


def note_on(
    objects: int, empty: int, planes: int, *, too_small: bool = False, explained: bool = False
) -> str:
    """Return what there is to say where planes look empty, or no objects were found.

    Parameters
    ----------
    objects
        Number of objects.
    empty, planes
        Number of planes that look empty, and of all.
    too_small
        Whether there were others, all of which are below the smallest size.
    explained
        Whether it is said elsewhere why objects may be missed, and what to do.

    Returns
    -------
    Sentences, or nothing.
    """
    if empty == planes:
        looks = "the image looks" if planes == 1 else "all planes look"
        return f"No objects were found: {looks} empty (only noise or background)."
    told = []
    if empty:
        looks = "looks" if empty == 1 else "look"
        told.append(f"{empty} of {counted(planes, 'plane')} {looks} empty.")
    if not objects:
        told.append(_TOO_SMALL if too_small else _NONE if explained else _TRY)
    return " ".join(told)


def _parts(shape: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    """Cut a window into parts of about the same size."""
    axes = []
    for size in shape:
        count = -(-size // _PART[len(shape)])
        cuts = [size * number // count for number in range(count + 1)]
        axes.append([slice(*cut) for cut in itertools.pairwise(cuts)])
    return itertools.product(*axes)


def _part_is_empty(pixels: NDArray[Any]) -> bool:
    edges = [_BLOCK if size >= _FEWEST * _BLOCK else 1 for size in pixels.shape]
    values = pixels.astype(np.float64)
    values -= values.min()
    if not values.any():
        return True
    if 1 in edges[-2:]:
        return False
    values /= values.max()
    whole = tuple(slice(size - size % edge) for size, edge in zip(pixels.shape, edges, strict=True))
    away, variance = _residual(values[whole], edges)
    return all(_farthest(away, variance, square) < _STRAY for square in _SQUARES)


def _residual(values: Floats, edges: Sequence[int]) -> tuple[Floats, Floats]:
    """Return how far the mean of each block is from the background, and its variance by noise."""
    background = _surface(_means(values, edges))
    clipped = values
    for _ in range(_CLIPPED):
        noise = np.maximum(_noise(clipped, edges), _MISFIT * np.ptp(background))
        clipped = np.clip(
            values,
            _spread(background - _CLIP * noise, edges),
            _spread(background + _CLIP * noise, edges),
        )
        means = _means(clipped, edges)
        background = _surface(means)
    left = _surface(_variance(clipped, edges), degree=2, rounds=1)
    return means - background, np.maximum(left, noise**2) / np.prod(edges)


def _noise(values: Floats, edges: Sequence[int]) -> Floats:
    """Return the standard deviation of the noise in each block, above 0, of values up to 1."""
    found = np.sqrt(np.maximum(0, _surface(_variance(values, edges), degree=2)))
    return np.maximum(found, max(float(np.median(found)) / 2, _LEAST))


def _variance(values: Floats, edges: Sequence[int]) -> Floats:
    """Return the variance in each block that the differences of neighbours tell of."""
    total = np.zeros(())
    for axis in range(values.ndim):
        last = np.take(values, [-1], axis)
        total = total + _means(np.diff(values, axis=axis, append=last) ** 2, edges)
    return total / (2 * values.ndim)


def _farthest(away: Floats, variance: Floats, square: int) -> float:
    """Return by how many standard errors the mean of some square is away at most."""
    edges = [min(square, size) for size in away.shape]
    inside = tuple(
        slice(edge // 2, size - (edge - 1) // 2)
        for edge, size in zip(edges, away.shape, strict=True)
    )
    mean = ndimage.uniform_filter(away, edges)[inside]
    expected = ndimage.uniform_filter(variance, edges)[inside] / np.prod(edges)
    return float(np.max(np.abs(mean) / np.sqrt(expected)))


def _means(values: Floats, edges: Sequence[int]) -> Floats:
    for axis, edge in enumerate(edges):
        shape = values.shape[:axis], values.shape[axis + 1 :]
        values = values.reshape(*shape[0], -1, edge, *shape[1]).mean(axis + 1)
    return values


def _spread(blocks: Floats, edges: Sequence[int]) -> Floats:
    """Give each pixel the value of its block."""
    for axis, edge in enumerate(edges):
        blocks = np.repeat(blocks, edge, axis)
    return blocks


def _surface(blocks: Floats, degree: int = _DEGREE, rounds: int = _ROUNDS) -> Floats:
    """Fit a polynomial to blocks, by reweighted least squares where there are several rounds."""
    basis, wanted = _basis(blocks.shape, degree), blocks.ravel()
    weight = np.ones_like(wanted)
    for _ in range(rounds):
        weighted = (basis * weight[:, np.newaxis]).T
        fitted = basis @ np.linalg.lstsq(weighted @ basis, weighted @ wanted, rcond=None)[0]
        away = np.abs(wanted - fitted)
        # Huber's 1.5 standard deviations, which are 1.48 times the median of deviations
        usual = 1.5 * 1.48 * np.median(away) + np.finfo(np.float32).tiny
        weight = usual / np.maximum(usual, away)
    return fitted.reshape(blocks.shape)


@lru_cache(maxsize=8)
def _basis(shape: tuple[int, ...], degree: int) -> Floats:
    """Return the products of Legendre polynomials up to a degree, ``(blocks, terms)``."""
    degrees = [min(degree, size // _FEWEST) for size in shape]
    along = [
        legendre.legvander((2 * np.arange(size) + 1) / size - 1, most)
        for size, most in zip(shape, degrees, strict=True)
    ]
    terms = []
    for powers in itertools.product(*(range(most + 1) for most in degrees)):
        if sum(powers) <= degree:
            term = np.ones(())
            for values, power in zip(along, powers, strict=True):
                term = np.multiply.outer(term, values[:, power])
            terms.append(term.ravel())
    return np.stack(terms, axis=1)
