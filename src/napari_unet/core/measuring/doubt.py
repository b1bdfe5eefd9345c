"""How doubtful each object is, from what the network said about its pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_unet.core.measuring.pixels import Pixels

    Columns = dict[str, NDArray[Any]]

_APART = 0.25
"""Mean spread of views that is full doubt: half of the most that there can be."""


def class_of(pixels: Pixels, classes: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the class that most pixels of each object have; the lower one of two.

    Parameters
    ----------
    pixels
        Of all objects of a window.
    classes
        Class of each of these pixels, integer ``(pixels,)``.
    """
    count = int(classes.max(initial=0)) + 1
    both = pixels.number.astype(np.int64) * count + classes
    found = np.bincount(both, minlength=pixels.count * count)
    table = found.reshape(pixels.count, count)
    return np.asarray(table.argmax(axis=1), np.int64)


def doubt_of(pixels: Pixels, told: Mapping[str, NDArray[Any]]) -> Columns:
    """Return the mean probability of being foreground, and the doubt of each object.

    Three things make an object doubtful, each from 0 to 1: how close its pixels are to a toss of
    a coin, ``1 - |2 p - 1|`` on average; how much its highest point is lower than 1, where clear
    objects end; and how far views of the image disagree, the mean spread over 0.25. The doubt is
    the chance that at least one of them is true, ``1 - (1 - a) (1 - b) (1 - c)``, were they
    chances that do not depend on each other. What is not known adds nothing.

    Parameters
    ----------
    pixels
        Of all objects of a window.
    told
        Of ``probability``, ``height`` and ``spread`` those that are known, float ``(pixels,)``.

    Returns
    -------
    Columns float64 ``(n,)``; none where nothing is known.
    """
    columns: Columns = {}
    sure, count = np.ones(pixels.count), pixels.sums()
    if "probability" in told:
        probability = told["probability"].astype(np.float64)
        columns["probability"] = pixels.sums(probability) / count
        sure *= pixels.sums(np.abs(2 * probability - 1)) / count
    if "height" in told:
        summit = np.full(pixels.count, -np.inf)
        np.maximum.at(summit, pixels.number, told["height"])
        sure *= summit.clip(0, 1)
    if "spread" in told:
        sure *= 1 - (pixels.sums(told["spread"]) / count / _APART).clip(0, 1)
    if columns or set(told) & {"height", "spread"}:
        columns["doubt"] = 1 - sure
    return columns
