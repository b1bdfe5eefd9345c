"""Labels that lie elsewhere than their image are told, and no others."""

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.place_note import place_note

PLANE, STACK = np.zeros((30, 40), int), np.zeros((5, 30, 40), int)


def note(pixels, of, **place):
    return place_note(Labels(pixels, name="l", **place), of)


def image(shape, **place):
    return Image(np.zeros(shape), name="a", contrast_limits=(0, 1), **place)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"translate": (60, -2.5)}, "it is moved by 60 × -2.5 pixels."),
        ({"translate": (0, 1)}, "it is moved by 0 × 1 pixels."),
        ({"scale": (2, 1)}, "it has the scale 2 × 1, and the image 1 × 1."),
        ({"rotate": 90}, "it is turned, mirrored or sheared."),
        ({"scale": (1, -1)}, "it is turned, mirrored or sheared."),
        ({"shear": [0.5]}, "it is turned, mirrored or sheared."),
        ({"affine": np.diag([1.0, 1, 1]) + np.eye(3, k=2) * 9}, "it is moved by 9 × 0 pixels."),
    ],
)
def test_what_lies_elsewhere_is_told(place, words):
    assert note(PLANE, image(PLANE.shape), **place) == f"“l” lies elsewhere than “a”: {words}"
    assert note(PLANE, image(PLANE.shape, **place), **place) == ""


def test_pixels_of_the_image_are_what_counts():
    placed = image(PLANE.shape, scale=(0.5, 0.25), translate=(3, 4), rotate=30)
    same = {"scale": (0.5, 0.25), "rotate": 30}
    assert note(PLANE, placed, translate=(3 + 1e-9, 4.1), **same) == ""
    assert "moved by" in note(PLANE, placed, translate=(3, 6), **same)
    assert "scale 1 × 1, and the image 0.5 × 0.25" in note(PLANE, placed, rotate=30)


def test_channels_and_planes_of_stacks_are_not_accused():
    colours = Image(np.zeros((30, 40, 3), np.uint8), name="a", rgb=True)
    assert note(PLANE, colours) == ""
    channels = image((2, 30, 40), translate=(9, 0, 0), axis_labels=("c", "y", "x"))
    assert note(PLANE, channels) == ""
    assert note(STACK[:1], image((1, 30, 40)), translate=(3, 0, 0)) == ""
    assert "moved by 3 × 0 × 0" in note(STACK, image(STACK.shape), translate=(3, 0, 0))
    with pytest.raises(UserError, match="pixels"):
        note(PLANE, image((7, 7)))


def test_axes_that_both_name_may_follow_each_other_in_other_orders():
    turned = image((5, 3, 30, 40), scale=(4, 1, 0.5, 0.5), axis_labels=tuple("ztyx"))
    pixels, named = np.zeros((3, 5, 30, 40), int), {"axis_labels": tuple("tzyx")}
    assert note(pixels, turned, scale=(1, 4, 0.5, 0.5), **named) == ""
    moved = note(pixels, turned, scale=(1, 4, 0.5, 0.5), translate=(0, 8, 0, 0), **named)
    assert "moved by 0 × 2 × 0 × 0 pixels" in moved


def test_labels_beside_labels_lie_on_each_other():
    cells = Labels(PLANE, name="a", scale=(2, 2))
    assert note(PLANE, cells, scale=(2, 2)) == ""
    moved = note(PLANE, cells, scale=(2, 2), translate=(0, 50))
    assert moved == "“l” lies elsewhere than “a”: it is moved by 0 × 25 pixels."
    assert note(PLANE, cells).endswith("it has the scale 1 × 1, and the other 2 × 2.")
    assert note(STACK, cells) == ""
