"""What a network made of an image, beside what is usual in the images that it knows."""

import json

import numpy as np
import pytest

from napari_unet.core.decoding.fit import Fit, Known, Seen
from napari_unet.core.image.normalize import Greys

DARK_GROUND = Known(sureness=0.9, grey=(0.01, 0.05), contrast=(0.1, 0.5))


@pytest.mark.parametrize("shape", [(2, 20, 30), (3, 4, 20, 30)], ids=["2D", "3D, two classes"])
def test_sureness_is_the_mean_where_there_is_foreground(shape):
    output = np.zeros(shape, np.float32)
    output[0] = 0.9
    output[0, ..., :5, :10], output[0, ..., 5:10, :10] = 0.0, 0.4
    seen = Seen.of([output], [Greys(0.1, 0.5), Greys(0.2, 0.1), Greys(0.6, 0.3)], shape[0] - 1)
    assert seen.sureness == pytest.approx(0.8)
    assert (seen.grey, seen.contrast) == pytest.approx((0.2, 0.3))


def test_parts_of_an_image_count_by_their_foreground():
    output = np.random.default_rng(0).random((2, 40, 60), np.float32)
    grey = [Greys(0.3, 0.2)]
    whole = Seen.of([output], grey, 1)
    parts = Seen.of([output[:, :7], output[:, 7:, :11], output[:, 7:, 11:]], grey, 1)
    assert parts.sureness == pytest.approx(whole.sureness)


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


def test_a_class_that_is_often_missing_is_no_doubt():
    usual = Known.of([Seen(0.9, 0.5, 0.7, mix) for mix in ((1.0, 0.0), (0.4, 0.6), (1.0, 0.0))])
    assert Fit.of(Seen(0.9, 0.5, 0.7, (1.0, 0.0)), usual) == Fit()


@pytest.mark.parametrize("classes", [1, 2])
def test_the_mix_of_classes_is_that_of_the_foreground(classes):
    output = np.zeros((classes + 2, 8, 8), np.float32)
    output[0], output[-1] = 1, 0.7
    output[0, :4], output[1, :4] = 0, 1
    output[classes, 0], output[1, 0] = 1, classes == 1
    mix = Seen.of([output], [], classes).mix
    assert mix == ((1.0,) if classes == 1 else (0.75, 0.25))


def test_nothing_found_and_nothing_there_are_no_doubt():
    nothing = Seen.of([np.ones((2, 8, 8), np.float32)], [], 1)
    assert nothing == Seen(None, None)
    assert Fit.of(nothing, DARK_GROUND) == Fit(found=False)


def test_what_is_usual_goes_through_json():
    numbers = [number / 100 for number in range(11)]
    known = Known.of([Seen(0.8 + each, each, 0.5 - each) for each in numbers])
    assert known.sureness == pytest.approx(0.81)
    assert known.grey == pytest.approx((0.01, 0.09))
    assert known.contrast == pytest.approx((0.41, 0.49))
    assert Known.from_dict(json.loads(json.dumps(known.to_dict()))) == known


@pytest.mark.parametrize("noted", [None, {}, {"known": None}, {"known": {"grey": [1], "odd": 2}}])
def test_nothing_special_is_known_of_a_model_that_notes_nothing(noted):
    assert Known.from_dict(noted) == Known()
    assert Known.of([Seen(), Seen(None, 0.5, 0.2)]) == Known()


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
