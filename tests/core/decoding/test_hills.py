"""Smoothing and the way uphill depend on a pixel's surroundings, never on the blocks."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from landscapes import landscapes
from napari_unet.core.decoding.hills import (
    RADIUS,
    blocks_of,
    ends_in_block,
    follow_uphill,
    smooth,
    smoothed_hills,
)

EDGES = st.lists(st.integers(1, 9), min_size=3, max_size=3)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=3).map(tuple), EDGES)
def test_blocks_cover_each_pixel_once(shape, edges):
    seen = np.zeros(shape, int)
    for block in blocks_of(shape, edges[: len(shape)]):
        seen[block] += 1
    assert (seen == 1).all()


@settings(deadline=None, max_examples=40)
@given(landscapes(), EDGES)
def test_heights_are_smoothed_as_by_scipy_with_a_symmetric_edge(landscape, edges):
    height, foreground = landscape
    hills = smoothed_hills(height, foreground, blocks_of(height.shape, edges[: height.ndim]))
    # scipy calls numpy's symmetric mode reflect
    expected = ndimage.gaussian_filter(height, 1, mode="reflect", radius=RADIUS)
    inner = hills[(slice(1, -1),) * height.ndim]
    np.testing.assert_allclose(inner[foreground], expected[foreground], atol=1e-5)
    assert (inner[~foreground] == -np.inf).all()
    assert np.isneginf(hills).sum() == hills.size - foreground.sum()


@settings(deadline=None, max_examples=40)
@given(landscapes(), EDGES)
def test_smoothing_and_ways_uphill_do_not_depend_on_the_blocks(landscape, edges):
    height, foreground = landscape
    found = []
    for block in (None, edges[: height.ndim]):
        blocks = blocks_of(height.shape, block)
        hills = smoothed_hills(height, foreground, blocks)
        pixels = np.flatnonzero(hills > -np.inf)
        found.append((hills, follow_uphill(hills, pixels, blocks)))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(deadline=None, max_examples=40)
@given(landscapes())
def test_every_way_ends_at_a_summit_and_never_lower(landscape):
    height, foreground = landscape
    blocks = blocks_of(height.shape, None)
    hills = smoothed_hills(height, foreground, blocks)
    pixels = np.flatnonzero(hills > -np.inf)
    ends = follow_uphill(hills, pixels, blocks)
    highest = ndimage.maximum_filter(hills, 3, mode="constant", cval=-np.inf)
    assert (hills.take(ends) >= hills.take(pixels)).all()
    assert (hills.take(ends) == highest.take(ends)).all()
    np.testing.assert_array_equal(
        ends_in_block(hills).ravel()[np.flatnonzero(foreground.ravel())], ends
    )


@given(st.integers(1, 6), st.sampled_from([0, 1]))
def test_smoothing_shortens_one_axis_and_keeps_a_constant(size, axis):
    shape = [4, 4]
    shape[axis] = size + 2 * RADIUS
    result = smooth(np.ones(shape, np.float32), axis)
    assert result.shape[axis] == size
    np.testing.assert_allclose(result, 1, rtol=1e-6)
