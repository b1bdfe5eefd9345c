"""What figures alone do not tell is said in words."""

import pytest

from napari_unet.core.evaluation.doubts import doubts, floods
from napari_unet.core.evaluation.report import ClassReport

NAMES = ("small", "large")
LEARNT = [{1}, {1, 2}]
"""The classes in what is learnt from."""


def agreement(background, objects, left_free, found):
    """What a model makes of so many pixels of background and of objects."""
    taken = background - left_free + found
    return ClassReport((left_free, found), (0, taken), (background, objects))


@pytest.mark.parametrize(
    ("background", "objects", "left_free", "covered", "painted", "told"),
    [
        (840, 9_050, 0, 0.999, 0.14, True),  # little background is annotated, none of it is kept
        (840, 9_050, 800, 0.2, 0.14, False),
        (0, 9_050, 0, 0.98, 0.14, True),
        (0, 9_050, 0, 0.3, 0.14, False),
        (86_000, 14_000, 100, 0.99, 0.14, True),
        (5_000, 95_000, 500, 0.99, 0.95, False),  # narrow gaps between cells that fill the image
        (1_200, 24_000, 100, 0.97, 0.95, False),  # a part of such an image
        (86_000, 14_000, 50_000, 0.5, 0.14, False),
    ],
)
def test_a_flood_is_what_covers_far_more_than_can_be(
    background, objects, left_free, covered, painted, told
):
    agrees = agreement(background, objects, left_free, objects)
    assert floods(agrees, covered, painted) == told


def test_a_flood_is_told():
    assert "annotate more background" in doubts(
        {"flooded": 1, "dice": [0.0, 0.9]}, ("object",), LEARNT
    )
    assert doubts({"dice": [0.9, 0.0], "recall": [1.0, 0.0]}, ("object",), LEARNT) == ""
    assert doubts({}, NAMES, LEARNT) == ""


@pytest.mark.parametrize(
    ("recall", "told"),
    [
        ([0.0, 0.0, 1.0], "calls nearly everything “large” where"),
        ([0.0, 0.6, 0.4], "calls nearly nothing background where"),
        ([0.0, 0.0, None], "calls nearly everything “large” where"),
        ([0.0, 0.5, None], "calls nearly nothing background where"),
    ],
)
def test_a_flood_is_told_by_the_name_of_its_class(recall, told):
    values = {"flooded": 1, "dice": [0.0, 0.5, 0.5], "recall": recall}
    assert told in doubts(values, NAMES, LEARNT)


def test_each_class_has_its_figure():
    values = {"dice": [0.9, 0.8, 0.71], "recall": [0.9, 0.8, 0.6]}
    assert doubts(values, NAMES, LEARNT) == "Dice of each class: small 0.80, large 0.71."


def test_a_class_that_is_never_found_or_was_not_measured_is_named():
    told = doubts({"dice": [0.9, 0.0, 0.5], "recall": [0.9, 0.0, 0.4]}, NAMES, LEARNT)
    assert "“small” is never found" in told
    told = doubts({"dice": [0.9, 0.9, None], "recall": [0.9, 0.9, None]}, NAMES, LEARNT)
    assert "small 0.90, large not measured." in told
    assert "“large” is not measured" in told


def test_a_class_that_nobody_painted_is_not_called_one_to_hold_out():
    values = {"dice": [0.9, 0.9, None], "recall": [0.9, 0.9, None]}
    told = doubts(values, NAMES, [{1}, set()])
    assert "“large” is annotated nowhere: " in told
    assert "held out" not in told
