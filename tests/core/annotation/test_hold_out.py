"""A part of a single image is held out, or nothing where a part would be too poor."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.annotation.hold_out import cut_in_two, objects_missing


def row_of_objects(count, ndim, axis=-1, size=5):
    """Objects side by side along an axis, two pixels apart."""
    labels = np.zeros((size,) * (ndim - 1) + (count * size,), np.int32)
    for number in range(count):
        labels[..., 1:-1, number * size + 1 : (number + 1) * size - 1] = number + 1
    return np.moveaxis(labels, -1, axis)


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("axis", [0, -1])
def test_a_quarter_along_the_longest_axis_is_held_out(ndim, axis):
    labels = row_of_objects(12, ndim, axis)
    ignored = np.zeros(labels.shape, bool)
    learnt, kept = cut_in_two(labels, ignored)
    np.testing.assert_array_equal(learnt, ~kept)
    along = np.moveaxis(kept, axis, 0).reshape(labels.shape[axis], -1)
    assert (along.all(axis=1) | ~along.any(axis=1)).all()
    assert (~kept).mean() == pytest.approx(0.25, abs=0.02)
    assert set(np.unique(labels[~kept])) >= {11, 12}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from([(20, 31), (6, 24, 9)]))
def test_the_parts_share_no_pixel_and_leave_the_ignored_ones(seed, shape):
    chance = np.random.default_rng(seed)
    labels = chance.integers(0, 9, shape).astype(np.int32)
    ignored = chance.random(shape) < 0.3
    parts = cut_in_two(labels, ignored)
    if parts is None:
        return
    first, second = parts
    np.testing.assert_array_equal(first & second, ignored)
    assert (first | second).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 9))
def test_each_part_has_two_whole_objects_or_there_is_none(count):
    labels = row_of_objects(max(count, 1), 2) * (count > 0)
    parts = cut_in_two(labels, np.zeros(labels.shape, bool))
    if parts is None:
        assert count < 12
        return
    first, second = (set(np.unique(labels[~part]).tolist()) - {0} for part in parts)
    assert min(len(first - second), len(second - first)) >= 2


def test_classes_need_no_objects_but_all_of_them_in_both():
    classes = np.tile(np.arange(3), (4, 8)).astype(np.uint8)
    nothing = np.zeros(classes.shape, bool)
    assert cut_in_two(classes, nothing, semantic=True) is not None
    classes[:, -8:][classes[:, -8:] == 2] = 1
    assert cut_in_two(classes, nothing, semantic=True) is None


def test_where_all_is_ignored_nothing_is_held_out():
    assert cut_in_two(np.ones((4, 4), int), np.ones((4, 4), bool)) is None


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 20))
def test_what_is_missing_is_what_a_cut_needs(count):
    labels = row_of_objects(max(count, 1), 2) * (count > 0)
    nothing = np.zeros(labels.shape, bool)
    missing = objects_missing(labels, nothing)
    assert (missing == 0) == (cut_in_two(labels, nothing) is not None)
    assert 0 <= missing <= 4
    assert objects_missing(labels, ~nothing) == 4


def test_objects_that_crowd_at_one_end_are_not_held_out_but_for_a_quarter():
    labels = np.zeros((40, 8), np.int32)
    labels[-24:] = np.moveaxis(row_of_objects(8, 2, size=3), -1, 0).repeat(3, axis=1)[:, :8]
    learnt, kept = cut_in_two(labels, np.zeros(labels.shape, bool))
    held, left = (set(np.unique(labels[~part]).tolist()) - {0} for part in (kept, learnt))
    assert (held, left) == ({7, 8}, {1, 2, 3, 4, 5, 6})


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 36), st.integers(2, 9)), min_size=1, max_size=12))
def test_no_more_whole_objects_are_held_out_than_learnt_from(objects):
    labels = np.zeros((len(objects), 45), np.int32)
    for number, (at, size) in enumerate(objects, 1):
        labels[number - 1, at : at + size] = number
    parts = cut_in_two(labels, np.zeros(labels.shape, bool))
    if parts is None:
        return
    first, second = (set(np.unique(labels[~part]).tolist()) - {0} for part in parts)
    assert 2 <= len(second - first) <= len(first - second)
