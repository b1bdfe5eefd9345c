"""A picture that was turned, stitched or padded has an even margin around it."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, rotate

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.look.greys import greys_of
from napari_unet.core.image.look.margin import margin, within_margin
from napari_unet.core.image.normalize import limits


def found(image):
    return margin([image], limits(image, NormalizeConfig()))


def picture(channels=1, ground=20.0, size=96):
    """Return blobs on noisy ground, ``(C, Y, X)``."""
    chance = np.random.default_rng(0)
    blobs = gaussian_filter((chance.random((size, size)) < 0.01).astype(float), 3)
    image = ground + 200 * blobs / blobs.max() + chance.normal(0, 2, blobs.shape)
    return np.stack([image.clip(1, 255).round().astype(np.uint8)] * channels)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("value", [0, 255])
def test_what_was_padded_has_a_margin(channels, value):
    padded = np.pad(picture(channels), [(0, 0), (10, 20), (0, 40)], constant_values=value)
    assert found(padded) == pytest.approx(1 - 96**2 / padded[0].size, abs=0.01)
    assert greys_of([padded], limits(padded, NormalizeConfig())).margin == found(padded)


def test_a_small_picture_on_a_large_canvas_has_a_margin_and_one_object_has_none():
    lone = np.pad(picture(), [(0, 0), (100, 300), (200, 100)])
    assert found(lone) > 0.9
    lone[:, np.hypot(*(np.indices(lone.shape[1:]).T - (148, 248)).T) > 47] = 0
    assert found(lone) == 0


def test_what_was_turned_has_a_margin():
    turned = rotate(picture()[0], 15, order=1)[np.newaxis]
    assert found(turned) == pytest.approx(0.34, abs=0.03)


def test_a_round_field_has_a_margin_and_a_volume_in_a_box():
    field = picture()
    field[:, np.hypot(*np.indices((96, 96)) - 48) > 46] = 0
    assert found(field) == pytest.approx(1 - np.pi * 46**2 / 96**2, abs=0.02)
    deep = np.pad(np.stack([picture(size=48)[0]] * 12), [(2, 2), (8, 8), (8, 8)])[np.newaxis]
    assert found(deep) > 0.4


def dim_field(channels=1):
    """Return a picture in which a margin of a camera's noise may lie, and that noise."""
    image = picture(channels, ground=25.0, size=160).astype(int)
    return image, np.random.default_rng(1).normal(6, 1.5, image.shape).clip(0)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_dark_margin_with_noise_is_one(channels):
    image, noise = dim_field(channels)
    outside = np.hypot(*np.indices((160, 160)) - 80) > 78
    image[:, outside] = noise[:, outside]
    assert found(image.astype(np.uint8)) == pytest.approx(outside.mean(), abs=0.04)
    strip = np.concatenate([noise[..., :50], dim_field(channels)[0]], axis=-1).round()
    assert found(strip.astype(np.uint8)) == pytest.approx(50 / 210, abs=0.01)


def test_ground_that_darkens_towards_the_corners_is_no_margin():
    image, noise = dim_field()
    away = np.hypot(*np.indices((160, 160)) - 80) / 80
    for light in (np.exp(-(away**2)), np.linspace(0.05, 1, 160), np.ones((160, 160))):
        assert found((image * light + noise).round().astype(np.uint16)) == 0


@pytest.mark.parametrize("size", [12, 160])
def test_ground_around_one_object_is_no_margin(size):
    """It may be round and fill the image; its grey values rise for longer than those at a stop."""
    chance = np.random.default_rng(2)
    disc = np.hypot(*np.indices((size, size)) - size / 2) < 0.42 * size
    image = 10 + gaussian_filter(180.0 * disc, 0.04 * size) + chance.normal(0, 1, disc.shape)
    assert found(image[np.newaxis].clip(0).astype(np.uint8)) == 0


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_tissue_beside_clear_glass_is_no_margin(share):
    """It is darker than glass, and a corner without nuclei is smoother than the rest."""
    chance = np.random.default_rng(3)
    nuclei = gaussian_filter((chance.random((160, 160)) < 0.01).astype(float), 3)
    nuclei[:20, :20] = 0
    tissue = chance.normal(170, 9, nuclei.shape) - 110 * (nuclei > 0.3 * nuclei.max())
    glass = chance.normal(242, 2, (160, round(160 * share / (1 - share))))
    image = np.concatenate([tissue, glass], axis=1).clip(0, 255).astype(np.uint8)
    assert found(image[np.newaxis]) == 0


