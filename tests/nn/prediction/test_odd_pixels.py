"""Hot pixels, scale bars and text in an image take nothing from its objects."""

import numpy as np
import pytest

from napari_unet.core.config import GreyConfig
from napari_unet.core.evaluation.metrics import evaluate
from napari_unet.core.segment_request import SegmentRequest
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


GREYS = {"high": (2 * 10**9, 1, False), "inverted": (400, -1, True)}


@pytest.mark.parametrize(("offset", "sign", "invert"), GREYS.values(), ids=GREYS)
def test_integers_of_four_bytes_take_no_object(tmp_path, dim, offset, sign, invert):
    model, request = load_model("nuclei"), SegmentRequest(grey=GreyConfig(invert=invert))
    part = dim[:120, :120].astype(np.int64)
    image = (offset + sign * part).astype(np.uint32)
    found, expected = segment(image, model, request).instances, segment(part, model).instances
    assert expected.max() > 3
    assert evaluate(found, expected).at(0.9).f1 == 1
    assert segment_large(Picture(image), model, tmp_path, request).objects == found.max()


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
