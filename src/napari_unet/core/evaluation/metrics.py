"""How well a segmentation agrees with the truth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.config import IGNORE, check_class_count
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.report import ClassReport, Matching, Report, pool
from napari_unet.core.instances.labels import as_labels, check_labels, compact_labels
from napari_unet.core.instances.looks import refuse_mixed_up
from napari_unet.core.instances.overlaps import overlap_table
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.core.instances.overlaps import Overlaps

    Labels = NDArray[np.integer]


__all__ = ["ClassReport", "Matching", "Report", "evaluate", "evaluate_classes", "pool"]

SIGNIFICANT = 0.1
"""An overlap above this IoU counts for splits and merges, as in Caicedo et al. 2019."""


def evaluate(
    prediction: Labels,
    truth: Labels,
    *,
    ignore: NDArray[np.bool_] | None = None,
    thresholds: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9),
) -> Report:
    """Compare predicted instances with the true ones.

    Objects are matched one to one so that as many as possible have an intersection over union
    (IoU) of at least the threshold, and of those matchings the one with the largest sum of IoU.
    These are the numbers of DSB2018, StarDist's ``matching`` and Caicedo et al. 2019 (Cytometry A).

    Parameters
    ----------
    prediction, truth
        Instance labels of one shape, integer, 0 = no object; the numbers themselves do not matter.
    ignore
        True where pixels count for nothing: an object is what is left of it elsewhere.
    thresholds
        Smallest IoU of a match, each above 0 and at most 1.

    Raises
    ------
    UserError
        For labels that are not whole numbers of at least 0 or look like something else, shapes that
        differ, or a threshold out of range.
    """
    prediction, truth = _arrays(prediction, truth)
    refuse_mixed_up(prediction, "The prediction", ignore)
    refuse_mixed_up(truth, "The truth", ignore)
    return compare(prediction, truth, ignore=ignore, thresholds=thresholds)


def compare(
    prediction: Labels,
    truth: Labels,
    *,
    ignore: NDArray[np.bool_] | None = None,
    thresholds: Sequence[float] = (0.5, 0.6, 0.7, 0.8, 0.9),
) -> Report:
    """Compare instances as in `evaluate`, whatever they look like."""
    if not all(0 < threshold <= 1 for threshold in thresholds):
        raise UserError("IoU thresholds must be above 0 and at most 1.")
    predicted, true = _counted(prediction, truth, ignore)
    table = overlap_table(true, predicted)
    iou = table.iou()
    real, found = _objects(table.first), _objects(table.second)

    def matching(threshold: float) -> Matching:
        matched = _matched(table, iou, threshold)
        tp, shared = len(matched), math.fsum(matched)  # the same in whatever order they come
        return Matching(threshold, tp, found - tp, real - tp, shared)

    return Report(
        predicted=found,
        truth=real,
        splits=_crowded(table.first[iou > SIGNIFICANT]),
        merges=_crowded(table.second[iou > SIGNIFICANT]),
        matchings=tuple(matching(float(threshold)) for threshold in thresholds),
    )


def evaluate_classes(
    prediction: Labels, truth: Labels, num_classes: int, *, ignore_value: int = IGNORE
) -> ClassReport:
    """Compare predicted classes with the true ones, pixel by pixel.

    Parameters
    ----------
    prediction, truth
        Class per pixel, of one shape, integer or boolean, 0 = background.
    num_classes
        Number of classes, background included.
    ignore_value
        Pixels with this number in the truth count for nothing.

    Raises
    ------
    UserError
        For labels that are not whole numbers, shapes that differ, a class out of range, or more
        classes than `MOST_CLASSES` or none.
    """
    if num_classes < 1:
        raise UserError(
            f"There cannot be {num_classes} classes: the background is one, too, so give 2 for a "
            "single kind of objects."
        )
    check_class_count(num_classes - 1)
    predicted, true = _counted_classes(prediction, truth, ignore_value)
    for what, classes in (("prediction", predicted), ("truth", true)):
        if classes.size and classes.max() >= num_classes:
            raise UserError(
                f"The {what} holds class {classes.max()}, but with "
                f"{counted(num_classes, 'class', 'classes')}, the background included, the highest "
                f"is {num_classes - 1}: check the number of classes and the ignore value."
            )
    pair = true.astype(np.intp) * num_classes + predicted.astype(np.intp)
    table = np.bincount(pair, minlength=num_classes**2).reshape(num_classes, num_classes)
    counts = table.diagonal(), table.sum(axis=0), table.sum(axis=1)
    return ClassReport(*(tuple(count.tolist()) for count in counts))


def highest_class(prediction: Labels, truth: Labels, *, ignore_value: int = IGNORE) -> int:
    """Return the highest class in either image, at least 1; as for `evaluate_classes`."""
    return max(
        int(classes.max(initial=1)) for classes in _counted_classes(prediction, truth, ignore_value)
    )


def _counted_classes(prediction: Labels, truth: Labels, ignore_value: int) -> tuple[Labels, Labels]:
    prediction, truth = (
        each.astype(np.uint8) if each.dtype == bool else each for each in _arrays(prediction, truth)
    )
    return _counted(prediction, truth, truth == ignore_value)


def _arrays(prediction: Labels, truth: Labels) -> tuple[Labels, Labels]:
    return as_labels(prediction, "The prediction"), as_labels(truth, "The truth")


def _counted(
    prediction: Labels, truth: Labels, ignore: NDArray[np.bool_] | None
) -> tuple[Labels, Labels]:
    """Check both images, and return those of their pixels that count."""
    prediction, truth = _arrays(prediction, truth)
    if prediction.shape != truth.shape:
        raise UserError(
            f"The prediction has shape {prediction.shape} but the truth {truth.shape}: "
            "compare label images of the same shape."
        )
    if ignore is not None and ignore.shape != truth.shape:
        raise UserError(
            f"The ignore mask has shape {ignore.shape} but the labels {truth.shape}: "
            "give both the same shape."
        )
    counted = slice(None) if ignore is None else np.asarray(ignore) == 0
    pixels = prediction[counted].ravel(), truth[counted].ravel()
    # a label of ignored pixels may be negative
    check_labels(pixels[0], "The prediction")
    check_labels(pixels[1], "The truth")
    return pixels


def _objects(labels: NDArray[np.int64]) -> int:
    """Count the different objects."""
    return int(np.count_nonzero(compact_labels(labels)[0]))


def _crowded(objects: NDArray[np.int64]) -> int:
    """Count the objects that are named more than once."""
    return int((np.unique(objects, return_counts=True)[1] > 1).sum())


def _is_shared(objects: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which entries name an object that others name, too."""
    which, counts = np.unique(objects, return_inverse=True, return_counts=True)[1:]
    return np.asarray(counts[which] > 1)


def _matched(overlaps: Overlaps, iou: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Return the IoU of the pairs that are matched."""
    enough = iou >= threshold
    row, col, iou = overlaps.first[enough], overlaps.second[enough], iou[enough]
    contested = _is_shared(row) | _is_shared(col)
    if not contested.any():
        return iou
    # only these few need an assignment, whose cost grows with the cube of their number
    best = _assign(row[contested], col[contested], iou[contested])
    return np.concatenate([iou[~contested], best])


def _assign(
    row: NDArray[np.int64], col: NDArray[np.int64], iou: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the IoU of the largest one-to-one matching, and of those the one of largest sum."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to load

    rows, row = np.unique(row, return_inverse=True)
    cols, col = np.unique(col, return_inverse=True)
    table = np.zeros((len(rows), len(cols)))
    table[row, col] = iou
    best = linear_sum_assignment((table > 0) + table / (1 + len(rows)), maximize=True)
    found: NDArray[np.float64] = table[best]
    return found[found > 0]