def test_even_ground_with_bays_is_no_margin():
    """As pale ground of tissue has that was saved as a small JPEG."""
    image = picture(ground=60.0)
    image[:, :30] = image[:, :, :30] = 220
    assert found(image) > 0.4
    image[:, 40:70, 30:60] = image[:, 30:60, 70:90] = 220
    assert found(image) == 0


def within(image):
    return within_margin([image], limits(image, NormalizeConfig()))


def test_what_lies_within_a_margin_is_told():
    assert within(picture()) is None
    padded = np.pad(picture(), [(0, 0), (10, 22), (0, 32)], constant_values=255)
    assert within(padded) == ((10 / 128, 106 / 128), (0, 96 / 128))
    turned = rotate(picture()[0], 45, order=1)[np.newaxis]
    for ends in within(turned):
        assert ends == pytest.approx((0.25, 0.75), abs=0.03)
    image, noise = dim_field()
    outside = np.hypot(*np.indices((160, 160)) - 80) > 78
    image[:, outside] = noise[:, outside]
    (top, bottom), (left, right) = within(image.astype(np.uint8))
    assert np.hypot(bottom - top, right - left) == pytest.approx(156 / 160, abs=0.06)


def test_within_a_margin_lies_the_middle_of_a_thin_volume_and_of_a_strip():
    deep = rotate(np.stack([picture()[0]] * 12), 30, (1, 2), order=1)[np.newaxis]
    planes, *ends = within(deep)
    assert planes == pytest.approx((0, 1), abs=0.01)
    # a square turned by 30 degrees holds one of 1 / 1.37 of its width, and is 1.37 times as wide
    for each in ends:
        assert each == pytest.approx((0.5 - 0.27, 0.5 + 0.27), abs=0.03)
    skewed = np.zeros((12, 144, 96), np.uint8)
    for index, plane in enumerate(skewed):
        plane[4 * index : 4 * index + 96] = picture()[0]
    for first, last in within(skewed[np.newaxis]):
        assert first == pytest.approx(1 - last, abs=0.05)
        assert last - first > 0.4
    strip = rotate(np.hstack([picture()[0]] * 6), 3, order=1)[np.newaxis]
    for first, last in within(strip):
        assert first == pytest.approx(1 - last, abs=0.03)
        assert last - first > 0.5


def test_a_picture_without_a_middle_has_no_box_within():
    image = np.pad(picture(), [(0, 0), (0, 96), (0, 96)])
    image[:, 96:, :60] = picture()[:, :, :60]
    image[:, :60, 96:] = picture()[:, :60]
    assert found(image) > 0.3
    assert within(image) is None


def test_of_parts_of_an_image_nobody_can_tell():
    padded = np.pad(picture(), [(0, 0), (30, 30), (30, 30)])
    assert margin([padded, padded], limits(padded, NormalizeConfig())) == 0


def test_what_has_none_has_none():
    image = picture()
    assert found(image) == 0
    dark = picture(ground=3.0).astype(int) - 4
    assert found(dark.clip(0).astype(np.uint8)) == 0, "ground of 0 is no margin"
    cut_out = np.where(image > 60, image, 0)
    assert found(cut_out) == 0, "nor is what is around nuclei that were cut out"
    assert found(np.full((1, 40, 40), 7, np.uint8)) == 0
    assert found(np.random.default_rng(0).integers(0, 255, (1, 64, 64), np.uint8)) == 0
