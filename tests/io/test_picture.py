"""A picture is taken as it is asked for, and its own pixel size goes with its axes."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.image.channels import Channel
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.picture import Picture

STACK = Picture(
    np.zeros((4, 5, 6)), "ZYX", (2.0, 0.5, 0.25), "µm", "cells", origin=(20.0, 5.0, 2.5)
)
PLAIN = Picture(np.zeros((4, 5, 6)))


def asked(picture, axes, spacing=()):
    return picture.asked(SegmentRequest(spacing=spacing), axes)


@pytest.mark.parametrize(
    ("axes", "spacing", "origin"),
    [
        ("ZYX", (2.0, 0.5, 0.25), (20.0, 5.0, 2.5)),
        ("tyx", (0.5, 0.25), (5.0, 2.5)),
        ("YXZ", (2.0, 0.5, 0.25), (20.0, 5.0, 2.5)),
    ],
)
def test_its_own_sizes_stay_with_its_axes_whatever_they_are_called(axes, spacing, origin):
    taken = asked(STACK, axes)
    assert taken.axes == axes.upper()
    assert (taken.spacing, taken.origin, taken.unit) == (spacing, origin, "µm")
    assert taken.pixel.of(axes) == spacing


@pytest.mark.parametrize(
    ("axes", "given", "spacing"),
    [("ZYX", (3.0, 2.0, 1.0), (3.0, 2.0, 1.0)), ("TXY", (3.0, 2.0, 1.0), (1.0, 2.0))],
)
def test_a_size_that_is_given_counts(axes, given, spacing):
    for picture in (PLAIN, Picture(PLAIN.data, "CYX", (7.0, 7.0), "µm")):
        taken = asked(picture, axes, given)
        assert (taken.spacing, taken.unit) == (spacing, "µm")
        told = "The image has no Z axis: the first of the three pixel sizes" in str(taken.notes)
        assert told == ("Z" not in axes)
    assert len(taken.notes) == 1 + told


def test_a_size_that_contradicts_the_file_is_told_once():
    taken = asked(STACK, "ZYX", (2.0, 1.0, 1.0))
    (note,) = taken.notes
    assert "says that a pixel is 2 x 0.5 x 0.25 µm (Z, Y, X), but 2 x 1 x 1 µm (Z, Y, X)" in note
    assert asked(taken, "ZYX", (2.0, 1.0, 1.0)).notes == (note,)
    assert asked(STACK, "ZYX", (2.0, 0.501, 0.25)).notes == ()


def test_what_is_not_given_is_as_the_file_says():
    taken = asked(STACK, "ZYX", (5.0, None, None))
    assert taken.spacing == (5.0, 0.5, 0.25)


def test_nothing_known_is_nothing_known():
    taken = asked(PLAIN, "ZYX")
    assert (taken.spacing, taken.origin, taken.unit) == (None, None, "px")
    assert not taken.pixel


def test_a_size_that_does_not_fit_is_refused():
    with pytest.raises(UserError, match="three numbers"):
        asked(PLAIN, "ZYX", (1.0, 1.0))


@pytest.mark.parametrize(
    ("shape", "axes", "names", "told"),
    [
        ((2, 5, 6), "CYX", ("DAPI", "GFP"), True),
        ((5, 6), "YX", ("DAPI",), True),
        ((2, 5, 6), "CYX", ("DAPI", "DAPI"), False),
        ((2, 5, 6), "CYX", ("DAPI", ""), False),
        ((2, 5, 6), "ZYX", ("DAPI", "GFP"), False),
        ((2, 5, 6), None, ("DAPI", "GFP"), False),
        ((2, 5, 6), "CYX", (), False),
    ],
)
def test_channels_have_names_where_those_tell_all_of_them_apart(shape, axes, names, told):
    picture = Picture(np.zeros(shape), axes, channels=tuple(Channel(name) for name in names))
    assert picture.channel_names == (names if told else ())
