"""How doubtful each object is, from what the network said about its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import check_labels, whole
from napari_unet.core.instances.overlaps import class_of_each
from napari_unet.core.measuring.pixels import faces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_unet.core.measuring.pixels import Pixels

    Columns = dict[str, NDArray[Any]]
    Floats = NDArray[np.float64]

_ROUNDED = 1e-3
"""Probabilities that come so far beyond 0 or 1 are rounded."""
_APART = 0.25
"""Mean spread of views that is full doubt: half of the most that there can be."""


def class_of(pixels: Pixels, classes: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the class that most pixels of each object have, as `class_of_each` decides.

    Parameters
    ----------
    pixels
        Of all objects of a window.
    classes
        Class of each pixel of the window, integer ``(*region)``.
    """
    own = whole(classes[pixels.inner_mask])
    own = own.astype(np.uint8) if own.dtype == bool else own
    check_labels(own, "The image of classes")
    found = class_of_each(pixels.number + 1, own)  # each has a pixel, so that none is missing
    return np.array(list(found.values()), np.int64)


def doubt_of(pixels: Pixels, told: Mapping[str, NDArray[Any]]) -> Columns:
    """Return the mean probability of being foreground, and the doubt of each object.

    Four things make an object doubtful, each from 0 to 1: how close its pixels are to a toss of
    a coin, ``1 - |2 p - 1|`` on average; how much its highest point is lower than 1, where clear
    objects end; how deep the valley to a neighbour that it touches is not, the highest pass over
    that border over its own highest point, where one object may have been cut in two; and how
    far views of the image disagree, the mean spread over 0.25. The doubt is the chance that at
    least one of them is true, ``1 - (1 - a) (1 - b) (1 - c) (1 - d)``, were they chances that do
    not depend on each other. What is not known adds nothing.

    Parameters
    ----------
    pixels
        Of all objects of a window.
    told
        Of ``probability``, ``height`` and ``spread`` those that are known, float ``(*region)``.

    Returns
    -------
    Columns float64 ``(n,)``; none where nothing is known.

    Raises
    ------
    UserError
        For a probability or spread that is not from 0 to 1, and a height that is no number.
    """
    columns: Columns = {}
    sure, count, mask = np.ones(pixels.count), pixels.sums(), pixels.inner_mask
    if "probability" in told:
        probability = _of_0_to_1(told["probability"][mask], "probability")
        columns["probability"] = pixels.sums(probability) / count
        sure *= pixels.sums(np.abs(2 * probability - 1)) / count
    if "height" in told:
        if np.isnan(told["height"][mask]).any():
            raise UserError("The height of some pixels of objects is no number (NaN).")
        summit, passes = _summits(pixels, told["height"])
        sure *= summit * (1 - np.divide(passes, summit, out=np.ones(len(summit)), where=summit > 0))
    if "spread" in told:
        spread = _of_0_to_1(told["spread"][mask], "spread")
        sure *= 1 - (pixels.sums(spread) / count / _APART).clip(0, 1)
    if columns or set(told) & {"height", "spread"}:
        columns["doubt"] = 1 - sure
    return columns


def _of_0_to_1(values: NDArray[Any], what: str) -> Floats:
    """Return what is told of the pixels of objects, without what is rounded off."""
    values = values.astype(np.float64)
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    if not (low >= -_ROUNDED and high <= 1 + _ROUNDED):
        raise UserError(
            f"The {what} of a pixel is a number from 0 to 1, but those of objects are {low:g} to "
            f"{high:g}: divide them by their highest possible one."
        )
    return values.clip(0, 1)


def _summits(pixels: Pixels, height: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Return the highest point of each object, and that of its borders to others; of 0 to 1."""
    window = pixels.window
    summit, passes = np.zeros(pixels.count), np.zeros(pixels.count)
    np.maximum.at(summit, pixels.number, height[pixels.inner_mask])
    padded = np.zeros(window.objects.shape, height.dtype)
    padded[window.inside] = height
    flat, border = padded.ravel(), pixels.border
    place, label, number = (each[border] for each in (pixels.flat, pixels.label, pixels.number))
    for offset in faces(window.objects.ndim):
        other = pixels.beside(offset, border)
        meets = (other > 0) & (other != label)
        lower = np.minimum(flat[place[meets]], flat[place[meets] + pixels.step(offset)])
        np.maximum.at(passes, number[meets], lower)
    return summit.clip(0, 1), np.minimum(passes, summit).clip(0, 1)
