"""Labels and images whose axes are said in one order or another."""

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.below import (
    axes_as_of_labels,
    axes_below,
    check_order,
    label_axes,
    label_spacing,
    lie_on,
)
from napari_unet.ui.layers.metadata import MADE

CUBE = np.zeros((3, 3, 8, 8), np.uint8)


def image(letters):
    return Image(CUBE, name="image", axis_labels=letters)


def labels(letters, **made):
    return Labels(CUBE, name="objects", axis_labels=letters, metadata={MADE: made} if made else {})


def test_the_order_that_both_say_is_told_or_refused():
    assert axes_below(image("ztyx"), labels("ztyx")) == "ZTYX"
    assert axes_as_of_labels(image("ztyx"), labels("tzyx")) == "ZTYX"
    with pytest.raises(UserError, match="“image” has the axes Z T Y X and “objects” T Z Y X: ch"):
        axes_below(image("ztyx"), labels("tzyx"))


def test_labels_that_are_put_together_have_one_order():
    check_order(labels("tzyx"), None, labels("tzyx"), Labels(CUBE), labels("ztyx", role="marks"))
    with pytest.raises(UserError, match="“objects” has the axes T Z Y X and “objects” Z T Y X"):
        check_order(labels("tzyx"), None, labels("ztyx"))


def test_where_labels_say_nothing_they_lie_as_the_image_does():
    plain = Labels(CUBE, name="objects")
    assert axes_below(image("ztyx"), plain) == "ZTYX"
    assert axes_as_of_labels(image("ztyx"), plain) == "TZYX"
    assert axes_below(Image(CUBE), None) == "TZYX"


def test_what_was_made_on_an_image_lies_on_it_whatever_its_axes_are_called_since():
    made = labels("tzyx", axes="TZYX")
    assert axes_below(image("ztyx"), made) == "ZTYX"
    assert axes_as_of_labels(image("ztyx"), made) == "TZYX"


def test_labels_that_say_nothing_have_axes_and_pixel_size_of_the_layer_they_were_chosen_with():
    units, film = ("pixel", "micrometer", "micrometer"), np.zeros((3, 8, 6), np.uint8)
    below = Image(film, axis_labels="tyx", units=units, scale=(1, 0.5, 0.25))
    plain, other = Labels(film), Labels(film)
    assert (label_axes(plain), label_spacing(plain)) == ("ZYX", ())
    lie_on(plain, below)
    lie_on(other, None, plain, below)
    for layer in (plain, other):
        assert (label_axes(layer), label_spacing(layer)) == ("TYX", (0.5, 0.25))
        assert axes_as_of_labels(below, layer) == "TYX"
    below.axis_labels = tuple("zyx")
    assert (label_axes(plain), label_spacing(plain)) == ("ZYX", (None, 0.5, 0.25))
    lie_on(plain, None)
    assert label_spacing(plain) == ()


def test_what_labels_say_counts_before_the_image_and_one_of_another_shape_says_nothing():
    units = ("micrometer",) * 3
    film = Image(np.zeros((3, 8, 6), np.uint8), axis_labels="tyx", units=units)
    own = Labels(np.zeros((3, 8, 6), int), axis_labels="zyx", units=units, scale=(2, 1, 1))
    lie_on(own, film)
    assert (label_axes(own), label_spacing(own)) == ("ZYX", (2, 1, 1))
    larger = Labels(np.zeros((4, 8, 6), int))
    lie_on(larger, film)
    assert (label_axes(larger), label_spacing(larger)) == ("ZYX", ())
