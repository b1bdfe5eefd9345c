from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.metrics import evaluate, evaluate_classes, highest_class, pool

SHAPES = hnp.array_shapes(min_dims=2, max_dims=3, max_side=6)
PAIRS = SHAPES.flatmap(
    lambda shape: st.tuples(
        *[hnp.arrays(np.int32, shape, elements=st.integers(0, 4)) for _ in range(2)]
    )
)


def test_numbers_derived_by_hand():
    truth = np.array([[1, 1, 1, 1, 0, 2, 2, 2, 2, 0, 3, 3]])
    predicted = np.array([[5, 5, 5, 0, 0, 7, 7, 9, 9, 0, 0, 0]])
    report = evaluate(predicted, truth, thresholds=(0.5, 0.7, 0.75, 0.8))
    # IoU: 1 with 5: 3/4; 2 with 7: 2/4; 2 with 9: 2/4; 3 is missed.
    assert (report.predicted, report.truth, report.splits, report.merges) == (3, 3, 1, 0)
    counts = [(each.tp, each.fp, each.fn, each.iou_sum) for each in report.matchings]
    assert counts == [(2, 1, 1, 1.25), (1, 2, 2, 0.75), (1, 2, 2, 0.75), (0, 3, 3, 0.0)]
    half = report.at(0.5)
    assert half.precision == half.recall == half.f1 == pytest.approx(2 / 3)
    assert half.ap == pytest.approx(2 / 4)
    assert half.mean_iou == pytest.approx(0.625)
    assert half.pq == pytest.approx(1.25 / 3)
    assert report.at(0.8).mean_iou is None
    assert report.at(0.8).f1 == report.at(0.8).pq == 0


def test_contested_objects_are_assigned_for_the_most_matches():
    # The pair of highest IoU, 1 with 1, would leave nothing for the other two.
    truth = np.array([1, 1, 1, 1, 1, 0, 2, 2, 2, 2])
    predicted = np.array([1, 1, 1, 2, 2, 0, 1, 1, 0, 0])
    table = {(1, 1): 3 / 7, (1, 2): 2 / 5, (2, 1): 2 / 7}
    matching = evaluate(predicted, truth, thresholds=(0.25,)).at(0.25)
    assert matching.tp == 2
    assert matching.iou_sum == pytest.approx(table[1, 2] + table[2, 1])


def test_two_matches_win_over_one_of_a_larger_iou():
    # IoU: 1 with 1: 6/9, 1 with 2: 1/8, 2 with 1: 1/8.
    truth = np.array([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 0])
    predicted = np.array([1, 1, 1, 1, 1, 1, 2, 0, 1, 0, 0])
    matching = evaluate(predicted, truth, thresholds=(0.1,)).at(0.1)
    assert matching.tp == 2
    assert matching.iou_sum == pytest.approx(1 / 8 + 1 / 8)


def test_splits_and_merges_need_a_significant_overlap():
    truth = np.repeat([1, 2, 3], [20, 20, 20])
    halves = np.repeat([1, 2, 3, 4], [10, 10, 20, 20])
    merged = np.repeat([1, 3], [40, 20])
    crumb = np.repeat([1, 2, 3, 4], [18, 2, 20, 20])
    assert [(r.splits, r.merges) for r in (evaluate(p, truth) for p in (halves, merged))] == [
        (1, 0),
        (0, 1),
    ]
    # The crumb's IoU of 2/20 is not above 0.1.
    assert evaluate(crumb, truth).splits == 0


def brute_force(predicted, truth, threshold):
    """Return the most matches, and their largest sum of IoU, over all one-to-one matchings."""
    rows = [truth == number for number in np.unique(truth) if number]
    cols = [predicted == number for number in np.unique(predicted) if number]
    iou = np.array([[(a & b).sum() / (a | b).sum() for b in cols] for a in rows])
    iou = iou.reshape(len(rows), len(cols))
    if len(rows) > len(cols):
        iou = iou.T
    best = (0, 0.0)
    for chosen in itertools.permutations(range(iou.shape[1]), iou.shape[0]):
        matched = [v for v in iou[range(len(iou)), list(chosen)] if v >= threshold]
        best = max(best, (len(matched), sum(matched)))
    return best


@settings(deadline=None, max_examples=100)
@given(PAIRS, st.sampled_from([0.05, 0.1, 0.2, 0.3, 0.5, 0.7]))
def test_matching_is_the_best_there_is(pair, threshold):
    predicted, truth = pair
    matching = evaluate(predicted, truth, thresholds=(threshold,)).matchings[0]
    count, total = brute_force(predicted, truth, threshold)
    assert matching.tp == count
    assert matching.iou_sum == pytest.approx(total)


@settings(deadline=None)
@given(PAIRS, st.permutations(range(1, 5)), st.sampled_from([1, 70_000, 2**40]))
def test_the_numbers_of_the_objects_do_not_matter(pair, order, factor):
    predicted, truth = pair
    renamed = np.array([0, *order], np.int64)[predicted] * factor
    assert evaluate(renamed, truth) == evaluate(predicted, truth)
    assert evaluate(renamed.astype(np.uint64), truth) == evaluate(predicted, truth)


@settings(deadline=None)
@given(PAIRS)
def test_exchanging_the_sides_exchanges_what_belongs_to_them(pair):
    one, other = evaluate(*pair), evaluate(*pair[::-1])
    assert (one.splits, one.merges) == (other.merges, other.splits)
    for a, b in zip(one.matchings, other.matchings, strict=True):
        assert (a.tp, a.fp, a.fn) == (b.tp, b.fn, b.fp)
        assert (a.precision, a.f1, a.ap, a.pq) == (b.recall, b.f1, b.ap, b.pq)


