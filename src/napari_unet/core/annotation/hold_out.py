"""What is kept for validation: some of the images, or a part of one where there is no second."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from napari_unet.core.instances.labels import compact_labels

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    Parts = tuple[NDArray[np.bool_], NDArray[np.bool_]]


_SHARE = 0.25
"""Share of the painted pixels that is kept, about."""
_MOST = 0.35
"""Of objects, so much at most: what is kept is lost to learning."""
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
    """Cut an annotation across its longest axis, or across another where that cannot be.

    Parameters
    ----------
    labels
        Instances, or classes if `semantic`, integer.
    ignored
        True where pixels take no part.

    Returns
    -------
    Two masks, bool of the same shape: where pixels do not belong to the first part, with about
    three quarters of what is painted and at least half of the whole objects, and where they do not
    belong to the second; None if a part would have fewer than two whole objects, or miss a class.
    """
    found = _cut(labels, ignored, semantic=semantic)
    if found is None or found[0]:
        return None
    return found[1]


def objects_missing(
    labels: NDArray[Any], ignored: NDArray[np.bool_], *, semantic: bool = False
) -> int:
    """Return how many more objects, or classes, `cut_in_two` needs to be able to cut.

    Parameters
    ----------
    labels, ignored, semantic
        As for `cut_in_two`; nothing may be annotated.
    """
    found = _cut(labels, ignored, semantic=semantic)
    return 2 * _FEWEST if found is None else found[0]


def _cut(
    labels: NDArray[Any], ignored: NDArray[np.bool_], *, semantic: bool
) -> tuple[int, Parts] | None:
    """Cut across the longest axis, or, of objects, one with which less is missing; tell what."""
    places = np.nonzero(~ignored)
    if not places[0].size:
        return None
    axes = np.argsort([-np.ptp(along) for along in places], kind="stable").tolist()
    axes = axes[:1] if semantic else axes
    each = (_ends(labels, ignored, axis, semantic=semantic) for axis in axes)
    return min(((_missing(labels, parts, semantic), parts) for parts in each), key=itemgetter(0))


def _missing(labels: NDArray[Any], parts: Parts, semantic: bool) -> int:
    first, second = (set(np.unique(labels[~part]).tolist()) - {0} for part in parts)
    if semantic:
        return len(first ^ second)
    return sum(max(0, _FEWEST - len(whole)) for whole in (first - second, second - first))


def _ends(labels: NDArray[Any], ignored: NDArray[np.bool_], axis: int, *, semantic: bool) -> Parts:
    """Return where pixels do not belong to either end of an axis."""
    painted = np.where(ignored, 0, labels)
    along = np.nonzero(painted)[axis]
    if semantic or not along.size:
        cut = int(np.quantile(along if along.size else np.nonzero(~ignored)[axis], 1 - _SHARE))
    else:
        cut = _between_objects(painted, axis, along)
    index = np.arange(labels.shape[axis])
    beyond = np.broadcast_to(
        (index > cut).reshape([-1 if each == axis else 1 for each in range(labels.ndim)]),
        labels.shape,
    )
    return ignored | beyond, ignored | ~beyond


def _between_objects(painted: NDArray[Any], axis: int, along: NDArray[np.intp]) -> int:
    """Return after which index to cut, where an object ends and never more lie behind than before.

    Of those that leave enough whole objects on either side, it is the one behind which there is
    most nearly a quarter of what is painted.
    """
    numbers, which = compact_labels(painted)
    boxes = scipy.ndimage.find_objects(which + int(numbers[0] > 0))
    first, last = (
        np.sort([getattr(box[axis], end) for box in boxes if box]) for end in ("start", "stop")
    )
    cuts = np.unique(last) - 1
    before = np.searchsorted(last, cuts + 1, side="right")
    behind = len(first) - np.searchsorted(first, cuts, side="right")
    pixels = np.bincount(along, minlength=painted.shape[axis])
    share = 1 - np.cumsum(pixels)[cuts] / along.size
    missing = np.maximum(0, _FEWEST - before) + np.maximum(0, _FEWEST - behind)
    fair = (behind <= before) & (share <= _MOST)
    cut = cuts[np.lexsort((np.abs(share - _SHARE), missing, ~fair))[0]]
    # in the middle of the gap, so that either side has background beside its objects
    return int(cut + np.flatnonzero(pixels[cut + 1 :])[:1].sum() // 2)
