"""Tiles for programs cover what they must, at sizes that the program takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from napari_unet.nn.network.program_geometry import ProgramGeometry

TILED = some.builds(
    lambda step, least, lead, crop: ProgramGeometry(2 * lead + step + least, step, lead, crop),
    some.sampled_from([1, 2, 4, 16]),
    some.integers(0, 70),
    some.integers(0, 20),
    some.integers(0, 60),
)
ONE_SIZE = some.builds(
    lambda crop, kept, lead: ProgramGeometry(2 * (crop + lead) + kept, 0, lead, crop, 1),
    some.integers(0, 20),
    some.integers(1, 60),
    some.integers(0, 20),
)


@given(TILED | ONE_SIZE, some.integers(1, 300), some.data())
def test_a_tile_sees_all_that_it_needs(axis, size, data):
    start = axis.stride * data.draw(some.integers(0, (size - 1) // axis.stride))
    longest = size - start
    if axis.whole and size > axis.output_size(axis.least):
        longest = min(longest, axis.stride)
    stop = start + data.draw(some.integers(1, longest))
    assert axis.takes(stop - start, size)
    (first, last), (low, high) = axis.window((start, stop), size)
    length = last - first
    assert axis.input_size(axis.output_size(length)) == length
    assert first + axis.lead + low == start
    assert 0 <= low < high <= axis.output_size(length)
    assert high - low == stop - start
    if axis.whole:
        assert length == axis.least
        return
    end = axis.output_size(axis.input_size(size))
    assert (first + axis.lead) % axis.step == 0
    assert first >= -axis.lead
    assert last <= end + axis.lead
    # all that the program sees, unless the image ends there
    assert low >= min(axis.crop, start)
    assert axis.output_size(length) - high >= min(axis.crop, end - stop)


@pytest.mark.parametrize("size", [1, 48, 64])
def test_an_image_no_larger_than_a_tile_goes_through_at_once(size):
    axis = ProgramGeometry(64, 0, 0, 8, 1)
    assert axis.takes(size, size)
    assert axis.window((0, size), size) == ((0, 64), (0, size))


def test_a_larger_image_goes_through_in_tiles_of_one_size():
    axis = ProgramGeometry(64, 0, 2, 8, 1)
    assert (axis.stride, axis.smallest, axis.halo) == (44, 1, 10)
    assert not axis.takes(45, 100)
    assert axis.window((44, 88), 100) == ((34, 98), (8, 52))
