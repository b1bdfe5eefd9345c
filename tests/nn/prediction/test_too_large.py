"""How much memory a segmentation takes is known before it is begun."""

import tracemalloc

import numpy as np
import pytest

from napari_unet.core.config import ModelConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.nn.model import Model, load_model, seeded_network
from napari_unet.nn.prediction import too_large
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.prediction.too_large import bytes_needed, exceeds_memory

ONE = ModelConfig()


def with_classes(count):
    """Return a quick model that finds nothing."""
    config = ModelConfig(features=2, depth=1, classes=tuple(map(str, range(count))))
    network = seeded_network(config, 0).eval()
    head = [each for each in network.modules() if hasattr(each, "bias")][-1]
    head.bias.data[0] += 50
    return Model("blind", network)


def test_axes_that_are_not_those_of_the_image_are_refused():
    with pytest.raises(UserError, match="do not fit an image with 2 axes"):
        exceeds_memory((9, 7), "ZYX", ONE)


@pytest.mark.parametrize(
    ("planes", "views", "model"),
    [
        (1, "one", load_model("nuclei")),
        (4, "one", load_model("nuclei")),
        (1, "mirrored", load_model("nuclei")),
        (1, "one", with_classes(4)),
        (3, "mirrored", with_classes(4)),
    ],
    ids=["plane", "stack", "views", "classes", "all"],
)
def test_the_estimate_is_near_what_is_taken(planes, views, model):
    image = np.stack([np.tile(load_sample("nuclei2d")[0].data[0], (2, 2))] * planes)
    request = SegmentRequest(axes="TYX", tiles=TileConfig(device="cpu", views=views))
    segment(image[:, :64, :64], model, request)  # what is imported on the way does not count
    tracemalloc.start()
    try:
        segment(image, model, request)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0.6 < taken / bytes_needed(image.shape, "TYX", model.config, views) < 1.15


def test_more_classes_views_and_planes_need_more():
    shape = (5000, 5000)
    least = bytes_needed(shape, "YX", ONE)
    assert least < bytes_needed(shape, "YX", ONE.replace(classes=tuple("abc")))
    assert least > bytes_needed(shape, "YX", ONE.replace(height=False))
    assert least < bytes_needed(shape, "YX", ONE, "mirrored")
    assert 2 * least > bytes_needed((2, *shape), "TYX", ONE) > least
    assert bytes_needed((3, *shape), "CYX", ONE) == least


def test_what_is_too_large_depends_on_what_is_free(monkeypatch):
    shape = (8192, 8192)
    needed = bytes_needed(shape, "YX", ONE)
    for free, exceeded in ((2 * needed, False), (2 * needed - 2, True)):
        monkeypatch.setattr(too_large, "free_memory", lambda free=free: free)
        assert exceeds_memory(shape, "YX", ONE) == exceeded
    assert not exceeds_memory((4096, 4096), "YX", ONE)
    assert exceeds_memory((4096, 4097), "YX", ONE.replace(classes=tuple("abcdefghijkl" * 4)))
