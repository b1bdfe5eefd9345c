"""A few figures tell how the grey values of an image are."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.look.greys import greys_of
from napari_unet.core.image.normalize import limits


@pytest.fixture
def nuclei():
    """Return blobs on noisy ground, ``(Y, X)``, about as bright as eight bits allow."""
    chance = np.random.default_rng(0)
    blobs = gaussian_filter((chance.random((128, 128)) < 0.004).astype(float), 4)
    return 230 * blobs / blobs.max() + chance.normal(12, 1, blobs.shape)


def saturated(image):
    channels = image[np.newaxis] if image.ndim == 2 else image
    return greys_of([channels], limits(channels, NormalizeConfig())).saturated


@pytest.mark.parametrize(("dtype", "most"), [(np.uint8, 255), (np.uint16, 4095)])
def test_what_is_exposed_for_too_long_is_saturated(nuclei, dtype, most):
    image = nuclei * most / 255
    assert saturated(image.astype(dtype)) == 0
    over = (6 * image).clip(0, most).astype(dtype)
    assert saturated(over) > 0.4
    assert saturated(np.stack([image.astype(dtype), over])) == saturated(over), "in one channel"


def test_a_few_bright_pixels_are_not(nuclei):
    image = nuclei.astype(np.uint8)
    image.flat[::300] = 255
    assert saturated(image) == 0


def test_nor_is_a_mask(nuclei):
    mask = nuclei > 60
    assert saturated(255 * mask.astype(np.uint8)) == saturated(mask.astype(np.float32)) == 0
    assert saturated(np.full((32, 32), 7, np.uint8)) == 0
