"""Labels that lie some pixels beside what they outline.

Outlines are moved over the slopes of the grey values by all distances up to a few pixels. Right
ones lie best where they are, also where all objects are painted too large or too small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.instances.looks import middle
from napari_unet.core.review.finding import Finding
from napari_unet.core.review.lying import PLANES, outlines_of, ranks, spread_greys
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.core.review.one_image import ImageFacts

Shift = tuple[int, int]
_FURTHEST, _LEAST = 10, 2
"""Pixels along an axis that are looked at, and by which labels have to lie elsewhere to be told."""
_BLUR = 1.0
_CLEAR, _HERE, _OPPOSITE = 0.12, 0.7, 0.3
"""By how much the mean rank, 0 to 1, of slopes under moved outlines differs from the usual one, and
shares of that which are left where they are and where they are moved as far the other way.

Of 210 right images of all kinds none is told, of 222 with objects grown by 3 or 6 pixels or shrunk
by 3 three, of 115 that are mirrored or another's one, of 74 with labels 3 to 10 pixels away 60.
"""
_FEWEST = 50
"""Pixels of outlines from which on they tell something."""


def shift_of(
    image: NDArray[Any], instances: NDArray[Any], counts: NDArray[np.bool_]
) -> Shift | None:
    """Tell by how many pixels labels lie beside what they outline.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    instances
        Integer ``(*spatial)``.
    counts
        Which of their pixels do, ``(*spatial)``.

    Returns
    -------
    By how many pixels along Y and X the labels have to be moved; None where they lie well, or it
    cannot be told.
    """
    fits = _fits(image, instances, counts)
    return None if fits is None else _best(fits)


def shifted(facts: Sequence[ImageFacts]) -> list[Finding]:
    """Warn of images whose labels lie beside what they outline in most planes."""
    told = [(each.annotated.name, moved) for each in facts if (moved := _usual(each))]
    if not told:
        return []
    name, move = told[0]
    advice = "look at image and labels together, and at how the labels were made or exported."
    if len(told) == 1:
        text = f"The labels lie {_far(move)} beside what they outline."
        return [Finding("warning", text, f"Move them by {_words(move)}, or {advice}", name)]
    text = (
        f"The labels of {len(told)} of {len(facts)} images lie some pixels beside what they "
        f"outline, such as those of {name} by {_far(move)}."
    )
    return [Finding("warning", text, f"Move those of {name} by {_words(move)}, or {advice}")]


def _usual(facts: ImageFacts) -> Shift | None:
    """Return by how much the labels of an image have to be moved; None where they lie well."""
    judged = [plane for plane in facts.planes if plane.astray is not None]
    moves = [plane.shift for plane in judged if plane.shift is not None]
    if 2 * len(moves) <= len(judged):
        return None
    down, right = np.median(moves, axis=0).round().astype(int).tolist()
    return down, right


def _far(move: Shift) -> str:
    return counted(round(float(np.hypot(*move))), "pixel")


def _words(move: Shift) -> str:
    ways = zip(move, (("down", "up"), ("to the right", "to the left")), strict=True)
    return " and ".join(f"{counted(abs(by), 'pixel')} {way[by < 0]}" for by, way in ways if by)


def _best(fits: NDArray[np.float64]) -> Shift | None:
    """Return where outlines lie far better than in their own place and than on the other side."""
    reach = _FURTHEST + 1
    y, x = np.unravel_index(np.abs(fits).argmax(), fits.shape)
    best, here, opposite = fits[y, x], fits[reach, reach], fits[-1 - y, -1 - x]
    move = int(y) - reach, int(x) - reach
    inside = max(map(abs, move)) <= _FURTHEST and np.hypot(*move) >= _LEAST
    clear = abs(best) > _CLEAR and here / best < _HERE
    return move if inside and clear and opposite / best < _OPPOSITE else None


def _fits(
    image: NDArray[Any], instances: NDArray[Any], counts: NDArray[np.bool_]
) -> NDArray[np.float64] | None:
    """Return how steep grey values are under outlines, moved by up to 11 pixels, ``(23, 23)``."""
    window: tuple[Any, ...] = (..., *map(middle, instances.shape[-2:]))
    labels, known, seen = instances[window], counts[window], image[window]
    shape, reach = labels.shape[-2:], _FURTHEST + 1
    if min(shape) <= 4 * reach:
        return None
    labels, known = labels.reshape(-1, *shape), known.reshape(-1, *shape)
    seen = seen.reshape(len(seen), -1, *shape)
    inside = np.zeros(shape, bool)
    inside[reach:-reach, reach:-reach] = True
    fits, pixels = np.zeros(shape), 0
    for index in range(0, len(labels), -(-len(labels) // PLANES)):
        outlines = outlines_of(labels[index]) & known[index] & inside
        if outlines.any():
            slopes = np.fft.rfft2(_slopes(seen[:, index]))
            fits += np.fft.irfft2(slopes * np.fft.rfft2(outlines).conj(), shape)
            pixels += int(np.count_nonzero(outlines))
    if pixels < _FEWEST:
        return None
    near = np.roll(fits, (reach, reach), (0, 1))[: 2 * reach + 1, : 2 * reach + 1]
    fit: NDArray[np.float64] = (near - np.median(near)) / pixels
    return fit


def _slopes(channels: NDArray[Any]) -> NDArray[np.float64]:
    """Return the ranks of the slopes of a plane, 0 to 1."""
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    grey = [spread_greys(channel) for channel in channels]
    slopes = np.sum([ndimage.gaussian_gradient_magnitude(each, _BLUR) for each in grey], axis=0)
    return ranks(slopes)
