"""Tiles cover without overlap, begin where they may, and read what mirroring would."""

import itertools

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.image.tiles import cut, halve, plan, read_window, reflected

SIZES = st.integers(1, 60)
STRIDES = st.sampled_from([1, 2, 3, 8, 16])
AXES = st.lists(st.tuples(SIZES, STRIDES), min_size=2, max_size=3)


def lengths(region):
    return [stop - start for start, stop in region]


def count(regions, shape):
    covered = np.zeros(shape, int)
    for region in regions:
        covered[tuple(slice(*axis) for axis in region)] += 1
    return covered


@given(SIZES, st.integers(1, 70), STRIDES)
def test_an_axis_is_cut_into_parts_that_follow_each_other(size, parts, stride):
    intervals = cut(size, parts, stride)
    assert len(intervals) <= parts
    assert intervals[0][0] == 0
    assert intervals[-1][1] == size
    assert all(start % stride == 0 and start < stop for start, stop in intervals)
    for (_, stop), (start, _) in itertools.pairwise(intervals):
        assert stop == start


@settings(deadline=None)
@given(AXES, st.integers(1, 4000))
def test_a_plan_covers_without_overlap_and_fits(axes, most):
    shape, strides = zip(*axes, strict=True)
    regions = plan(shape, strides, lambda region: np.prod(lengths(region)) <= most)
    assert (count(regions, shape) == 1).all()
    assert regions == sorted(regions)
    for region in regions:
        assert all(start % step == 0 for (start, _), step in zip(region, strides, strict=True))
    smallest = all(
        length <= step
        for region in regions
        for length, step in zip(lengths(region), strides, strict=True)
    )
    assert smallest or all(np.prod(lengths(region)) <= most for region in regions)


@pytest.mark.parametrize("shape", [(100, 60), (20, 30, 40)])
def test_a_plan_is_one_tile_where_that_fits(shape):
    strides = (16,) * len(shape)
    assert plan(shape, strides, lambda region: True) == [tuple((0, size) for size in shape)]


@pytest.mark.parametrize("shape", [(160, 80), (48, 32, 16)])
def test_a_plan_ends_at_one_stride_where_nothing_fits(shape):
    regions = plan(shape, (16,) * len(shape), lambda region: False)
    assert {tuple(lengths(region)) for region in regions} == {(16,) * len(shape)}


@settings(deadline=None)
@given(AXES)
def test_halves_are_the_whole_again(axes):
    shape, strides = zip(*axes, strict=True)
    offset = [3 * step for step in strides]
    region = tuple((at, at + size) for at, size in zip(offset, shape, strict=True))
    parts = halve(region, strides)
    big = tuple(at + size for at, size in zip(offset, shape, strict=True))
    np.testing.assert_array_equal(count(parts, big), count([region], big))
    for part in parts:
        assert all(start % step == 0 for (start, _), step in zip(part, strides, strict=True))
    small = all(size <= step for size, step in axes)
    assert (parts == [region]) if small else (len(parts) == 2)


@given(st.integers(2, 20), st.integers(0, 50), st.integers(0, 50))
def test_reflected_positions_are_those_of_reflect_padding(size, before, after):
    expected = np.pad(np.arange(size), (before, after), mode="reflect")
    np.testing.assert_array_equal(reflected(np.arange(-before, size + after), size), expected)


def test_a_single_pixel_mirrors_itself():
    np.testing.assert_array_equal(reflected(np.arange(-3, 4), 1), np.zeros(7))


CONTAINERS = {
    "numpy": np.asarray,
    "dask": lambda image: da.from_array(image, chunks=3),
    "zarr": lambda image: zarr.array(image, chunks=(3,) * image.ndim),
}
MARGIN = 25


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
@pytest.mark.parametrize("shape", [(7, 10), (4, 7, 10)])
def test_a_window_is_a_slice_of_the_padded_image(shape, container):
    image = np.random.default_rng(0).random((2, *shape))
    padded = np.pad(image, [(0, 0)] + [(MARGIN, MARGIN)] * len(shape), mode="reflect")
    stored = container(image)
    chance = np.random.default_rng(1)
    for _ in range(25):
        window = []
        for size in shape:
            start = int(chance.integers(-MARGIN, size + MARGIN - 1))
            window.append((start, int(chance.integers(start + 1, size + MARGIN + 1))))
        inside = tuple(slice(start + MARGIN, stop + MARGIN) for start, stop in window)
        found = read_window(stored, tuple(window))
        np.testing.assert_array_equal(found, padded[(slice(None), *inside)])
