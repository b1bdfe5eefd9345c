"""Grey values come to a common range, whatever they were."""

import numpy as np
import pytest

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.normalize import limits, normalize

WHOLE = NormalizeConfig(low=0, high=100)


def volume(ndim, dtype=np.float32):
    image = np.random.default_rng(0).random((2, *(9, 8, 7)[:ndim]))
    return (200 * image).astype(dtype)


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", ">u2"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_each_channel_fills_its_range(ndim, dtype):
    image = volume(ndim, dtype)
    normalized = normalize(image, limits(image, WHOLE))
    assert normalized.dtype == np.float32
    for channel in normalized:
        assert (channel.min(), channel.max()) == (0, 1)


@pytest.mark.parametrize("ndim", [2, 3])
def test_limits_are_the_percentiles(ndim):
    image = volume(ndim)
    found = limits(image, NormalizeConfig(low=10, high=75))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, 1], np.percentile(image[1], [10, 75]), rtol=1e-6)


@pytest.mark.parametrize("ndim", [2, 3])
def test_brightness_and_contrast_are_gone(ndim):
    image = volume(ndim)
    brighter = 3 * image + 50
    config = NormalizeConfig()
    np.testing.assert_allclose(
        normalize(image, limits(image, config)),
        normalize(brighter, limits(brighter, config)),
        atol=1e-5,
    )


def test_a_part_is_normalized_as_the_whole_is():
    image = volume(2)
    found = limits(image, NormalizeConfig())
    np.testing.assert_array_equal(normalize(image[:, 2:5], found), normalize(image, found)[:, 2:5])


def test_where_percentiles_coincide_the_whole_range_counts():
    image = np.zeros((1, 100, 100), np.uint16)
    image[0, 3, 4] = 500
    assert normalize(image, limits(image, NormalizeConfig())).max() == 1


@pytest.mark.parametrize("value", [0, 7, 1e9, 1e30, -1e9])
def test_a_constant_channel_becomes_zero(value):
    image = np.full((1, 4, 4), value)
    assert not normalize(image, limits(image, NormalizeConfig())).any()


def test_large_values_that_float32_cannot_tell_apart_stay_finite():
    image = np.array([[[2**30, 2**30 + 1]]], np.int32)
    assert np.isfinite(normalize(image, limits(image, WHOLE))).all()


def test_the_image_is_not_changed():
    image = volume(2)
    before = image.copy()
    normalize(image, limits(image, NormalizeConfig()))
    np.testing.assert_array_equal(image, before)
