"""The brightest pixels are of objects, hot, or were drawn over the image."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.look.brightest import Brightest, brightest
from napari_unet.core.image.look.greys import greys_of
from napari_unet.core.image.normalize import limits


@pytest.fixture
def nuclei():
    """Return blobs on noisy ground, ``(1, Y, X)``, nearly as bright as eight bits allow."""
    chance = np.random.default_rng(0)
    blobs = gaussian_filter((chance.random((160, 160)) < 0.004).astype(float), 4)
    image = 220 * blobs / blobs.max() + chance.normal(12, 1, blobs.shape)
    return image.round().astype(np.uint8)[np.newaxis]


def seen(*parts):
    return brightest(parts, limits(parts[0], NormalizeConfig()))


def over(image, times=6):
    return np.clip(image.astype(int) * times, 0, 255).astype(np.uint8)


def test_an_image_as_it_is_has_none_of_them(nuclei):
    assert seen(nuclei) == seen(nuclei, nuclei) == Brightest(0, 0, 0, 0)
    image = over(nuclei)
    figures = greys_of([image], limits(image, NormalizeConfig()))
    assert figures.saturated == seen(image).saturated > 0.4


def test_a_bar_and_a_frame_are_drawn_and_not_saturated(nuclei):
    bar = nuclei.copy()
    bar[:, 150:155, 100:150] = 255
    assert seen(bar) == Brightest(0, pytest.approx(250 / 160**2), 0, 0)
    framed = np.pad(nuclei, [(0, 0), (30, 0), (0, 0)], constant_values=255)
    assert seen(framed) == Brightest(0, pytest.approx(30 / 190), 0, 0)
    gaps = np.concatenate([nuclei, np.full((1, 10, 160), 255, np.uint8), nuclei], axis=1)
    assert seen(gaps) == Brightest(0, pytest.approx(10 / 330), 0, 0)


def test_small_letters_are_drawn_and_fine_saturated_spots_are_not(nuclei):
    text = nuclei.copy()
    text[:, 140:149, 100:150:6] = 255
    assert seen(text).drawn > 0.7 * 81 / 160**2
    chance = np.random.default_rng(5)
    dots = np.zeros((1, 512, 512))
    dots[0, *chance.integers(0, 512, (2, 90))] = 1
    dots = gaussian_filter(dots, [0, 0.7, 0.7])
    dots = 200 * dots / dots.max() + chance.normal(20, 2, dots.shape)
    shown = (dots - dots.min()) / (np.percentile(dots, 99) - dots.min())
    assert seen((255 * shown).clip(0, 255).astype(np.uint8)).drawn < 0.0001


def test_saturated_nuclei_beside_a_bar_are_told_both(nuclei):
    both = over(nuclei)
    alone = seen(both).saturated
    both[:, 150:155, 100:150] = 255
    found = seen(both)
    assert found.saturated == pytest.approx(alone, abs=0.02)
    assert found.drawn > 0.005


def test_corners_of_a_turned_picture_are_not_saturated(nuclei):
    turned = nuclei.copy()
    rows, columns = np.indices(nuclei.shape[1:])
    edge = rows + columns - 60
    turned[:, edge < 0] = 255
    turned[:, edge == 0] = 140
    assert seen(turned).saturated == 0


@pytest.mark.parametrize("share", [0.002, 0.02])
def test_hot_pixels_are_told_for_what_they_are(nuclei, share):
    hot = nuclei.astype(np.uint16) * 16
    where = np.random.default_rng(1).random(hot.shape) < share
    hot[where] = 65535
    found = seen(hot)
    assert found.hot == pytest.approx(where.mean(), rel=0.1)
    assert found.saturated == found.drawn == 0
    deep = np.stack([hot] * 5, axis=1)
    assert seen(deep).hot == pytest.approx(found.hot)


def test_noise_of_few_photons_and_fine_spots_are_not_hot(nuclei):
    photons = np.random.default_rng(2).poisson(nuclei / 60)
    assert seen(photons).hot == 0
    spots = gaussian_filter(
        (np.random.default_rng(3).random((1, 160, 160)) < 0.01) * 1e4, [0, 1, 1]
    )
    assert seen(spots).hot == 0


@pytest.mark.parametrize("share", [0.02, 0.004])
def test_single_photons_on_the_offset_of_a_camera_are_not_hot(share):
    chance = np.random.default_rng(6)
    photons = 50 * chance.poisson(share, (1, 512, 512)) + chance.normal(100, 2, (1, 512, 512))
    assert seen(photons.round().astype(np.uint16)).hot == 0


def tissue():
    """Return pale ground with dark objects, of which red and blue are brighter, ``(3, Y, X)``."""
    chance = np.random.default_rng(4)
    blobs = gaussian_filter((chance.random((160, 160)) < 0.01).astype(float), 3)
    grey = 190 - 120 * blobs / blobs.max() + chance.normal(0, 6, blobs.shape)
    return np.stack([grey, grey - 25, grey + 20])


def test_tissue_is_overexposed_and_clear_glass_is_not():
    assert seen(tissue().astype(np.uint8)).overexposed == 0
    spoilt = (1.5 * tissue() + 20).clip(0, 255).astype(np.uint8)
    assert seen(spoilt).overexposed > 0.6
    glass = np.concatenate([tissue(), np.full((3, 160, 320), 255)], axis=2).astype(np.uint8)
    assert seen(glass).overexposed == 0
    blinding = np.random.default_rng(7).normal(259, 3, (3, 160, 160)).clip(0, 255)
    noisy = np.concatenate([tissue()[..., :80], blinding], axis=2).astype(np.uint8)
    assert seen(noisy).overexposed == 0


def test_an_empty_colour_is_not_overexposed_and_one_that_is_so_everywhere_is(nuclei):
    assert seen(np.pad(nuclei, [(2, 0), (0, 0), (0, 0)])).overexposed == 0
    spoilt = (1.5 * tissue() + 20).clip(0, 255).astype(np.uint8)
    spoilt[2] = 255
    assert seen(spoilt).overexposed > 0.6
