"""What was found in an image does not hide what is painted on it."""

from uuid import uuid4

import numpy as np
from napari.components import ViewerModel

from napari_unet.ui.annotate.results_below import OUTLINE, show_as_outlines
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.result.result_layer import ResultLayer


def test_results_are_outlines_below_a_new_annotation(viewer, annotate, result):
    result()
    found, other = viewer.layers["cells objects (instances)"], viewer.layers["other"]
    assert (found.visible, found.contour) == (True, OUTLINE)
    assert (other.visible, other.contour) == (True, 0)
    assert annotate.session.layer.contour == 0


def test_what_an_annotation_starts_from_makes_room_for_it(viewer, start):
    session = start()
    assert not viewer.layers["result"].visible
    assert session.layer.visible


def test_results_of_other_images_stay_as_they_are():
    viewer, pixels = ViewerModel(), np.zeros((20, 30), np.uint8)
    image, other = viewer.add_image(pixels, name="a"), viewer.add_image(pixels, name="b")
    labels = np.ones((20, 30), np.int32)
    found = {
        (each.name, role): ResultLayer(viewer, role, {}).show(take(each, 2, 1), labels, 2, uuid4())
        for each in (image, other)
        for role in ("instances", "semantic")
    }
    found["a", "semantic"].contour = 5
    image.name = "renamed"
    show_as_outlines(viewer.layers, image)
    assert {key: layer.contour for key, layer in found.items()} == {
        ("a", "instances"): OUTLINE,
        ("a", "semantic"): 5,
        ("b", "instances"): 0,
        ("b", "semantic"): 0,
    }
