"""Outlines are filled with the pixels whose middles they enclose."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from napari_unet.core.instances.fill import pixels_inside
from napari_unet.core.instances.outlines import outlines


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 2))
)
def test_outlines_give_their_pixels_back(labels):
    filled = np.zeros_like(labels)
    for number, pieces in outlines(labels).objects():
        lines = [line for piece in pieces for line in piece]
        filled[pixels_inside(lines, labels.shape)] = number
    assert_array_equal(filled, labels)


@given(st.lists(st.tuples(st.floats(-3, 9), st.floats(-3, 9)), min_size=3, max_size=3))
def test_a_triangle_holds_the_middles_that_lie_in_it(corners):
    y, x = pixels_inside([np.array(corners)], (6, 7))
    triangle = shapely.Polygon(corners).buffer(1e-9)
    assert shapely.contains_xy(triangle, y + 0.5, x + 0.5).all()
    rows, columns = np.indices((6, 7))
    surely = shapely.contains_xy(triangle.buffer(-1e-6), rows + 0.5, columns + 0.5)
    found = set(zip(y.tolist(), x.tolist(), strict=True))
    assert found <= {*np.ndindex(6, 7)}
    expected = zip(rows[surely].tolist(), columns[surely].tolist(), strict=True)
    assert set(expected) <= found


def test_what_reaches_far_out_is_cut_off():
    y, x = pixels_inside([np.array([(-1e9, -1e9), (-1e9, 1e12), (2, 1e12), (2, -1e9)])], (3, 4))
    assert list(zip(y.tolist(), x.tolist(), strict=True)) == [*np.ndindex(2, 4)]


@pytest.mark.parametrize("line", [[(0, 0)], [(0, 0), (4, 4)], [(0, 0), (0, 9), (0, 3)]])
def test_lines_that_enclose_nothing(line):
    assert [len(each) for each in pixels_inside([np.array(line)], (9, 9))] == [0, 0]
