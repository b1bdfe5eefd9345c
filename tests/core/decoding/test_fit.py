"""What a network made of an image, beside what is usual in the images that it knows."""

import json
from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.decoding.fit import Fit, says_doubt
from napari_unet.core.decoding.known import Known
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.image.look.greys import Greys

DARK_GROUND = Known(sureness=0.9, grey=(0.01, 0.05), contrast=(0.1, 0.5))


def test_a_class_that_is_all_but_missing_is_a_doubt():
    """As myelin is, where the model of axons and myelin sees noise."""
    usual = Known.of([Seen(0.9, 0.5, 0.7, (0.7 - each, 0.3 + each)) for each in (0, 0.1, 0.2)])
    assert usual.mix == pytest.approx((0.52, 0.32))
    assert Known.from_dict(json.loads(json.dumps(usual.to_dict()))) == usual

    def fit(*mix):
        return Fit.of(Seen(0.9, 0.5, 0.7, mix), usual)

    assert fit(0.6, 0.4).doubts == fit(0.8, 0.2).doubts == fit(0.35, 0.65).doubts == 0
    assert 0 < fit(0.9, 0.1).doubts < fit(0.99, 0.01).doubts
    assert "one of its classes" in fit(1.0, 0.0).told
    assert fit(1.0, 0.0).beside_others > fit(0.6, 0.4).beside_others


def test_far_more_than_usual_is_a_doubt_and_less_is_none():
    usual = Known.of([Seen(0.9, 0.5, 0.7, (1.0,), each / 100) for each in range(11)])
    assert usual.covered == pytest.approx(0.09)
    assert Known.from_dict(json.loads(json.dumps(usual.to_dict()))) == usual
    assert Fit.of(Seen(0.9, 0.5, 0.7, (1.0,), 0.001), usual) == Fit()
    assert Fit.of(Seen(0.9, 0.5, 0.7, (1.0,), 0.2), usual).told == ""
    assert "far more of the image" in Fit.of(Seen(0.9, 0.5, 0.7, (1.0,), 0.8), usual).told


def test_a_margin_is_told_whatever_the_rest_is_like():
    seen = Seen(0.95, 0.03, 0.5, margin=0.34)
    fit = Fit.of(seen, DARK_GROUND)
    assert "34% of the image is an even margin" in fit.told
    assert fit.doubts == Fit.of(Seen(0.95, 0.03, 0.5), DARK_GROUND).doubts
    assert Seen.of([np.ones((2, 8, 8), np.float32)], [Greys(0.1, 0.2, 0.3)], 1).margin == 0.3
    bright = Fit.of(Seen(0.85, 0.95, margin=0.34), DARK_GROUND)
    assert bright.inverted
    assert bright.told == f"{fit.told} {Fit.of(Seen(0.85, 0.95), DARK_GROUND).told}"


def test_saturated_objects_are_told_whatever_the_rest_is_like():
    seen = Seen(0.95, 0.03, 0.5, saturated=0.62)
    fit = Fit.of(seen, DARK_GROUND)
    assert "62% of the bright pixels are saturated" in fit.told
    assert says_doubt(fit.told)
    assert fit.doubts == 0, "another model would be no better"
    assert Fit.of(replace(seen, saturated=0.05), DARK_GROUND).told == ""
    bright = Known(sureness=0.9, grey=(0.8, 0.95), contrast=(0.1, 0.5))
    assert Fit.of(replace(seen, grey=0.9), bright).told == "", "white ground may be"
    assert Fit.of(replace(seen, grey=0.4), bright).told.count("saturated") == 0
    assert "saturated" not in Fit.of(seen, DARK_GROUND, exchanged=True).told


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ({"drawn": 0.006}, "lines seem to be drawn over 0.6% of the image"),
        ({"hot": 0.002}, "0.2% of the pixels are hot"),
        ({"overexposed": 0.69}, "69% of the image is saturated"),
        ({"lines": 20.0}, "rows or columns stand off from those beside them"),
    ],
)
def test_what_spoils_an_image_is_told_whatever_the_rest_is_like(figure, words):
    seen = Seen(0.95, 0.03, 0.5, **figure)
    fit = Fit.of(seen, DARK_GROUND)
    assert words in fit.told
    assert says_doubt(fit.told)
    assert fit.doubts == 0, "another model would be no better"
    usual = {each: share / 20 for each, share in figure.items()}
    assert Fit.of(replace(seen, **usual), DARK_GROUND).told == ""


def test_a_frame_is_told_once_and_white_ground_is_not_drawn():
    framed = Fit.of(Seen(0.95, 0.03, 0.5, margin=0.3, drawn=0.3), DARK_GROUND)
    assert "drawn" not in framed.told
    bright = Known(sureness=0.9, grey=(0.8, 0.95), contrast=(0.1, 0.5))
    assert Fit.of(Seen(0.95, 0.9, 0.5, drawn=0.3), bright).told == ""


