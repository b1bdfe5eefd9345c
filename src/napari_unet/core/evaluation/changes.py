"""What a training has changed, object by object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.integer]


CORRECTED, MISSED, FALSE = 1, 2, 3
_MATCH = 0.5


def changed_objects(
    before: Labels | None, after: Labels, truth: Labels, ignored: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Paint what two predictions of instances make of the truth.

    An object is found where one of the other image has an IoU with it of at least 0.5.

    Parameters
    ----------
    before, after
        Predicted instances of one shape; `before` may be None.
    truth
        True instances.
    ignored
        True where pixels count for nothing.

    Returns
    -------
    uint8: `CORRECTED`, the true objects that are found after but not before; `MISSED`, those that
    are not found after; `FALSE`, the objects found after that are none. 0 elsewhere.
    """
    after, truth = np.where(ignored, 0, after), np.where(ignored, 0, truth)
    found, right = _found(truth, after)
    result = np.zeros(truth.shape, np.uint8)
    result[_objects_but(after, right)] = FALSE
    result[_objects_but(truth, found)] = MISSED
    if before is not None:
        found_before, _ = _found(truth, np.where(ignored, 0, before))
        result[np.isin(truth, np.setdiff1d(found, found_before))] = CORRECTED
    return result


def changed_classes(
    before: Labels | None, after: Labels, truth: Labels, ignored: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Paint what two predictions of classes make of the truth, pixel by pixel.

    As `changed_objects`: `CORRECTED` where only `after` has the true class, `MISSED` where it
    misses a foreground class, `FALSE` where it finds one on background.
    """
    result = np.zeros(truth.shape, np.uint8)
    result[(truth == 0) & (after != 0)] = FALSE
    result[(truth != 0) & (after != truth)] = MISSED
    if before is not None:
        result[(after == truth) & (before != truth)] = CORRECTED
    result[ignored] = 0
    return result


def _found(truth: Labels, prediction: Labels) -> tuple[Labels, Labels]:
    """Return the numbers of the objects on either side that match one on the other."""
    true, true_size = np.unique(truth, return_counts=True)
    predicted, predicted_size = np.unique(prediction, return_counts=True)
    both = (truth > 0) & (prediction > 0)
    pairs = np.stack([truth[both], prediction[both]]).astype(np.int64)
    pairs, shared = np.unique(pairs, axis=1, return_counts=True)
    sizes = (
        true_size[np.searchsorted(true, pairs[0])]
        + predicted_size[np.searchsorted(predicted, pairs[1])]
    )
    enough = shared >= _MATCH * (sizes - shared)
    return np.unique(pairs[0][enough]), np.unique(pairs[1][enough])


def _objects_but(labels: Labels, numbers: Labels) -> NDArray[np.bool_]:
    return (labels > 0) & ~np.isin(labels, numbers)
