"""What is kept for validation: some of the images, or a part of one where there is no second."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray


_SHARE = 0.25
"""Share of the annotated pixels that is kept."""
_FEWEST = 2
"""Objects that must lie wholly in each part."""


def kept_images(shown: Sequence[Collection[int]], order: Sequence[int], count: int) -> list[int]:
    """Choose images that can be kept without a class being left to no other image.

    Parameters
    ----------
    shown
        The classes, each once, of which objects are annotated in each image.
    order
        Indices of all images, those first that are to be kept if possible.
    count
        How many are kept at most.

    Returns
    -------
    Their indices; images in which there is nothing are never kept, as nothing is measured on them.
    """
    left, kept = Counter(each for classes in shown for each in classes), list[int]()
    for index in order:
        if len(kept) < count and shown[index] and all(left[each] > 1 for each in shown[index]):
            left.subtract(shown[index])
            kept.append(index)
    return kept


def cut_in_two(
    labels: NDArray[Any], ignored: NDArray[np.bool_], *, semantic: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Cut an annotation across its longest axis.

    Parameters
    ----------
    labels
        Instances, or classes if `semantic`, integer.
    ignored
        True where pixels take no part.

    Returns
    -------
    Two masks, bool of the same shape: where pixels do not belong to the first part, with three
    quarters of the annotated pixels, and where they do not belong to the second; None if a part
    would have fewer than two whole objects, or miss a class.
    """
    parts = _ends(labels, ignored)
    if parts is None or objects_missing(labels, ignored, semantic=semantic):
        return None
    return parts


def objects_missing(
    labels: NDArray[Any], ignored: NDArray[np.bool_], *, semantic: bool = False
) -> int:
    """Return how many more objects, or classes, `cut_in_two` needs to be able to cut.

    Parameters
    ----------
    labels, ignored, semantic
        As for `cut_in_two`; nothing may be annotated.
    """
    parts = _ends(labels, ignored)
    if parts is None:
        return 2 * _FEWEST
    first, second = (set(np.unique(labels[~part]).tolist()) - {0} for part in parts)
    if semantic:
        return len(first ^ second)
    return sum(max(0, _FEWEST - len(whole)) for whole in (first - second, second - first))


def _ends(
    labels: NDArray[Any], ignored: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Return where pixels do not belong to either end of the longest axis."""
    places = np.nonzero(~ignored)
    if not places[0].size:
        return None
    axis = int(np.argmax([np.ptp(along) for along in places]))
    cut = int(np.quantile(places[axis], 1 - _SHARE))
    index = np.arange(labels.shape[axis])
    beyond = np.broadcast_to(
        (index > cut).reshape([-1 if each == axis else 1 for each in range(labels.ndim)]),
        labels.shape,
    )
    return ignored | beyond, ignored | ~beyond
