"""The object under a click."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.errors import UserError
from napari_unet.core.instances.add import Click, object_at, usual_diameter, window


def ball(shape, centre, radius, spacing=None):
    """True in a disk or ball."""
    steps = spacing or (1,) * len(shape)
    axes = np.meshgrid(*map(np.arange, shape), indexing="ij")
    away = [((a - c) * s) ** 2 for a, c, s in zip(axes, centre, steps, strict=True)]
    return sum(away) <= radius**2


def picture(masks, noise=0.05, seed=0):
    """An image of bright objects on noise, one channel."""
    grey = np.any(masks, axis=0) + np.random.default_rng(seed).normal(0, noise, masks[0].shape)
    return grey[np.newaxis].astype(np.float32)


def click(image, point, labels=None, spacing=None, goes_on=False):
    shape = image.shape[1:]
    return Click(
        image,
        np.zeros(shape, np.uint32) if labels is None else labels,
        point,
        ((goes_on, goes_on),) * len(shape),
        spacing or (1.0,) * len(shape),
    )


def iou(found, truth):
    return (found & truth).sum() / (found | truth).sum()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shape", [(70, 80), (30, 40, 44)])
@pytest.mark.parametrize("diameter", [None, 18])
def test_a_bright_or_a_dark_object_is_found(shape, sign, diameter):
    centre = tuple(size // 2 for size in shape)
    truth = ball(shape, centre, 9)
    found = object_at(click(sign * picture([truth]), centre), diameter)
    assert iou(found, truth) > 0.9


def test_the_channel_that_shows_it_counts():
    truth = ball((60, 60), (30, 30), 8)
    image = np.concatenate([picture([np.zeros_like(truth)], 0.02), picture([truth])])
    assert iou(object_at(click(image, (30, 30))), truth) > 0.9


def test_thick_planes_are_as_deep_as_they_are():
    truth = ball((20, 50, 50), (10, 25, 25), 12, (3, 1, 1))
    assert (
        iou(object_at(click(picture([truth]), (10, 25, 25), spacing=(3.0, 1.0, 1.0))), truth) > 0.85
    )


def test_of_two_that_touch_the_clicked_one_is_taken():
    left, right = ball((60, 80), (30, 28), 11), ball((60, 80), (30, 48), 11)
    found = object_at(click(picture([left, right]), (30, 28)), 22)
    assert iou(found, left) > 0.85


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shape", [(90, 100), (40, 44, 48)])
def test_what_a_membrane_or_a_halo_encloses_is_found(shape, sign):
    centre = tuple(size // 2 for size in shape)
    truth = ball(shape, centre, 12)
    rim = ball(shape, centre, 13.5) & ~ball(shape, centre, 10.5)
    speck = ball(shape, (centre[0] + 4, *centre[1:]), 2)
    found = object_at(click(sign * picture([rim, speck]), centre), 24)
    assert iou(found, truth) > 0.75


def test_of_two_cells_behind_one_membrane_the_clicked_one_is_taken():
    shape = (90, 120)
    left, right = (ball(shape, (45, x), 14) for x in (47, 73))
    rims = [ball(shape, (45, x), 15.5) & ~ball(shape, (45, x), 12.5) for x in (47, 73)]
    found = object_at(click(picture(rims), (45, 47), np.where(right, 3, 0)), 28)
    assert iou(found, left) > 0.8


def cone(shape, centre, radius, top=0.9):
    """A height as a network gives it: highest in the middle, zero at the border."""
    axes = np.meshgrid(*map(np.arange, shape), indexing="ij")
    away = np.sqrt(sum((a - c) ** 2.0 for a, c in zip(axes, centre, strict=True)))
    return (top * (1 - away / radius)).clip(0).astype(np.float32)


@pytest.mark.parametrize("top", [0.9, 0.4])
@pytest.mark.parametrize("diameter", [None, 24])
def test_all_of_a_height_is_taken_and_not_its_neighbour(diameter, top):
    shape, centres = (80, 100), ((40, 40), (40, 60))
    height = np.max([cone(shape, centre, 12, top) for centre in centres], axis=0)
    found = object_at(click(height[np.newaxis], centres[0]), diameter, hills=True)
    truth = ball(shape, centres[0], 12) & (np.arange(100) <= 50)
    assert iou(found, truth) > 0.75


def test_a_height_that_is_hardly_there_is_none():
    height = cone((80, 100), (40, 50), 12, 0.2)
    with pytest.raises(UserError, match="No object stands out"):
        object_at(click(height[np.newaxis], (40, 50)), 24, hills=True)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.floats(0, 0.3))
def test_nothing_painted_is_taken(seed, noise):
    truth, labels = ball((60, 60), (30, 25), 10), np.zeros((60, 60), np.uint32)
    labels[:, 32:] = 7
    found = object_at(click(picture([truth], noise, seed), (30, 25), labels), 20)
    assert found[30, 25]
    assert not (found & (labels > 0)).any()


@pytest.mark.parametrize("shape", [(60, 60), (30, 30, 30)])
@pytest.mark.parametrize("kind", ["flat", "noise", "ramp"])
@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_stands_out_nothing_is_added(shape, kind, seed):
    noise = np.random.default_rng(seed).normal(0, 1, shape)
    image = {"flat": np.ones(shape), "noise": noise, "ramp": np.indices(shape)[-1] * 1.0}[kind]
    with pytest.raises(UserError, match="No object stands out here"):
        object_at(click(image[np.newaxis], tuple(s // 2 for s in shape), goes_on=True))


def test_what_goes_on_beyond_the_window_is_no_object():
    truth = np.zeros((60, 60), bool)
    truth[:, 20:40] = True
    with pytest.raises(UserError, match="No object"):
        object_at(click(picture([truth], 0), (30, 30), goes_on=True))
    assert iou(object_at(click(picture([truth], 0), (30, 30))), truth) > 0.9


def test_a_painted_pixel_is_refused():
    labels = np.full((9, 9), 4, np.uint32)
    with pytest.raises(UserError, match="Object 4 is here already"):
        object_at(click(np.zeros((1, 9, 9)), (4, 4), labels))


@pytest.mark.parametrize("top", [0.05, 0.8])
def test_the_height_of_an_object_is_no_ripple(top):
    truth = ball((60, 60), (30, 30), 9)
    height = top * truth[np.newaxis].astype(np.float32)
    if top < 0.1:
        with pytest.raises(UserError):
            object_at(click(height, (30, 30)), hills=True)
    else:
        assert iou(object_at(click(height, (30, 30)), hills=True), truth) > 0.9


def test_the_usual_diameter_is_that_of_the_median_object():
    labels = np.zeros((90, 90), np.uint32)
    for number, radius in enumerate((4, 8, 16), 1):
        labels[ball(labels.shape, (20 * number, 25 * number), radius)] = number
    assert usual_diameter(labels, (1, 1)) == pytest.approx(16, abs=0.5)
    assert usual_diameter(labels, (1, 2)) == pytest.approx(16 * 2**0.5, abs=0.8)
    assert usual_diameter(np.zeros((5, 5), int), (1, 1)) is None


def test_a_window_ends_where_the_array_does():
    assert window((50, 60), (3, 58), 10, (2, 1)) == (slice(0, 9), slice(48, 60))
