"""Lines of a scan that stand off from those beside them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet import load_sample
from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.look.greys import greys_of
from napari_unet.core.image.normalize import limits

TOLD, NOTHING = 6, 1.5
"""From where lines are told, and up to where there are none."""


@pytest.fixture(scope="module")
def nuclei():
    return load_sample("nuclei2d")[0].data[0].astype(np.float32)


def found(image, by=(1.0, 1.0)):
    channels = image[np.newaxis]
    return greys_of([channels], limits(channels, NormalizeConfig()), by).lines


def in_steps(image, pixels):
    """Shift every other row."""
    shifted = image.copy()
    shifted[1::2] = np.roll(image[1::2], pixels, axis=1)
    return shifted


def jittered(image, pixels):
    chance = np.random.default_rng(0)
    return np.stack([np.roll(row, chance.integers(-pixels, pixels + 1)) for row in image])


def unevenly_lit(image):
    lines = np.random.default_rng(0).normal(size=(len(image), 1))
    return image + 0.1 * np.percentile(image, 99.8) * lines


def left_out(image):
    black = image.copy()
    black[1::2] = 0
    return black


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    "spoil",
    [lambda image: in_steps(image, 5), lambda image: jittered(image, 6), unevenly_lit, left_out],
)
def test_lines_out_of_step_left_out_or_unevenly_lit_stand_off(nuclei, spoil, turned):
    spoilt = spoil(nuclei)
    assert found(spoilt.T if turned else spoilt) > TOLD
    assert found(np.stack([spoilt] * 5)) > TOLD, "and in a volume"


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image,
        lambda image: gaussian_filter(image, 2),
        lambda image: np.random.default_rng(0).poisson(image / 20),
        lambda image: image[:, ::4],
        lambda image: np.repeat(image, 4, axis=0),
        lambda image: in_steps(image, 1),
        lambda image: np.where(np.arange(len(image))[:, None] % 60 == 9, 5000, image),
        lambda image: np.concatenate([image, image + 300, image / 3]),
        lambda image: np.random.default_rng(0).normal(size=(200, 300)),
    ],
    ids=["as is", "blurred", "dim", "narrow", "long", "hardly", "drawn", "montage", "noise"],
)
def test_other_images_have_no_such_lines(nuclei, change):
    assert found(change(nuclei)) < TOLD / 2


def test_what_is_not_seen_at_a_smaller_size_is_nothing(nuclei):
    assert found(in_steps(nuclei, 4), (0.4, 0.4)) < NOTHING


def test_fibres_that_lie_one_way_are_no_lines():
    ground = np.random.default_rng(0).normal(size=(256, 256))
    assert found(gaussian_filter(ground, (2, 30))) < NOTHING
    assert found(gaussian_filter(ground, (30, 2))) < NOTHING
