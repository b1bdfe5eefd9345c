from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.segmentation import relabel_sequential

from landscapes import SPLITS, landscapes
from napari_unet.core.config import DecodeConfig
from napari_unet.core.decoding.decode import decode, instances_from_height
from napari_unet.core.decoding.hills import blocks_of, smoothed_hills
from napari_unet.core.errors import UserError

ALL = DecodeConfig(min_size=0)


def step_by_step(height, foreground, config):
    """Make instances the slow way: pixel by pixel, saddle by saddle."""
    frame = smoothed_hills(height, foreground, blocks_of(height.shape, None))
    hills = frame[(slice(1, -1),) * height.ndim]
    pixels = [tuple(map(int, pixel)) for pixel in np.argwhere(foreground)]
    offsets = list(itertools.product((-1, 0, 1), repeat=height.ndim))

    def neighbours(pixel):
        around = (tuple(np.add(pixel, offset).tolist()) for offset in offsets)
        return [place for place in around if place in index]

    index = dict.fromkeys(pixels)
    uphill = {p: max(neighbours(p), key=lambda q: hills[q]) for p in pixels}
    for pixel in pixels:
        top = pixel
        while uphill[top] != top:
            top = uphill[top]
        index[pixel] = top
    group = {top: top for top in index.values()}

    def find(top):
        while group[top] != top:
            top = group[top]
        return top

    edges = [(-min(hills[p], hills[q]), p, q) for p in pixels for q in neighbours(p) if q > p]
    for depth, p, q in sorted(edges):
        lower, upper = sorted((find(index[p]), find(index[q])), key=lambda top: hills[top])
        rise = hills[lower] + depth
        if lower != upper and (rise < np.float32(config.split) or rise == 0):
            group[lower] = upper
    tops = {p: find(index[p]) for p in pixels}
    sizes = {top: list(tops.values()).count(top) for top in set(tops.values())}
    numbers: dict[tuple[int, ...], int] = {}
    result = np.zeros(height.shape, int)
    for pixel in pixels:
        if sizes[tops[pixel]] >= config.min_size:
            result[pixel] = numbers.setdefault(tops[pixel], len(numbers) + 1)
    return result


@settings(deadline=None, max_examples=60)
@given(
    landscapes(),
    SPLITS,
    st.integers(0, 6),
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
)
def test_chunk_law_any_blocks_give_the_same_instances(landscape, split, min_size, edges):
    height, foreground = landscape
    config = DecodeConfig(split=split, min_size=min_size)
    whole = instances_from_height(height, foreground, config)
    for block in (edges[: height.ndim], edges[0], 64):
        np.testing.assert_array_equal(
            instances_from_height(height, foreground, config, block), whole
        )


@settings(deadline=None, max_examples=60)
@given(landscapes(), SPLITS, st.integers(0, 6))
def test_same_as_pixel_by_pixel_and_saddle_by_saddle(landscape, split, min_size):
    height, foreground = landscape
    config = DecodeConfig(split=split, min_size=min_size)
    np.testing.assert_array_equal(
        instances_from_height(height, foreground, config, 4),
        step_by_step(height, foreground, config),
    )


@settings(deadline=None, max_examples=40)
@given(landscapes(), SPLITS)
def test_objects_are_connected_cover_the_foreground_and_are_numbered_in_scan_order(
    landscape, split
):
    height, foreground = landscape
    instances = instances_from_height(height, foreground, ALL.replace(split=split))
    assert instances.dtype == np.int32
    np.testing.assert_array_equal(instances > 0, foreground)
    everywhere = np.ones((3,) * height.ndim)
    for number in range(1, instances.max(initial=0) + 1):
        assert ndimage.label(instances == number, everywhere)[1] == 1
    first = np.unique(instances[foreground], return_index=True)[1]
    assert (np.diff(first) > 0).all()


@settings(deadline=None, max_examples=30)
@given(landscapes(), st.integers(2, 20))
def test_min_size_drops_exactly_the_small_ones(landscape, min_size):
    every = instances_from_height(*landscape, ALL)
    small = np.bincount(every.ravel())[every] < min_size
    expected = relabel_sequential(np.where(small, 0, every))[0]
    kept = instances_from_height(*landscape, ALL.replace(min_size=min_size))
    np.testing.assert_array_equal(kept, expected)


@settings(deadline=None, max_examples=30)
@given(landscapes())
def test_a_split_above_all_heights_gives_the_connected_parts(landscape):
    height, foreground = landscape
    parts = ndimage.label(foreground, np.ones((3,) * height.ndim))[0]
    instances = instances_from_height(height * 0.9, foreground, ALL.replace(split=1))
    np.testing.assert_array_equal(instances, relabel_sequential(parts)[0])


