"""Grey values come to a common range, whatever they were."""

import numpy as np
import pytest
from dask.array import from_array
from scipy.ndimage import gaussian_filter

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.normalize import BEYOND, limits, normalize
from napari_unet.core.image.resample import resampled
from napari_unet.core.image.sampled import WINDOW_PIXELS, WINDOWS, sample_windows

WHOLE = NormalizeConfig(low=0, high=100)


def normalized(image, config=NormalizeConfig()):
    return normalize(image, limits(image, config), config)


def volume(ndim, dtype=np.float32):
    image = np.random.default_rng(0).random((2, *(9, 8, 7)[:ndim]))
    return (200 * image).astype(dtype)


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", ">u2"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_each_channel_fills_its_range(ndim, dtype):
    image = volume(ndim, dtype)
    found = normalized(image, WHOLE)
    assert found.dtype == np.float32
    for channel in found:
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
    np.testing.assert_allclose(normalized(image), normalized(brighter), atol=1e-5)


@pytest.mark.parametrize(
    ("dtype", "above"), [("i4", 1e9), ("u4", 2e9), ("i8", 1e8), ("u8", 1e12), ("f8", 1e12)]
)
def test_a_high_offset_takes_no_contrast(dtype, above):
    image = volume(2, np.uint8)
    lifted = image.astype(dtype) + np.dtype(dtype).type(above)
    np.testing.assert_allclose(normalized(lifted), normalized(image), atol=1e-6)
    smaller, expected = resampled(lifted, (5, 4)), resampled(image, (5, 4))
    np.testing.assert_allclose(smaller - above, expected, atol=1e-3)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f2", "f4"])
def test_grey_values_that_float32_holds_are_calculated_with_in_float32(dtype):
    image = volume(2, dtype)
    found = limits(image, NormalizeConfig())
    low, high = found[:, :, np.newaxis, np.newaxis]
    plain = np.clip((image.astype(np.float32) - low) / (high - low), -BEYOND, 1 + BEYOND)
    np.testing.assert_array_equal(normalized(image), plain)
    assert found.dtype == plain.dtype == resampled(image, (5, 4)).dtype == np.float32


def test_a_part_is_normalized_as_the_whole_is():
    image = volume(2)
    config = NormalizeConfig()
    found = limits(image, config)
    part = normalize(image[:, 2:5], found, config)
    np.testing.assert_array_equal(part, normalized(image)[:, 2:5])


def test_where_percentiles_coincide_the_whole_range_counts():
    image = np.zeros((1, 100, 100), np.uint16)
    image[0, 3, 4] = 500
    assert normalized(image).max() == 1


@pytest.mark.parametrize("value", [0, 7, 1e9, 1e30, -1e9, np.uint8(255)])
def test_a_constant_channel_becomes_zero(value):
    image = np.full((1, 4, 4), value)
    assert not normalized(image).any()


def test_large_values_that_float32_cannot_tell_apart_stay_finite():
    image = np.array([[[2**30, 2**30 + 1]]], np.int32)
    assert np.isfinite(normalized(image, WHOLE)).all()


def test_the_image_is_not_changed():
    image = volume(2)
    before = image.copy()
    normalized(image)
    np.testing.assert_array_equal(image, before)


def nuclei(ndim):
    """Return blurred blobs of 0 to 200 on noisy ground."""
    chance = np.random.default_rng(3)
    blobs = gaussian_filter((chance.random((40,) * ndim) < 0.02).astype(float), 3)
    return (200 * blobs / blobs.max() + chance.normal(100, 3, blobs.shape)).round()[np.newaxis]


@pytest.mark.parametrize("ndim", [2, 3])
def test_hot_and_dead_pixels_change_nothing_but_themselves(ndim):
    image = nuclei(ndim)
    spoilt = image.copy()
    spoilt.flat[17], spoilt.flat[1203] = 65535, -65535
    config = NormalizeConfig(low=1, high=99.5)
    found = normalized(spoilt, config)
    assert (found.flat[17], found.flat[1203]) == (1 + BEYOND, -BEYOND)
    away = np.abs(found - normalized(image, config))
    away.flat[[17, 1203]] = 0
    assert away.max() < 0.05


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("grey", [700, 65535])
def test_a_scale_bar_sets_no_limit(ndim, grey):
    """It is burnt into every plane of a volume."""
    image = nuclei(ndim)
    marked = image.copy()
    marked[0, ..., -3:, 10:20] = grey
    assert 0.002 < (marked != image).mean() < 0.02
    np.testing.assert_allclose(
        limits(marked, NormalizeConfig()), limits(image, NormalizeConfig()), rtol=0.03
    )


