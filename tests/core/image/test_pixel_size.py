"""What is done to an image so that a model sees it at the size that it knows."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes, common_pixel, factors, resized
from napari_unet.core.instances.measure import diameters
from shapes import make_labels

sizes = st.floats(0.5, 1.5)
alike = st.floats(0.7, 1.5)
"""Such that no axis goes beyond 0.1 to 10 times, whatever the objects below."""


@given(st.lists(sizes, min_size=2, max_size=3), st.data())
def test_pixels_get_the_size_of_the_models(image, data):
    model = [data.draw(sizes) for _ in image]
    by = factors("pixel size", Sizes(tuple(model)), Sizes(tuple(image)), len(image))
    if by == (1.0,) * len(image):
        assert np.abs(np.divide(image, model) - 1).max() <= 0.05 + 1e-9
    else:
        np.testing.assert_allclose(np.divide(image, by), model)


@example(2, 14.5, 13.78125)
@given(st.integers(2, 3), st.floats(5, 50), st.floats(10, 25))
def test_objects_get_the_size_of_the_models(ndim, image, model):
    by = factors("object size", Sizes(None, model), Sizes((1.0,) * ndim, image), ndim)
    assert len(set(by)) == 1
    if by == (1.0,) * ndim:
        assert abs(model / image - 1) <= 0.05 + 1e-9
    else:
        assert by[0] * image == pytest.approx(model)


@given(st.lists(alike, min_size=2, max_size=3), st.data(), st.floats(10, 30), st.floats(10, 25))
def test_where_both_know_their_pixels_these_get_the_same_shape(image, data, wide, known):
    model = [data.draw(alike) for _ in image]
    by = factors("object size", Sizes(tuple(model), known), Sizes(tuple(image), wide), len(image))
    if by != (1.0,) * len(image):
        shape = np.divide(image, by) / model
        np.testing.assert_allclose(shape, shape[0])
        assert wide * math.prod(by) ** (1 / len(by)) == pytest.approx(known)


def test_off_is_one_whatever_is_known():
    assert factors("off", Sizes(), Sizes((0.0, math.nan), 0), 2) == (1.0, 1.0)


FULL = Sizes((1.0, 1.0), 20.0)
REFUSED = {
    "a model without pixel size": ("pixel size", Sizes(None, 20), FULL, "model does not know.*pix"),
    "an image without pixel size": ("pixel size", FULL, Sizes(None, 20), "not known: give it in"),
    "a scale of zero": ("pixel size", FULL, Sizes((0.0, 1.0)), "is 0, 1 µm, and each must be abo"),
    "a negative scale": ("pixel size", FULL, Sizes((1.0, -1.0)), "is 1, -1 µm"),
    "a scale that is no number": ("pixel size", FULL, Sizes((math.nan, 1.0)), "is nan, 1 µm"),
    "a model without any, by pixels": ("pixel size", Sizes(), FULL, "Neither .*: switch .* off"),
    "a model without any, by objects": ("object size", Sizes(), FULL, "Neither .*: switch .* off"),
    "a model without object size": ("object size", Sizes((1.0, 1.0)), FULL, "does not know.*objec"),
    "an unknown diameter": ("object size", FULL, Sizes((1.0, 1.0)), "give their diameter"),
    "far too large": ("object size", FULL, Sizes(None, 1.0), "20 times its size"),
    "far too small": ("pixel size", FULL, Sizes((1.0, 0.01)), "0.01 times its size"),
}


@pytest.mark.parametrize(
    ("match", "model", "image", "sentence"), REFUSED.values(), ids=REFUSED.keys()
)
def test_sizes_that_are_not_known_or_make_no_sense_are_refused(match, model, image, sentence):
    with pytest.raises(UserError, match=sentence):
        factors(match, model, image, 2)


def test_a_scale_of_zero_does_not_matter_where_objects_are_matched():
    assert factors("object size", FULL, Sizes((0.0, 1.0), 10.0), 2) == (2.0, 2.0)


def test_no_axis_vanishes():
    assert resized((100, 3), (0.5, 0.1)) == (50, 1)


def test_diameters_are_those_of_discs_and_balls(ndim):
    grid = np.indices((41,) * ndim) - 20
    ball = (np.sqrt((grid**2).sum(0)) <= 15).astype(np.int32) * 7
    assert diameters(ball) == pytest.approx([30], rel=0.03)
    assert len(diameters(make_labels(ndim))) == len(np.unique(make_labels(ndim))) - 1
    assert len(diameters(np.zeros((3,) * ndim, int))) == 0


def test_of_pixels_of_unknown_size_the_shape_is_enough():
    model = Sizes(None, 8.0, sides=(2.0, 1.0, 1.0))
    by = factors("object size", model, Sizes((4.0, 0.5, 0.5), 8.0), 3)
    assert by[0] / by[-1] == pytest.approx(4.0)
    assert by[1] == by[2]
    assert np.prod(by) == pytest.approx(1.0)
    assert factors("object size", model, Sizes(None, 8.0), 3) == (1.0, 1.0, 1.0)


def test_a_pixel_size_is_shared_only_if_all_images_have_it():
    assert common_pixel([(1.0, 0.5), (1.02, 0.5), (0.99, 0.5)]) == (1.0, 0.5)
    for other in (None, (1.0, 0.6), (0.0, 0.5), (math.nan, 0.5)):
        assert common_pixel([(1.0, 0.5), (1.0, 0.5), other]) is None
    assert common_pixel([]) is None