@pytest.mark.parametrize("ndim", [2, 3])
def test_touching_balls_are_parted_where_they_touch(ndim):
    middle = (12,) * (ndim - 1)
    grid = np.indices((25,) * (ndim - 1) + (41,))
    height = np.max([ball(grid, (*middle, x), 10) for x in (11, 28)], axis=0)
    instances = instances_from_height(height, height > 0, DecodeConfig())
    assert instances.max() == 2
    half = height.shape[-1] // 2
    one, other = instances[..., :half], instances[..., half:]
    assert (one[height[..., :half] > 0.2] == instances[(*middle, 11)]).all()
    assert (other[height[..., half:] > 0.2] == instances[(*middle, 28)]).all()
    joined = instances_from_height(height, height > 0, DecodeConfig(split=0.9))
    assert joined.max() == 1


def ball(grid, centre, radius):
    distance = np.sqrt(sum((axis - c) ** 2 for axis, c in zip(grid, centre, strict=True)))
    return np.maximum(1 - distance / radius, 0).astype(np.float32)


def test_more_objects_than_16_bits_count():
    foreground = np.zeros((530, 530), bool)
    foreground[::2, ::2] = True
    instances = instances_from_height(foreground.astype(np.float32), foreground, ALL)
    expected = np.zeros(foreground.shape, int)
    expected[foreground] = np.arange(1, 265**2 + 1)
    assert instances.max() > 65_535
    np.testing.assert_array_equal(instances, expected)


@pytest.mark.parametrize("shape", [(5, 7), (3, 4, 5), (0, 4)])
def test_nothing_in_nothing_out(shape):
    nothing = np.zeros(shape, np.float32)
    assert not instances_from_height(nothing, nothing > 0, ALL).any()


@settings(deadline=None, max_examples=20)
@given(landscapes())
def test_a_plateau_is_one_object_even_with_a_split_of_0(landscape):
    _, foreground = landscape
    parts = ndimage.label(foreground, np.ones((3,) * foreground.ndim))[0]
    flat = np.ones(foreground.shape, np.float32)
    instances = instances_from_height(flat, foreground, ALL.replace(split=0))
    np.testing.assert_array_equal(instances, relabel_sequential(parts)[0])


def test_equal_saddles_are_taken_in_scan_order():
    line = np.interp(np.arange(41), [0, 8, 14, 20, 26, 32, 40], [0, 1, 0.4, 0.5, 0.4, 1, 0])
    height = np.tile(np.maximum(line, line[::-1]).astype(np.float32), (9, 1))
    instances = instances_from_height(height, height >= 0, ALL.replace(split=0.2))
    assert instances.max() == 2
    assert (instances[:, 20] == instances[:, 8]).all()
    assert (instances[:, 20] != instances[:, 32]).all()


@pytest.mark.parametrize("ndim", [2, 3])
def test_decode_takes_threshold_class_and_fallback_height(ndim):
    shape = (8,) * ndim
    probabilities = np.zeros((3, *shape), np.float32)
    probabilities[0] = 1
    probabilities[:, :3] = np.float32([0.25, 0.125, 0.625]).reshape(3, *(1,) * ndim)
    probabilities[:, 5:] = np.float32([0.5, 0.5, 0.0]).reshape(3, *(1,) * ndim)
    instances, semantic = decode(probabilities, None, ALL)
    assert semantic.dtype == np.uint8
    assert (semantic[:3] == 2).all()
    assert not semantic[3:].any()
    assert (instances[:3] == 1).all()
    assert (instances[5:] == 2).all()
    assert not instances[3:5].any()
    certain, _ = decode(probabilities, None, ALL.replace(threshold=0.6))
    np.testing.assert_array_equal(certain > 0, semantic > 0)


def test_a_height_parts_what_the_probability_cannot():
    columns = np.indices((9, 24))[1]
    probabilities = np.stack([np.zeros((9, 24)), np.ones((9, 24))]).astype(np.float32)
    height = (np.abs(columns - 11.5) / 12).astype(np.float32)
    assert decode(probabilities, None, ALL)[0].max() == 1
    instances, _ = decode(probabilities, height, ALL)
    assert np.unique(instances[:, :12]).tolist() == [1]
    assert np.unique(instances[:, 12:]).tolist() == [2]


def test_what_cannot_be_decoded_is_refused():
    height = np.ones((4, 5), np.float32)
    with pytest.raises(UserError, match="same shape"):
        instances_from_height(height, np.ones((5, 4), bool), ALL)
    with pytest.raises(UserError, match="NaN"):
        instances_from_height(height * np.nan, height > 0, ALL)
    for block in (0, (2,), (2, 2, 2)):
        with pytest.raises(UserError, match="block"):
            instances_from_height(height, height > 0, ALL, block)
