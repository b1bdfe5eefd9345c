"""Hot pixels, scale bars and text in an image take nothing from its objects."""

import numpy as np
import pytest

from napari_unet.core.evaluation.metrics import evaluate
from napari_unet.io.bundled import load_sample
from napari_unet.io.picture import Picture
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.segment import segment
from napari_unet.scale.large.segment import segment_large


@pytest.fixture(scope="module")
def dim():
    """Return nuclei that are not much brighter than a camera's ground."""
    return 100 + load_sample("nuclei2d")[0].data[1].astype(np.uint16)


def hot_pixels(image):
    image.flat[np.random.default_rng(0).integers(0, image.size, 20)] = 65535


def scale_bar(image):
    image[-9:-3, 5:85] = 65535


def hot_row(image):
    image[0] = 4095


@pytest.mark.parametrize("spoil", [hot_pixels, scale_bar, hot_row])
def test_what_is_burnt_in_takes_no_object(tmp_path, dim, spoil):
    model, spoilt = load_model("nuclei"), dim.copy()
    spoil(spoilt)
    expected, found = segment(dim, model).instances, segment(spoilt, model).instances
    match = evaluate(found, expected).at(0.5)
    assert match.tp > 20
    assert match.fn <= 2
    assert match.fp <= 2
    assert segment_large(Picture(spoilt), model, tmp_path).objects == found.max()
