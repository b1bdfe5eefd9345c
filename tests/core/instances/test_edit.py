"""Corrections of painted objects, in two and three dimensions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from scipy import ndimage

from napari_unet.core.errors import UserError
from napari_unet.core.instances import edit


def block(ndim, low, high, size=24):
    """A cube of ones from pixel `low` to before `high` along the last axis, in the middle else."""
    labels = np.zeros((size,) * ndim, np.uint32)
    labels[(slice(8, 16),) * (ndim - 1) + (slice(low, high),)] = 1
    return labels


@pytest.fixture(params=[2, 3])
def ndim(request):
    return request.param


@pytest.fixture
def pair(ndim):
    """Two blocks, 1 and 2, with a gap of two pixels, and a 3 far away."""
    labels = block(ndim, 3, 9) + 2 * block(ndim, 11, 18)
    labels[(0,) * ndim] = 3
    return labels


EDITS = {
    "merge": lambda labels: edit.merge(labels, [1, 2]),
    "delete": lambda labels: edit.delete(labels, [1]),
    "fill": lambda labels: edit.fill_holes(labels, [1]),
    "largest": lambda labels: edit.keep_largest(labels, [1]),
    "smooth": lambda labels: edit.smooth(labels, [1]),
    "grow": lambda labels: edit.grow(labels, [1], 3),
    "shrink": lambda labels: edit.shrink(labels, [1], 2),
    "border": edit.clear_border,
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_input_stays_and_kind_stays(pair, change):
    before = pair.copy()
    after = change(pair)
    assert_array_equal(pair, before)
    assert after.dtype == pair.dtype
    assert after.shape == pair.shape
    others = [number for number in (2, 3) if number in after]
    for number in others:
        assert_array_equal(after == number, pair == number)


def test_merge_fills_the_gap_only(pair, ndim):
    merged = edit.merge(pair, [2, 1])
    expected = 2 * block(ndim, 3, 18)
    expected[(0,) * ndim] = 3
    assert_array_equal(merged, expected)
    with pytest.raises(UserError, match="at least two"):
        edit.merge(pair, [1, 9])


def test_split_keeps_every_pixel(ndim):
    labels = block(ndim, 2, 20)
    line = np.zeros((24,) * ndim, bool)[(slice(0, 1),) * (ndim - 2)]
    line[..., :, 8] = True
    parted = edit.split(labels, [1], line, 7)
    assert_array_equal(parted > 0, labels > 0)
    assert set(np.unique(parted)) == {0, 1, 7}
    assert (parted == 1).sum() > (parted == 7).sum() > 0
    assert parted[(10,) * (ndim - 1) + (3,)] == 7
    with pytest.raises(UserError, match="parts no object"):
        edit.split(labels, [1], np.roll(line, 13, axis=-1), 7)


def test_split_along_a_diagonal_leaves_no_leak():
    labels = np.ones((20, 20), np.uint32)
    parted = edit.split(labels, [1], np.eye(20, dtype=bool), 2)
    assert [ndimage.label(parted == number)[1] for number in (1, 2)] == [1, 1]


def test_split_leaves_other_pieces_of_the_object(ndim):
    labels = block(ndim, 2, 14)
    far = (slice(8, 10),) * (ndim - 1) + (slice(20, 22),)
    labels[far] = 1
    line = np.zeros(labels.shape, bool)
    line[..., 5] = True
    assert (edit.split(labels, [1], line, 2)[far] == 1).all()


def test_fill_holes_but_not_what_lies_in_them(ndim):
    labels = block(ndim, 4, 16)
    labels[(10,) * ndim] = 0
    labels[(12,) * ndim] = 5
    filled = edit.fill_holes(labels, [1])
    expected = block(ndim, 4, 16)
    expected[(12,) * ndim] = 5
    assert_array_equal(filled, expected)


def test_largest_piece_stays(ndim):
    labels = block(ndim, 4, 16)
    expected = labels.copy()
    labels[(-1,) * ndim] = 1
    assert_array_equal(edit.keep_largest(labels, [1]), expected)


def test_smooth_takes_spikes_and_fills_notches(ndim):
    labels = block(ndim, 4, 16)
    spike, notch = (12,) * (ndim - 1) + (16,), (12,) * (ndim - 1) + (4,)
    labels[spike], labels[notch] = 1, 0
    smoothed = edit.smooth(labels, [1])
    assert smoothed[spike] == 0
    assert smoothed[notch] == 1


def test_grow_stops_at_neighbours(pair, ndim):
    grown = edit.grow(pair, [1], 5)
    assert_array_equal(grown == 2, pair == 2)
    row = grown[(10,) * (ndim - 1)]
    assert_array_equal(row[:12], [1] * 11 + [2])


def test_grow_and_shrink_by_so_many_pixels(ndim):
    labels = block(ndim, 4, 16)
    grown, shrunk = edit.grow(labels, [1], 2), edit.shrink(labels, [1], 2)
    for result, size in ((grown, 16), (shrunk, 8)):
        assert (result[(12,) * (ndim - 1)] == 1).sum() == size
    assert_array_equal(edit.shrink(labels, [1], 9), labels)


def test_shrink_keeps_what_lies_at_the_edge(ndim):
    labels = block(ndim, 0, 10)
    row = edit.shrink(labels, [1], 2)[(12,) * (ndim - 1)]
    assert_array_equal(np.flatnonzero(row), range(8))


FRAMES = {
    "merge": lambda labels, **apart: edit.merge(labels, [2, 1], **apart),
    "fill": lambda labels, **apart: edit.fill_holes(labels, [1], **apart),
    "largest": lambda labels, **apart: edit.keep_largest(labels, [1], **apart),
    "smooth": lambda labels, **apart: edit.smooth(labels, [1], **apart),
    "grow": lambda labels, **apart: edit.grow(labels, [1], **apart),
    "shrink": lambda labels, **apart: edit.shrink(labels, [1], **apart),
}


@pytest.mark.parametrize("change", FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_frames_are_changed_each_for_itself(pair, change, axis):
    pair[(12,) * pair.ndim], pair[(20,) * pair.ndim] = 0, 1
    turned = pair.swapaxes(0, -1)
    film = np.stack([pair, turned, pair], axis)
    expected = np.stack([change(pair), change(turned), change(pair)], axis)
    assert_array_equal(change(film, apart=[axis % film.ndim]), expected)


def test_a_fast_cell_stays_in_each_of_its_frames():
    film = np.zeros((4, 20, 60), np.uint8)
    for frame in range(3):
        film[frame, 5:11, 15 * frame : 15 * frame + 6] = 1
    film[1, 1, 1] = 1
    kept = edit.keep_largest(film, [1], apart=[0])
    assert_array_equal((kept == 1).sum(axis=(1, 2)), [36, 36, 36, 0])
    assert_array_equal(edit.merge(np.where(film[:2], [[[1]], [[2]]], 0), [1, 2], [0]), film[:2])


def test_border_of_chosen_axes(ndim):
    labels = block(ndim, 0, 5) + 2 * block(ndim, 10, 15)
    assert set(np.unique(edit.clear_border(labels))) == {0, 2}
    assert set(np.unique(edit.clear_border(labels, [0]))) == {0, 1, 2}


def test_border_of_each_frame():
    film = np.zeros((2, 12, 12), int)
    film[0, 0:4, 4:8] = film[1, 4:8, 4:8] = 1
    kept = edit.clear_border(film, (-2, -1), apart=[0])
    assert_array_equal(kept, [np.zeros((12, 12)), film[1]])


def test_next_number():
    assert edit.next_number(np.zeros((3, 3), np.uint8)) == 1
    assert edit.next_number(np.full((3, 3), 7, np.uint8)) == 8
    with pytest.raises(UserError, match="uint32"):
        edit.next_number(np.full((3, 3), 255, np.uint8))


def test_surroundings_of_what_is_not_there():
    with pytest.raises(UserError, match="not here"):
        edit.surroundings(np.zeros((4, 4), int), [1])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_interpolation_of_a_moving_disc(axis):
    rows, columns = np.ogrid[:40, :40]
    planes = np.zeros((7, 40, 40), np.uint32)
    for plane, radius, centre in ((0, 4, 10), (6, 8, 28)):
        planes[plane][(rows - 20) ** 2 + (columns - centre) ** 2 <= radius**2] = 4
    planes[3, 20, 19] = 9
    filled = np.moveaxis(edit.interpolate(np.moveaxis(planes, 0, axis), 4, axis), axis, 0)
    assert_array_equal(filled[[0, 6]], planes[[0, 6]])
    assert filled[3, 20, 19] == 9
    sizes = (filled == 4).sum(axis=(1, 2))
    assert (np.diff(sizes) > 0).all()
    middle = filled[3] == 4
    assert ndimage.center_of_mass(middle) == pytest.approx((20, 19), abs=0.3)
    assert middle.sum() == pytest.approx(np.pi * 6**2, rel=0.15)


def test_interpolation_needs_a_gap():
    labels = np.zeros((4, 5, 5), np.uint32)
    labels[1:3, 2, 2] = 1
    with pytest.raises(UserError, match="two planes"):
        edit.interpolate(labels, 1)


def test_taken_objects_get_fresh_numbers_where_nothing_is_painted(pair, ndim):
    labels = 7 * block(ndim, 3, 6)
    taken = edit.take(labels, pair, [2, 1], 9)
    expected = labels + 9 * block(ndim, 11, 18)
    assert_array_equal(taken, expected)
    painted = 7 * block(ndim, 3, 5)
    taken = edit.take(painted, pair, [1, 2, 3, 99], 9)
    expected = painted + 9 * block(ndim, 5, 9) + 10 * block(ndim, 11, 18)
    expected[(0,) * ndim] = 11
    assert_array_equal(taken, expected)
    assert taken.dtype == np.uint32
    with pytest.raises(UserError, match="painted already"):
        edit.take(taken, pair, [1, 2, 3], 12)


LABELS = arrays(
    np.uint16,
    st.sampled_from([(9, 11), (5, 6, 7)]),
    elements=st.integers(0, 3),
    fill=st.just(0),
)


@pytest.mark.parametrize("change", ["fill_holes", "keep_largest", "smooth", "grow", "shrink"])
@settings(deadline=None, max_examples=25)
@given(LABELS, st.integers(1, 3))
def test_no_change_of_shape_touches_another_object(change, labels, number):
    if not (labels == number).any():
        return
    before = labels.copy()
    result = getattr(edit, change)(labels, [number])
    assert_array_equal(labels, before)
    assert (result.dtype, result.shape) == (labels.dtype, labels.shape)
    others = (labels != number) & (labels > 0)
    assert_array_equal(result[others], labels[others])
    assert set(np.unique(result[~others]).tolist()) <= {0, number}
    assert (result == number).any()


@settings(deadline=None, max_examples=25)
@given(LABELS)
def test_nothing_is_left_at_the_border_and_nothing_else_is_gone(labels):
    result = edit.clear_border(labels)
    inner = (slice(1, -1),) * labels.ndim
    border = labels.copy()
    border[inner] = 0
    gone = set(np.unique(border).tolist()) - {0}
    assert_array_equal(result, np.where(np.isin(labels, sorted(gone)), 0, labels))
