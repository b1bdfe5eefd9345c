"""What counts of objects that are found where only a part of an image is annotated."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.instances.labels import compact_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


_ALONE = 0.6
"""Share of its outline beyond which nothing counts, from which on an object was painted alone. One
that the edge of what is annotated cuts has a half of its own outline left."""


def uncounted(
    found: NDArray[Any], labels: NDArray[Any], ignored: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which pixels count for nothing when found objects are compared with painted ones.

    An object that somebody painted alone, with nothing annotated around it, is whole. So what is
    found in its place counts as a whole, too, also where it reaches into what is not annotated:
    cut to its outline, whatever covers the whole image would fit it.

    Parameters
    ----------
    found
        Instances that a model has found, integer ``(*spatial)``.
    labels
        Painted instances, integer, also those in pixels that do not count.
    ignored
        bool, True where nothing is annotated.

    Returns
    -------
    Those of the ignored pixels that stay out of it, bool.
    """
    if not ignored.any():
        return ignored
    truth = np.where(ignored, 0, labels)
    numbers, which = compact_labels(found)
    alone = _painted_alone(truth, labels, ignored)
    painted = _shares(which[truth > 0], np.ones(1), len(numbers))
    whole = 2 * _shares(which[truth > 0], alone[truth > 0], len(numbers)) > painted
    return ignored & ~(whole & (numbers > 0))[which]


def _painted_alone(
    truth: NDArray[Any], labels: NDArray[Any], ignored: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which pixels are of objects that nothing annotated surrounds, and nothing cuts."""
    numbers, which = compact_labels(truth)
    rim, bare = np.zeros(len(numbers)), np.zeros(len(numbers))
    for here, there in _beside(truth.ndim):
        edge = truth[here] != truth[there]
        rim += _shares(which[here][edge], np.ones(1), len(numbers))
        bare += _shares(which[here][edge], ignored[there][edge], len(numbers))
    cut = np.isin(numbers, compact_labels(np.where(ignored, labels, 0))[0])
    return np.asarray(((bare >= _ALONE * rim) & ~cut & (rim > 0) & (numbers > 0))[which])


def _shares(which: NDArray[np.intp], of: NDArray[Any], count: int) -> NDArray[np.float64]:
    weights = np.broadcast_to(of, which.shape).astype(np.float64)
    return np.bincount(which, weights, minlength=count).astype(np.float64)


def _beside(ndim: int) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...]]]:
    """Yield the parts of an image that lie one pixel apart, along each axis and both ways."""
    first, last = slice(None, -1), slice(1, None)
    for axis, (one, other) in product(range(ndim), ((first, last), (last, first))):
        before, after = (slice(None),) * axis, (slice(None),) * (ndim - axis - 1)
        yield (*before, one, *after), (*before, other, *after)