def test_a_bright_nucleus_is_no_mark():
    image = nuclei(2)
    spot = np.hypot(*np.indices((40, 40)) - 20)
    image[0] += 3000 * np.exp(-((spot / 2) ** 4))
    np.testing.assert_array_equal(
        limits(image, NormalizeConfig())[:, 0], np.percentile(image, [1, 99.8])
    )


def test_two_grey_values_are_no_mark():
    image = np.zeros((1, 40, 40), np.uint8)
    image[0, :4, :5] = 200
    assert limits(image, NormalizeConfig())[:, 0].tolist() == [0, 200]


def test_models_of_other_programs_see_what_those_show_them():
    image = nuclei(2)
    image[..., -4:, 10:20] = 65535
    image.flat[17] = 1e7
    found = normalized(image, NormalizeConfig(robust=False))
    low, high = np.percentile(image, [1, 99.8])
    np.testing.assert_allclose(found, (image - low) / (high - low), rtol=1e-5)


class Watched:
    """A large image of which only what is asked for exists."""

    def __init__(self, shape):
        self.shape, self.read = shape, 0

    def __getitem__(self, where):
        axes = np.ogrid[where[1:]]
        self.read += np.prod([axis.size for axis in axes])
        return sum(axes)[np.newaxis]


@pytest.mark.parametrize(
    "shape", [(10**6, 10**6), (700, 10**5, 10**5), (3, 10**9), (5, 2000, 9999)]
)
def test_a_large_image_is_sampled_evenly(shape):
    image = Watched((1, *shape))
    low, high = limits(image, NormalizeConfig(low=10, high=90))[:, 0]
    assert image.read <= WINDOWS * WINDOW_PIXELS
    middle = sum(shape) / 2
    assert low + high == pytest.approx(2 * middle, rel=0.01)
    windows = np.array(sample_windows(shape))
    assert windows.min() == 0
    assert (windows[:, :, 1].max(0) <= shape).all()
    longest = int(np.argmax(shape))
    assert windows[:, longest, 1].max() == shape[longest]


def test_up_to_the_limit_every_pixel_counts():
    assert sample_windows((4096, 4096)) == [((0, 4096), (0, 4096))]
    assert len(sample_windows((4096, 4097))) > 500


def test_how_a_large_image_is_stored_does_not_matter():
    image = np.random.default_rng(0).integers(0, 4000, (1, 4100, 4100), np.uint16)
    whole = limits(image, NormalizeConfig())
    chunked = limits(from_array(image, chunks=(1, 1000, 777)), NormalizeConfig())
    np.testing.assert_array_equal(whole, chunked)
    np.testing.assert_allclose(whole[:, 0], np.percentile(image, [1, 99.8]), rtol=0.01)


@pytest.mark.parametrize("shape", [(20, 64, 64), (20, 1024, 1024)])
@pytest.mark.parametrize("value", [0, 65535])
def test_even_planes_of_a_volume_set_no_limit(shape, value):
    image = np.random.default_rng(0).integers(300, 4000, (1, *shape), np.uint16)
    usual = limits(image, NormalizeConfig())
    image[:, [3, 10, 19]] = value
    np.testing.assert_allclose(limits(image, NormalizeConfig()), usual, rtol=0.01)


@pytest.mark.parametrize("shape", [(20, 64, 64), (60, 600, 600)])
@pytest.mark.parametrize("planes", [[3, 10, 19], range(30)])
def test_even_planes_of_one_channel_set_none_of_its_limits(shape, planes):
    image = np.random.default_rng(0).integers(300, 4000, (3, *shape), np.uint16)
    image[1] //= 2
    image[2] = 7
    usual = limits(image, NormalizeConfig())
    image[1, [plane for plane in planes if plane < shape[0] - 1]] = 0
    before = image.copy()
    np.testing.assert_allclose(limits(image, NormalizeConfig()), usual, rtol=0.01)
    np.testing.assert_array_equal(image, before)


def test_a_volume_of_even_planes_has_its_whole_range():
    image = np.repeat(np.arange(20, dtype=np.uint16), 64).reshape(1, 20, 8, 8)
    np.testing.assert_array_equal(limits(image, NormalizeConfig(low=0, high=100))[:, 0], [0, 19])
