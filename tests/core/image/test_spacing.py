"""Sizes of pixels find their axes, whatever order these have."""

from itertools import permutations

import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing

SIZES = {"Z": 2.0, "Y": 0.5, "X": 0.25}


@pytest.mark.parametrize("letters", list(permutations("TZCYX"))[::11])
def test_every_order_of_axes_gives_the_same_sizes(letters):
    axes = "".join(letters)
    along = [SIZES[letter] for letter in axes if letter in SIZES]
    spacing = Spacing.along(axes, along)
    assert spacing == Spacing(SIZES)
    assert spacing.of(axes) == tuple(along)
    assert spacing.of("ZYX") == (2.0, 0.5, 0.25)
    assert spacing.of("xy") == (0.25, 0.5)
    assert spacing.filled("TXCz", 1.0) == (1.0, 0.25, 1.0, 2.0)


@pytest.mark.parametrize("sizes", [None, (), []])
def test_nothing_is_known_where_nothing_is_said(sizes):
    spacing = Spacing.along("ZYX", sizes)
    assert not spacing
    assert spacing.of("ZYX") is None
    assert spacing.filled("YX", 0.0) == (0.0, 0.0)


def test_a_size_that_is_not_known_is_not_made_up():
    plane = Spacing.along("YX", (0.5, 0.5))
    assert plane.of("ZYX") is None
    assert plane.of("T") is None
    assert plane.relative(3) == ()


@pytest.mark.parametrize(
    ("axes", "sizes", "words"),
    [
        ("zyx", (0.5, 0.25), "2 pixel sizes do not fit .* ZYX: give three numbers.* Z, Y, X"),
        ("YX", (0.5,), "1 pixel size does not fit .* YX: give two numbers"),
        ("YX", 0.5, "1 pixel size does not fit .* YX: give two numbers"),
        ("TYX", (2, 0.5, 0.25), "3 pixel sizes .* TYX: give two numbers, one for each of Y, X"),
    ],
)
def test_a_size_for_each_axis_or_none(axes, sizes, words):
    with pytest.raises(UserError, match=words):
        Spacing.along(axes, sizes)


def test_sides_of_voxels_are_relative_to_the_shortest():
    assert Spacing(SIZES).relative(3) == (8.0, 2.0, 1.0)
    assert Spacing(SIZES).relative(2) == ()
