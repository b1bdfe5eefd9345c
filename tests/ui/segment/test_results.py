"""Both layers of a result are always there."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.core.config import DecodeConfig
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.ui.layers.metadata import is_result_of
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.result.results import Results


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
