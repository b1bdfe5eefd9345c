"""What stands on the cover and is tested with."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.config import ModelConfig
from napari_unet.core.image.look.emptiness import looks_empty
from napari_unet.nn.exchange.example import cover, drawn, middle_of
from napari_unet.nn.model import Model, seeded_network


def test_the_middle_of_a_large_image():
    image = np.arange(2 * 10 * 12).reshape(2, 10, 12)
    assert_array_equal(middle_of(image, (4, 6)), image[:, 3:7, 3:9])


def test_a_small_image_is_mirrored():
    image = np.arange(3)[None]
    assert_array_equal(middle_of(image, (7,)), [[2, 1, 0, 1, 2, 1, 0]])


@pytest.mark.parametrize("channels", [1, 3])
def test_something_is_drawn(ndim, channels):
    config = ModelConfig(ndim=ndim, features=1, depth=1, in_channels=channels)
    model = Model("a", seeded_network(config, 0))
    image = drawn(model, (40,) * ndim)
    assert image.shape == (channels, *(40,) * ndim)
    assert not looks_empty([image])
    assert_array_equal(image, drawn(model, (40,) * ndim))


def test_the_cover_is_twice_as_wide_as_high_and_has_outlines(ndim):
    instances = np.zeros((20,) * ndim, np.int32)
    instances[(slice(5, 15),) * ndim] = 1
    image = np.random.default_rng(0).integers(0, 99, (1, *instances.shape))
    picture = cover(image, instances)
    assert picture.shape == (20, 40, 3)
    assert picture.dtype == np.uint8
    coloured = (picture[..., 0] != picture[..., 2]).nonzero()
    assert len(coloured[0]) == 36
    assert coloured[1].min() >= 20
