"""How steep the edges of an image are, beside what its few pixels span."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, zoom

from napari_unet import load_sample
from napari_unet.core.config import NormalizeConfig
from napari_unet.core.image.look.greys import greys_of
from napari_unet.core.image.look.sharpness import sharpness
from napari_unet.core.image.normalize import limits
from napari_unet.core.image.sampled import sample


@pytest.fixture(scope="module")
def nuclei():
    return load_sample("nuclei2d")[0].data[0].astype(np.float32)


def found(image):
    image = image[np.newaxis]
    return sharpness(sample(image), limits(image, NormalizeConfig()))


def test_the_more_an_image_is_blurred_the_less_sharp_it_is(nuclei):
    figures = [found(gaussian_filter(nuclei, sigma)) for sigma in (0, 1, 2, 3, 4)]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 0.16
    assert figures[3] < 0.15
    assert found(zoom(nuclei, 4, order=1)) < 0.15, "and so is what is shown far too large"


def test_contrast_brightness_polarity_and_dtype_do_not_matter(nuclei):
    figure = found(nuclei)
    assert found(1000 - 0.3 * nuclei) == pytest.approx(figure, abs=0.01)
    assert found(nuclei.astype(np.uint16) * 100) == pytest.approx(figure, abs=0.01)
    whole = nuclei[np.newaxis]
    assert greys_of([whole], limits(whole, NormalizeConfig())).sharpness == figure


def test_a_part_of_a_large_image_stands_for_it(nuclei):
    many = np.tile(nuclei, (16, 16))
    assert found(many[:1200, :1300]) == pytest.approx(found(nuclei), rel=0.1)
    assert found(np.tile(nuclei, (20, 20))) == pytest.approx(found(nuclei), rel=0.1)


@pytest.mark.parametrize("channels", [1, 3])
def test_planes_of_volumes_and_channels_count_together(nuclei, channels):
    volume = np.stack([np.stack([nuclei] * 7)] * channels)
    figure = sharpness([volume], limits(volume, NormalizeConfig()))
    assert figure == pytest.approx(found(nuclei), rel=1e-3)


@pytest.mark.parametrize("shape", [(40, 50), (1, 30), (1, 1), (3, 4, 5)])
def test_without_any_edge_nothing_is_blurred(shape):
    assert found(np.full(shape, 7, np.uint8)) == 1
