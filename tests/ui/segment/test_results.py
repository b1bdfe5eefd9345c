"""Both layers of a result are always there."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.core.config import DecodeConfig, LinkConfig
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.ui.layers.labels import guess_ndim
from napari_unet.ui.layers.metadata import has_role, is_result_of
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.result.results import Results
from napari_unet.ui.widgets.objects.one_result import of_one_result


@pytest.mark.parametrize("classes", [1, 2])
def test_classes_are_in_view_where_there_are_several(classes):
    viewer, output = ViewerModel(), np.random.default_rng(0).random((classes + 1, 40, 50))
    probabilities = (output / output.sum(0)).astype(np.float32)
    result = Segmentation.from_output(probabilities, None, 2, DecodeConfig())
    Results(viewer).show_labels(take(Image(output[0], name="cells"), 2, 1), result)
    semantic, instances = viewer.layers
    assert (semantic.name, instances.name) == (
        "cells classes (semantic)",
        "cells objects (instances)",
    )
    assert semantic.visible == (classes > 1)
    assert instances.visible
    assert (instances.contour > 0) == (classes > 1)
    np.testing.assert_array_equal(semantic.data, result.semantic)


def test_a_plane_that_is_done_again_leaves_joined_objects_joined():
    pixels = np.zeros((2, 3, 8, 8), np.float32)
    pixels[1, :, 2:6, 2:6] = 1
    pixels[0] = 1 - pixels[1]
    viewer = ViewerModel()
    image, results, heard = viewer.add_image(pixels[1], name="cells"), Results(viewer), []
    image.axis_labels = ("z", "y", "x")
    flat = Segmentation.from_output(pixels[:, 1], None, 2, DecodeConfig())
    whole = Segmentation.from_output(pixels, None, 2, DecodeConfig())
    whole = whole.linked("ZYX", LinkConfig(planes=True))
    layer = results.show_labels(take(image, 2, 1), whole)
    layer.events.data.connect(lambda event: heard.append(event.type))
    assert results.show_labels(take(image, 2, 1, (1, 0, 0)), flat) is layer
    assert [np.unique(plane).tolist() for plane in layer.data] == [[0, 1], [0, 2], [0, 1]]
    assert guess_ndim(layer) == 3
    assert heard == ["data"]  # whoever has measured the objects says that they have changed


@pytest.mark.parametrize("painted", ["instances", "semantic"])
def test_objects_and_classes_are_kept_together_once_one_was_painted_in(painted):
    viewer, output = ViewerModel(), np.random.default_rng(0).random((2, 40, 50))
    first, second = (
        Segmentation.from_output((each / each.sum(0)).astype(np.float32), None, 2, DecodeConfig())
        for each in (output, output[::-1])
    )
    source, results = take(viewer.add_image(output[0], name="cells"), 2, 1), Results(viewer)
    results.show_labels(source, first)
    kept = viewer.layers[1:]
    one = next(each for each in kept if has_role(each, painted))
    one.visible = True
    one.data_setitem(np.nonzero(np.eye(40, 50)), 99)
    before = [each.data.copy() for each in kept]
    results.begin()
    results.show_labels(source, second)
    for layer, pixels in zip(kept, before, strict=True):
        np.testing.assert_array_equal(layer.data, pixels)
    assert of_one_result(*kept)
    assert not of_one_result(kept[0], viewer.layers[-1])
    for layer, pixels in zip(viewer.layers[3:], (second.semantic, second.instances), strict=True):
        np.testing.assert_array_equal(layer.data, pixels)


def test_all_results_know_their_image():
    viewer, output = ViewerModel(), np.random.default_rng(0).random((2, 40, 50))
    probabilities = (output / output.sum(0)).astype(np.float32)
    result = Segmentation.from_output(probabilities, None, 2, DecodeConfig())
    image, twin = Image(output[0], name="cells"), Image(output[1], name="cells")
    source, results = take(image, 2, 1), Results(viewer)
    results.show_output(source, result, ["probability"])
    results.show_labels(source, result)
    image.name = "renamed"
    assert [is_result_of(each, image) for each in viewer.layers] == [True] * 3
    assert not any(is_result_of(each, twin) for each in viewer.layers)
