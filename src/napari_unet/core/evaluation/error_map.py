"""Where a prediction is wrong, object by object, and what another one had wrong before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.instances.overlaps import overlap_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Labels = NDArray[np.integer]


CORRECTED, MISSED, FALSE = 1, 2, 3
_MATCH = 0.5


def object_error_map(
    before: Labels | None, after: Labels, truth: Labels, ignored: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Paint what two predictions of instances make of the truth.

    An object is found where one of the other image has an IoU with it of at least 0.5.

    Parameters
    ----------
    before, after
        Predicted instances of one shape, integer; `before` may be None.
    truth
        True instances, integer, of the same shape.
    ignored
        True where pixels count for nothing.

    Returns
    -------
    uint8 of the same shape: `CORRECTED`, the true objects that are found after but not before;
    `MISSED`, those that are not found after; `FALSE`, the objects found after that are none.
    0 elsewhere.
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


def class_error_map(
    before: Labels | None, after: Labels, truth: Labels, ignored: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """Paint what two predictions of classes make of the truth, pixel by pixel.

    Parameters
    ----------
    before, after
        Predicted class of each pixel, of one shape, integer; `before` may be None.
    truth
        True classes, integer, of the same shape.
    ignored
        True where pixels count for nothing.

    Returns
    -------
    uint8 of the same shape: `CORRECTED` where only `after` has the true class, `MISSED` where it
    misses a foreground class, `FALSE` where it finds one on background. 0 elsewhere.
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
    table = overlap_table(truth, prediction)
    enough = table.iou() >= _MATCH
    return table.first[enough], table.second[enough]


def _objects_but(labels: Labels, numbers: Labels) -> NDArray[np.bool_]:
    return (labels > 0) & ~np.isin(labels, numbers)
