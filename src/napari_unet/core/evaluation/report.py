"""What a comparison of two label images found: counts, which pool by addition, and their ratios."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Matching:
    """Objects matched one to one at one IoU threshold, and the scores that follow.

    Without an object on either side there is nothing to get wrong: all scores but `mean_iou` are 1.
    With objects on either side and no match they are 0.
    """

    threshold: float
    """Smallest intersection over union of a match, inclusive."""
    tp: int
    """Matched objects."""
    fp: int
    """Predicted objects without a match."""
    fn: int
    """True objects without a match."""
    iou_sum: float
    """Sum of the matches' intersection over union."""

    @property
    def precision(self) -> float:
        """Share of the predicted objects that are matched."""
        return self._score(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the true objects that are matched."""
        return self._score(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return self._score(self.tp, self.tp + (self.fp + self.fn) / 2)

    @property
    def ap(self) -> float:
        """Average precision as the field has it since DSB2018: TP / (TP + FP + FN)."""
        return self._score(self.tp, self.tp + self.fp + self.fn)

    @property
    def pq(self) -> float:
        """Panoptic quality (Kirillov et al. 2019): F1 times the matches' mean IoU."""
        return self._score(self.iou_sum, self.tp + (self.fp + self.fn) / 2)

    @property
    def mean_iou(self) -> float | None:
        """Mean intersection over union of the matches; None without a match."""
        return self.iou_sum / self.tp if self.tp else None

    def _score(self, part: float, whole: float) -> float:
        if self.tp + self.fp + self.fn == 0:
            return 1.0
        return part / whole if whole else 0.0

    def __add__(self, other: Matching) -> Matching:
        if self.threshold != other.threshold:
            raise UserError("Only reports for the same IoU thresholds can be pooled.")
        return _added(self, other, keep=("threshold",))

    def to_dict(self) -> dict[str, Any]:
        """Return counts and scores, ready for JSON."""
        names = ("precision", "recall", "f1", "ap", "pq", "mean_iou")
        return _values(self) | {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Report:
    """How predicted instances agree with the truth, for one image or pooled over several."""

    predicted: int
    """Number of predicted objects."""
    truth: int
    """Number of true objects."""
    splits: int
    """True objects that two or more predicted ones each overlap with an IoU above 0.1."""
    merges: int
    """Predicted objects that two or more true ones each overlap with an IoU above 0.1."""
    matchings: tuple[Matching, ...]
    """One per IoU threshold."""

    def at(self, threshold: float) -> Matching:
        """Return the matching at one of the thresholds that were asked for."""
        for matching in self.matchings:
            if abs(matching.threshold - threshold) < 1e-9:
                return matching
        raise UserError(f"The report has no IoU threshold {threshold:g}.")

    def __add__(self, other: Report) -> Report:
        if len(self.matchings) != len(other.matchings):
            raise UserError("Only reports for the same IoU thresholds can be pooled.")
        return _added(self, other)

    def to_dict(self) -> dict[str, Any]:
        """Return counts and scores, ready for JSON."""
        return _values(self) | {"matchings": [each.to_dict() for each in self.matchings]}


@dataclass(frozen=True)
class ClassReport:
    """How predicted classes agree with the truth, in pixels per class, background first."""

    both: tuple[int, ...]
    """Pixels of the class in prediction and truth."""
    predicted: tuple[int, ...]
    """Pixels of the class in the prediction."""
    truth: tuple[int, ...]
    """Pixels of the class in the truth."""

    @property
    def dice(self) -> tuple[float | None, ...]:
        """Dice per class; None for a class that is in neither image."""
        return tuple(
            2 * both / (predicted + truth) if predicted + truth else None
            for both, predicted, truth in self._classes()
        )

    @property
    def iou(self) -> tuple[float | None, ...]:
        """Intersection over union per class; None for a class that is in neither image."""
        return tuple(
            both / (predicted + truth - both) if predicted + truth else None
            for both, predicted, truth in self._classes()
        )

    @property
    def recall(self) -> tuple[float | None, ...]:
        """Share of each class's true pixels that are found; None for a class without any."""
        return tuple(both / truth if truth else None for both, _, truth in self._classes())

    def padded(self, num_classes: int) -> ClassReport:
        """Return the report with more classes, of which there are no pixels."""
        more = (0,) * (num_classes - len(self.both))
        return ClassReport(self.both + more, self.predicted + more, self.truth + more)

    def _classes(self) -> zip[tuple[int, int, int]]:
        return zip(self.both, self.predicted, self.truth, strict=True)

    def __add__(self, other: ClassReport) -> ClassReport:
        if len(self.both) != len(other.both):
            raise UserError("Only reports for the same number of classes can be pooled.")
        return _added(self, other)

    def to_dict(self) -> dict[str, Any]:
        """Return counts and scores, ready for JSON."""
        return {name: list(value) for name, value in _values(self).items()} | {
            "dice": list(self.dice),
            "iou": list(self.iou),
        }


R = TypeVar("R", Report, ClassReport)


def pool(reports: Sequence[R]) -> R:
    """Add up the counts of several images' reports; the scores follow from the sums.

    Raises
    ------
    UserError
        If there is no report, or they differ in kind, thresholds or number of classes.
    """
    if not reports:
        raise UserError("There is no report to pool.")
    if len({type(each) for each in reports}) > 1:
        raise UserError("Objects and classes cannot be pooled: pool the reports of each alone.")
    return functools.reduce(operator.add, reports)


D = TypeVar("D", Matching, Report, ClassReport)


def _values(report: Any) -> dict[str, Any]:
    return {entry.name: getattr(report, entry.name) for entry in fields(report)}


def _added(one: D, other: D, keep: tuple[str, ...] = ()) -> D:
    """Add two records field by field, tuples element by element."""
    values, others = _values(one), _values(other)
    return type(one)(
        **{
            name: values[name] if name in keep else _sum(values[name], others[name])
            for name in values
        }
    )


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, tuple):
        return tuple(a + b for a, b in zip(one, other, strict=True))
    return one + other