@given(PAIRS)
def test_a_perfect_prediction_scores_one(pair):
    report = evaluate(pair[0], pair[0])
    assert report.splits == report.merges == 0
    for each in report.matchings:
        assert each.precision == each.recall == each.f1 == each.ap == each.pq == 1


@settings(deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_ignore_law(pair, random):
    predicted, truth = pair
    rng = np.random.default_rng(random.randrange(2**32))
    ignore = rng.random(truth.shape) < 0.4
    noise = [np.where(ignore, rng.integers(0, 9, truth.shape), each) for each in pair]
    erased = [np.where(ignore, 0, each) for each in pair]
    expected = evaluate(*erased)
    assert evaluate(predicted, truth, ignore=ignore) == expected
    assert evaluate(*noise, ignore=ignore) == expected
    hidden = np.where(ignore, 255, truth)
    counted = evaluate_classes(predicted[~ignore], truth[~ignore], 5)
    assert evaluate_classes(noise[0], hidden, 5) == counted
    hidden = np.where(ignore, -100, truth)
    assert evaluate_classes(noise[0], hidden, 5, ignore_value=-100) == counted
    assert evaluate(np.where(ignore, -7, predicted), hidden, ignore=ignore) == expected


def test_no_objects_at_all_is_perfect_and_objects_on_one_side_are_worth_nothing():
    nothing, something = np.zeros((4, 4), int), np.eye(4, dtype=int)
    for pair, score in (
        ((nothing, nothing), 1),
        ((something, nothing), 0),
        ((nothing, something), 0),
    ):
        matching = evaluate(*pair).at(0.5)
        assert matching.precision == matching.recall == matching.f1 == score
        assert matching.ap == matching.pq == score
        assert matching.mean_iou is None


def test_classes_by_hand():
    truth = np.array([[0, 0, 1, 1, 255, 255]])
    predicted = np.array([[0, 1, 1, 1, 2, 0]])
    report = evaluate_classes(predicted, truth, 3)
    assert (report.both, report.predicted, report.truth) == ((1, 2, 0), (1, 3, 0), (2, 2, 0))
    assert report.dice == (2 / 3, 4 / 5, None)
    assert report.iou == (1 / 2, 2 / 3, None)
    assert report.padded(5) == evaluate_classes(predicted, truth, 5)


def test_masks_are_two_classes():
    truth, predicted = np.eye(4, dtype=bool), np.ones((4, 4), dtype=bool)
    numbers = evaluate_classes(predicted.astype(int), truth.astype(int), 2)
    assert evaluate_classes(predicted, truth, 2) == numbers
    assert highest_class(predicted, truth) == 1


@given(PAIRS, PAIRS)
def test_pooled_counts_are_sums_and_scores_follow_from_them(pair, other):
    reports = [evaluate(*pair), evaluate(*other)]
    pooled = pool(reports)
    assert pooled.truth == sum(each.truth for each in reports)
    assert pooled.splits == sum(each.splits for each in reports)
    tp, fp, fn = (
        sum(getattr(each.at(0.5), name) for each in reports) for name in ("tp", "fp", "fn")
    )
    assert pooled.at(0.5).threshold == 0.5
    assert pooled.at(0.5).ap == (tp / (tp + fp + fn) if tp + fp + fn else 1)
    classes = pool([evaluate_classes(*pair, 5), evaluate_classes(*other, 5)])
    everything = [np.concatenate([a.ravel(), b.ravel()]) for a, b in zip(pair, other, strict=True)]
    assert classes == evaluate_classes(*everything, 5)


def test_reports_go_into_json_without_nan():
    nothing = np.zeros((4, 4), int)
    for report in (evaluate(nothing, nothing), evaluate_classes(nothing, nothing, 2)):
        values = report.to_dict()
        assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert values["dice"] == [1.0, None]


def test_what_cannot_be_compared_is_refused():
    labels = np.ones((3, 3), int)
    cases = [
        (lambda: evaluate(labels, labels[:2]), "same shape"),
        (lambda: evaluate(labels * 1.5, labels), "prediction holds decimal"),
        (lambda: evaluate(labels, -labels), "truth holds negative"),
        (lambda: evaluate(labels, labels, ignore=np.zeros((2, 3), bool)), "same shape"),
        (lambda: evaluate(labels, labels, thresholds=(0.0,)), "thresholds"),
        (lambda: evaluate_classes(labels, labels * 3, 2), "class 3"),
        (
            lambda: evaluate_classes(labels, labels * 3, 1),
            "with 1 class, the background",
        ),
        (lambda: evaluate_classes(labels, labels, 0), "There cannot be 0 classes: the background"),
        (lambda: evaluate(np.ma.masked_equal(labels, 1), labels), "prediction has masked"),
        (lambda: evaluate_classes(labels, np.ma.masked_equal(labels, 1), 2), "truth has masked"),
        (lambda: highest_class(labels, labels * np.nan), "truth holds decimal"),
        (lambda: evaluate(labels, labels).at(0.55), "no IoU threshold"),
        (lambda: pool([]), "no report"),
        (
            lambda: pool([evaluate(labels, labels), evaluate_classes(labels, labels, 2)]),
            "classes cannot be pooled",
        ),
        (
            lambda: pool([evaluate(labels, labels, thresholds=(t,)) for t in (0.5, 0.6)]),
            "same IoU thresholds",
        ),
        (
            lambda: pool([evaluate(labels, labels), evaluate(labels, labels, thresholds=(0.5,))]),
            "same IoU thresholds",
        ),
        (
            lambda: pool([evaluate_classes(labels, labels, k) for k in (2, 3)]),
            "same number of classes",
        ),
    ]
    for call, sentence in cases:
        with pytest.raises(UserError, match=sentence):
            call()
