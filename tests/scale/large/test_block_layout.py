"""Blocks cover an image, begin where tiles and coarser levels can, and suit the memory."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.scale.large.block_layout import BLOCK_PIXELS, lay_out

STRIDES = {2: [(16, 16), (4, 8), (1, 1)], 3: [(4, 16, 16), (1, 8, 8)]}


@st.composite
def planes(draw):
    """A plane's shape, a network's strides, and edges that are wished for, or none."""
    ndim = draw(st.sampled_from([2, 3]))
    shape = tuple(draw(st.integers(1, 20_000 if ndim == 2 else 900)) for _ in range(ndim))
    edges = st.just(()) | st.tuples(*[st.integers(1, 3000)] * ndim)
    return shape, draw(st.sampled_from(STRIDES[ndim])), draw(edges)


@given(planes())
def test_blocks_begin_where_tiles_and_all_levels_have_pixels(plane):
    shape, strides, wanted = plane
    layout = lay_out(shape, strides, wanted)
    coarsest = 2 ** (layout.levels - 1)
    for edge, stride in zip(layout.grid.edges, strides, strict=True):
        assert edge % stride == 0
    assert all(edge % coarsest == 0 for edge in layout.grid.edges[-2:])
    for edge, wish in zip(layout.grid.edges, wanted, strict=False):
        assert wish <= edge < wish + math.lcm(max(strides), coarsest)


@given(planes())
def test_the_blocks_are_as_many_as_cover_the_plane(plane):
    shape, strides, wanted = plane
    grid = lay_out(shape, strides, wanted).grid
    assert len(grid) == math.prod(
        -(-size // edge) for size, edge in zip(shape, grid.edges, strict=True)
    )
    first, last = grid.region(0), grid.region(len(grid) - 1)
    assert [start for start, _ in first] == [0] * len(shape)
    assert [stop for _, stop in last] == list(shape)


@pytest.mark.parametrize("shape", [(100_000, 80_000), (3000, 2000), (500, 4000, 4000), (40, 60, 9)])
def test_blocks_that_nobody_wished_for_suit_the_memory(shape):
    layout = lay_out(shape, (16,) * len(shape))
    pixels = np.prod(layout.grid.edges, dtype=float)
    assert pixels <= BLOCK_PIXELS[len(shape)] * 16
    fits = math.prod(shape) <= BLOCK_PIXELS[len(shape)]
    assert (len(layout.grid) == 1) == fits


@pytest.mark.parametrize(("size", "levels"), [(1024, 1), (1025, 2), (4096, 3), (100_000, 6)])
def test_the_coarsest_level_is_small_enough_to_look_at(size, levels):
    layout = lay_out((size, size), (16, 16))
    assert layout.levels == levels
