"""How far a score may be off by chance, and what follows for the epoch that is kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.evaluation.chance import (
    ap_error,
    dice_error,
    is_clearly_worse,
    is_no_better,
    kept_in_words,
)
from napari_unet.core.evaluation.report import ClassReport, Matching, pool

AT = (0.5, 0.6, 0.7, 0.8, 0.9)


@pytest.mark.parametrize("count", [20, 100, 400])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_the_error_of_ap_is_how_far_it_jumps_about_between_sets_of_objects(count, share):
    chance = np.random.default_rng(0)
    right = chance.binomial(count, share, 4000)
    told = np.mean(
        [ap_error([Matching(at, hits, count - hits, 0, 0.0) for at in AT]) for hits in right[:200]]
    )
    assert told == pytest.approx((right / count).std(), rel=0.15)


def test_few_objects_that_are_all_right_are_no_certainty():
    def error(tp):
        return ap_error([Matching(at, tp, 0, 0, float(tp)) for at in AT])

    assert error(3) > error(30) > error(3000) > 0
    assert ap_error([Matching(at, 0, 0, 0, 0.0) for at in AT]) > 0


def test_the_error_of_dice_is_how_far_it_jumps_about_between_sets_of_blocks():
    chance = np.random.default_rng(0)

    def blocks():
        truth = chance.integers(200, 800, 16)
        both = (truth * chance.uniform(0.4, 1, 16)).astype(int)
        return [
            ClassReport((1000 - size, hit), (1000 - hit, hit), (1000 - size, size))
            for size, hit in zip(truth.tolist(), both.tolist(), strict=True)
        ]

    sets = [blocks() for _ in range(500)]
    scores = [np.mean(pool(each).dice) for each in sets]
    told = np.mean([dice_error(each) for each in sets])
    assert told == pytest.approx(np.std(scores), rel=0.15)


def test_blocks_in_which_nothing_counts_change_nothing():
    counted = [ClassReport((9, 1), (9, 1), (8, 2)), ClassReport((5, 5), (5, 5), (5, 5))]
    empty = ClassReport((0, 0), (0, 0), (0, 0))
    assert dice_error([*counted, empty]) == dice_error(counted) > 0
    assert dice_error([counted[0], empty]) == dice_error([]) == 0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.3))
def test_only_what_is_lower_by_more_than_the_error_is_clearly_worse(score, other, error):
    told = is_clearly_worse({"score": score}, {"score": other, "standard_error": error})
    assert told == (score < other - error)


def test_without_a_score_nothing_is_worse():
    assert not is_clearly_worse({}, {"score": 1.0})
    assert not is_clearly_worse({"score": 0.0}, {})
    assert not is_no_better({}, {"score": 1.0})
    assert not is_no_better({"score": 0.0}, {})


def test_better_is_only_what_is_higher():
    told = [is_no_better({"score": score}, {"score": 0.5}) for score in (0.4, 0.5, 0.6)]
    assert told == [True, True, False]
    assert not is_no_better({"score": 0.0}, {"score": 0.0}), "what finds nothing has no claim"


def test_the_words_say_whether_it_is_the_best_or_as_good():
    log = [{"epoch": 0, "score": 0.9}, {"epoch": 1, "score": 0.5}, {"epoch": 2, "score": 0.45}]
    assert kept_in_words(log[1], log) == "Kept is epoch 1, the best."
    told = "Kept is epoch 2 (0.45): as good as the best, epoch 1 (0.50), within chance."
    assert kept_in_words(log[2], log) == told
    assert "it is kept" in kept_in_words(log[0], log)
    assert not kept_in_words(log[0], log[:1])
    assert not kept_in_words({"epoch": 2}, [{"epoch": 1}, {"epoch": 2}])
