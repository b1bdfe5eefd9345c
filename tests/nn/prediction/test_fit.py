"""Whether a model fits an image is told before, with, and without a word where it does."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet.core.config import GreyConfig, TileConfig
from napari_unet.core.decoding.fit import Fit
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.resample import Resampled
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.io.picture import Picture
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.fit import fit_steps
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.prediction.windows import Windows
from napari_unet.scale.large.segment import segment_large

INVERTED = SegmentRequest(axes="YX", grey=GreyConfig(invert=True))


@pytest.fixture(scope="module")
def model():
    return load_model("nuclei")


@pytest.fixture(scope="module")
def nuclei():
    return load_sample("nuclei2d")[0].data[1]


def quick(image, model, request=SegmentRequest(axes="YX")):
    return drive(fit_steps(image, model, request))


def test_an_image_like_those_that_the_model_knows_fits(nuclei, model):
    found = segment(nuclei, model)
    assert found.fit.told == found.advice.told == quick(nuclei, model).told == ""
    assert found.note == found.match.told


def test_dark_objects_on_bright_ground_are_told_in_memory_and_on_disk(tmp_path, nuclei, model):
    told = segment(~nuclei, model).fit.told
    assert "ground is bright here" in told
    assert quick(~nuclei, model).inverted
    assert quick(~nuclei, model).told == told
    assert told in segment_large(Picture(~nuclei, "YX"), model, tmp_path).note


def test_noise_that_is_smooth_is_told(model):
    noise = np.random.default_rng(0).normal(size=(160, 160)).cumsum(0).cumsum(1)
    assert segment(noise, model, axes="YX").fit.told


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32])
def test_dark_and_bright_exchanged_twice_change_nothing(tmp_path, nuclei, model, dtype):
    image = nuclei.astype(dtype)
    dark = -image if dtype == np.float32 else ~image
    expected = segment(image, model, axes="YX")
    found = segment(dark, model, INVERTED)
    np.testing.assert_array_equal(found.instances, expected.instances)
    assert found.fit == Fit(pytest.approx(expected.fit.doubts, abs=1e-4))


def test_dark_and_bright_are_exchanged_on_disk(tmp_path, nuclei, model):
    expected = segment(nuclei, model).instances.max()
    assert segment_large(Picture(~nuclei), model, tmp_path, INVERTED).objects == expected


def test_grey_values_are_those_of_the_image_as_it_came_but_it_is_as_sharp_as_it_is_seen(
    nuclei, model
):
    planes, half = arrange(nuclei, "YX", 2, 1), [length // 2 for length in nuclei.shape]
    greys = []
    for seen in (planes, Resampled.of(planes, half)):
        windows = Windows(seen, model, TileConfig())
        assert list(windows.outputs(half))
        greys.append(windows.greys[0])
    assert greys[0][:3] == greys[1][:3]
    assert greys[0].sharpness < greys[1].sharpness


@pytest.mark.parametrize("sigma", [4, 5])
def test_a_blurred_image_is_told_at_any_size(nuclei, model, sigma):
    blurred = gaussian_filter(nuclei.astype(np.float32), sigma)
    assert segment(nuclei, model).fit == Fit(pytest.approx(0, abs=0.5))
    found = segment(blurred, model)
    assert "the image is blurred, unlike those that the model knows" in found.fit.told
    assert quick(blurred, model).told == found.fit.told
    large = segment(blurred.repeat(3, 0).repeat(3, 1), model)
    assert "the image is blurred" in large.fit.told


def test_a_size_that_is_matched_is_that_at_which_the_fit_is_looked_for(nuclei, model):
    large = nuclei.repeat(4, 0).repeat(4, 1)
    assert quick(large, model).told == segment(large, model, axes="YX").fit.told == ""
