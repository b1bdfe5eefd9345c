"""A small spot that outshines all objects sets no limits, and a lone object does."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.normalize import limits
from napari_unet.core.image.spot import beside_spot

SHAPES = {2: (200, 180), 3: (12, 200, 180)}


def ground(ndim):
    return np.random.default_rng(0).normal(100, 3, (1, *SHAPES[ndim]))


def nuclei(ndim):
    chance = np.random.default_rng(1).random(SHAPES[ndim]) < 0.004
    blobs = gaussian_filter(chance.astype(float), 3)
    return ground(ndim) + 200 * blobs / blobs.max()


def spot(ndim, brightness, wide=5.0):
    """Return debris whose grey values fall off gently, through all planes of a volume."""
    y, x = np.indices(SHAPES[2])
    return brightness * np.exp(-((y - 60) ** 2 + (x - 50) ** 2) / (2 * wide**2))


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("brightness", [5000, 20000])
def test_debris_sets_no_limit(ndim, brightness):
    image = nuclei(ndim)
    spoilt = (image + spot(ndim, brightness)).round().astype(np.uint16)
    config = NormalizeConfig()
    np.testing.assert_allclose(limits(spoilt, config), limits(image, config), rtol=0.05)
    both = np.concatenate([spoilt, image.astype(np.uint16)])
    np.testing.assert_array_equal(limits(both, config)[:, :1], limits(spoilt, config))


def same(image):
    low, high = np.percentile(image, [1, 99.8])
    np.testing.assert_allclose(limits(image, NormalizeConfig())[:, 0], [low, high], rtol=1e-6)


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_lone_object_does(ndim):
    same(ground(ndim) + spot(ndim, 8000))


def test_so_do_bright_nuclei_among_dimmer_ones():
    same(nuclei(2) + spot(2, 700))
    same(nuclei(2) + spot(2, 5000) + spot(2, 5000)[:, ::-1])


def test_of_parts_of_an_image_and_of_small_ones_nobody_can_tell():
    image = nuclei(2) + spot(2, 8000)
    assert beside_spot(image[0, :90, :90], *np.percentile(image, [1, 99.8])) is None
    assert beside_spot(np.zeros((200, 200)), 0, 1) is None