def test_a_blurred_image_is_a_doubt():
    sharp = replace(DARK_GROUND, sharpness=0.2, images=10)

    def fit(sharpness, known=sharp):
        return Fit.of(Seen(0.95, 0.03, 0.5, sharpness=sharpness), known)

    assert fit(0.2) == fit(0.4) == Fit()
    assert 0 < fit(0.19).doubts < fit(0.18).doubts
    assert fit(0.15).beside_others == 0, "another model would be no better"
    assert fit(0.15).told == (
        "The labels may be wrong: the image is blurred, unlike those that the model knows."
    )
    assert fit(0.15, replace(sharp, images=1)).told == "", "one image does not tell what is usual"
    assert fit(0.05, DARK_GROUND) == Fit(), "nor does a model of before"


def test_a_model_that_knows_many_images_is_doubted_sooner():
    many = replace(DARK_GROUND, images=10)
    seen = Seen(0.86, 0.03)
    assert Fit.of(seen, DARK_GROUND).told == ""
    assert "86% sure" in Fit.of(seen, many).told
    same = Fit.of(seen, DARK_GROUND).beside_others
    assert Fit.of(seen, many).beside_others == pytest.approx(same), "which is not about the model"


def test_a_class_that_is_often_missing_is_no_doubt():
    usual = Known.of([Seen(0.9, 0.5, 0.7, mix) for mix in ((1.0, 0.0), (0.4, 0.6), (1.0, 0.0))])
    assert Fit.of(Seen(0.9, 0.5, 0.7, (1.0, 0.0)), usual) == Fit()


def test_nothing_found_and_nothing_there_are_no_doubt():
    nothing = Seen.of([np.ones((2, 8, 8), np.float32)], [], 1)
    assert nothing == Seen(None, None)
    assert Fit.of(nothing, DARK_GROUND) == Fit(found=False)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Seen(0.95, 0.03), ""),
        (Seen(0.88, 0.15), ""),
        (Seen(0.95, 0.03, 0.5), ""),
        (
            Seen(0.95, 0.03, 0.95),
            "the grey values are unlike those of the images that the model knows",
        ),
        (Seen(0.7, 0.03), "the model is 70% sure of what it found, where 90% is usual"),
        (Seen(0.85, 0.45), "the grey values are unlike those of the images that the model knows"),
        (
            Seen(0.85, 0.95),
            "the ground is bright here, and dark in the images that the model knows",
        ),
    ],
)
def test_doubts_and_why(seen, words):
    fit = Fit.of(seen, DARK_GROUND)
    assert fit.told == (f"The labels may be wrong: {words}." if words else "")
    assert fit.inverted == ("ground" in words)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"grey": 0.33, "sharpness": 0.148}, "the grey values are unlike"),
        ({"grey": 0.24, "sharpness": 0.14}, "the image is blurred"),
        ({"mix": (0.85, 0.15), "grey": 0.27}, "the grey values are unlike"),
        ({"covered": 0.6, "sharpness": 0.164}, "far more of the image is found"),
    ],
)
def test_a_sure_model_is_not_said_to_be_unsure(figures, words):
    known = Known(0.9, (0.0, 0.1), (0.0, 1.0), (0.5, 0.5), 0.3, 0.2, 2)
    fit = Fit.of(Seen(0.92, **{"grey": 0.05, "contrast": 0.5, **figures}), known)
    assert fit.doubtful
    assert words in fit.told
    assert "sure" not in fit.told


def test_a_model_that_is_a_little_less_sure_is_not_said_to_be_as_sure_as_usual():
    known = Known(0.904, (0.0, 0.1), sharpness=0.2, covered=0.3, images=10)
    told = Fit.of(Seen(0.8951, 0.175, 0.5, covered=0.4, sharpness=0.194), known).told
    assert told == "The labels may be wrong: the model is less sure of what it found than usual."


def test_where_nothing_is_found_the_grey_values_are_looked_at():
    assert Fit.of(Seen(None, 0.03, 0.5), DARK_GROUND) == Fit(found=False)
    assert Fit.of(Seen(), DARK_GROUND) == Fit(found=False)
    fit = Fit.of(Seen(None, 0.95), DARK_GROUND)
    assert fit.told.startswith("Objects may be missed: the ground is bright here, and dark in")
    assert (fit.inverted, fit.found) == (True, False)


def test_of_an_exchanged_image_is_told_what_the_network_saw():
    told = Fit.of(Seen(0.85, 0.95), DARK_GROUND, exchanged=True).told
    assert "dark and bright are exchanged, so that the ground is bright, and it is dark in" in told


def test_a_model_of_bright_ground_is_told_of_dark_ground():
    fit = Fit.of(Seen(0.7, 0.02), Known(0.9, (0.9, 0.98)))
    assert "the ground is dark here, and bright" in fit.told
    assert fit.inverted


def test_a_model_of_which_nothing_is_known_is_doubted_when_it_is_unsure():
    assert Fit.of(Seen(0.95, 0.9), Known()).told == ""
    told = Fit.of(Seen(0.6, 0.9), Known()).told
    assert told == "The labels may be wrong: the model is 60% sure of what it found."
