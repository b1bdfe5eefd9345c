"""An image decoded block by block, each block seen once, has the very same objects."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landscapes import SPLITS, landscapes
from napari_unet.core.config import DecodeConfig
from napari_unet.core.decoding.decode import instances_from_height
from napari_unet.core.decoding.fragments import find_fragments, window_of
from napari_unet.core.decoding.join import join_fragments
from napari_unet.core.errors import UserError
from napari_unet.core.image.grid import Grid


def block_by_block(height, foreground, config, edges):
    """Decode with nothing but windows of the image, and the records of the blocks."""
    grid = Grid(height.shape, edges)
    images, records = [], []
    for block in range(len(grid)):
        region = grid.region(block)
        window = tuple(slice(*cut) for cut in window_of(region, height.shape))
        image, record = find_fragments(height[window], foreground[window], region, height.shape)
        images.append(image)
        records.append(record)
    numbers = join_fragments(records.__getitem__, grid, config)
    instances = np.zeros(height.shape, np.int64)
    for block, image in enumerate(images):
        inside = tuple(slice(*cut) for cut in grid.region(block))
        instances[inside] = numbers.of(block).take(image)
    assert numbers.objects == instances.max(initial=0)
    return instances


@settings(deadline=None, max_examples=80)
@given(
    landscapes(),
    SPLITS,
    st.integers(0, 6),
    st.lists(st.integers(1, 11), min_size=3, max_size=3),
)
def test_chunk_law_blocks_that_see_only_themselves_give_the_same_numbers(
    landscape, split, min_size, edges
):
    height, foreground = landscape
    config = DecodeConfig(split=split, min_size=min_size)
    np.testing.assert_array_equal(
        block_by_block(height, foreground, config, tuple(edges[: height.ndim])),
        instances_from_height(height, foreground, config),
    )


@pytest.mark.parametrize("shape", [(7, 9), (5, 6, 7)])
def test_nothing_in_nothing_out(shape):
    nothing = np.zeros(shape, np.float32)
    assert not block_by_block(nothing, nothing > 0, DecodeConfig(), (4,) * len(shape)).any()


def test_places_beyond_32_bits():
    shape, start = (2**20, 2**20), 2**20 - 8
    region = ((start, start + 8), (start, start + 8))
    height = np.ones((12, 12), np.float32)
    _, record = find_fragments(height, height > 0, region, shape)
    assert record.shell.max() == 2**40 - 1
    assert Grid(shape, (1024, 1024)).owners(record.shell).max() == 2**20 - 1


def test_a_height_without_values_is_refused():
    height = np.full((8, 8), np.nan, np.float32)
    with pytest.raises(UserError, match="NaN"):
        find_fragments(height, height > 0, ((0, 4), (0, 4)), (20, 20))
