"""Outlines run exactly along the edges of pixels, whatever objects are like."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from scipy import ndimage

from napari_unet.core.instances import outlines as module
from napari_unet.core.instances.outlines import outlines


def polygons(labels):
    """The objects as shapely's polygons, by number."""
    return {
        number: shapely.MultiPolygon([(piece[0], piece[1:]) for piece in pieces])
        for number, pieces in outlines(labels).objects()
    }


def painted(shape, objects):
    """Pixels whose middles lie in polygons, as an independent program finds them."""
    y, x = np.indices(shape) + 0.5
    labels = np.zeros(shape, np.int64)
    for number, polygon in objects.items():
        labels[shapely.contains_xy(polygon, y, x)] = number
    return labels


@given(
    arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
)
def test_polygons_are_valid_and_hold_the_same_pixels(labels):
    found = polygons(labels)
    assert list(found) == [number for number in np.unique(labels) if number]
    for number, polygon in found.items():
        assert polygon.is_valid
        assert polygon.area == (labels == number).sum()
        pieces, holes = len(polygon.geoms), sum(len(each.interiors) for each in polygon.geoms)
        assert pieces == ndimage.label(labels == number)[1]
        outside = np.pad(labels != number, 1, constant_values=True)
        assert holes == sum_of_holes(outside, labels == number)
    assert_array_equal(painted(labels.shape, found), labels)


def sum_of_holes(outside, inside):
    """Holes by the Euler characteristic, with four neighbours inside: pieces less that number."""
    padded = np.pad(inside, 1)
    vertical, horizontal = padded[1:] & padded[:-1], padded[:, 1:] & padded[:, :-1]
    squares = vertical[:, 1:] & vertical[:, :-1]
    euler = padded.sum() - vertical.sum() - horizontal.sum() + squares.sum()
    pieces = ndimage.label(inside)[1]
    return pieces - euler + touching(inside)


def touching(inside):
    """Tips that meet within one piece close a hole of their own, beside what Euler counts."""
    pieces = np.pad(ndimage.label(inside)[0], 1)
    a, b, c, d = pieces[:-1, :-1], pieces[:-1, 1:], pieces[1:, :-1], pieces[1:, 1:]
    down = (a > 0) & (a == d) & (b == 0) & (c == 0)
    up = (b > 0) & (b == c) & (a == 0) & (d == 0)
    return (down | up).sum()


def test_places_are_corners_of_pixels():
    labels = np.zeros((4, 5), np.uint8)
    labels[1:3, 2:5] = 7
    ((number, ((line,),)),) = outlines(labels).objects()
    assert number == 7
    assert sorted(map(tuple, line.tolist())) == [(1, 2), (1, 5), (3, 2), (3, 5)]
    clockwise = np.roll(line, -line.tolist().index([1, 2]), axis=0)
    assert clockwise.tolist() == [[1, 2], [1, 5], [3, 5], [3, 2]]


def test_holes_follow_the_piece_that_they_are_in():
    labels = np.zeros((12, 30), np.int32)
    labels[1:11, 1:11] = labels[1:11, 15:29] = 4
    labels[3:5, 18:20] = labels[3:5, 22:24] = labels[6:8, 4:6] = 0
    (polygon,) = polygons(labels).values()
    assert [len(each.interiors) for each in polygon.geoms] == [1, 2]
    assert polygon.is_valid


def test_a_piece_inside_a_hole_is_a_piece():
    labels = np.ones((9, 9), np.uint32)
    labels[1:8, 1:8] = 0
    labels[3:6, 3:6] = 1
    (polygon,) = polygons(labels).values()
    assert sorted((each.area, len(each.interiors)) for each in polygon.geoms) == [(9, 0), (32, 1)]


def test_large_numbers_and_gaps():
    labels = np.array([[0, 2**32 - 1], [5, 0]], np.uint32)
    assert [number for number, _ in outlines(labels).objects()] == [5, 2**32 - 1]


@pytest.mark.parametrize("shape", [(0, 0), (3, 4)])
def test_nothing_has_no_outlines(shape):
    empty = outlines(np.zeros(shape, np.uint8))
    assert (len(empty.labels), empty.starts.tolist(), list(empty.objects())) == (0, [0], [])


def test_strips_of_a_large_plane_fit_together(monkeypatch):
    labels = np.random.default_rng(0).integers(0, 4, (20, 11))
    whole = polygons(labels)
    monkeypatch.setattr(module, "_STRIP", 30)
    parts = polygons(labels)
    assert parts.keys() == whole.keys()
    assert all(parts[number].normalize() == whole[number].normalize() for number in whole)
