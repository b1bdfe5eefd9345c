"""Which objects are chosen by themselves, and what belongs to them."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.widgets.objects.objects_box import ObjectsBox
from napari_unet.ui.work.dock_widget import Connections

PIXELS = np.zeros((6, 8), np.uint8)


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def new_box(viewer, qtbot):
    """A new box, as in a widget that is opened."""
    connections = Connections()
    boxes = []

    def new_box():
        boxes.append(ObjectsBox(viewer, connections))
        qtbot.addWidget(boxes[-1].native)
        return boxes[-1]

    yield new_box
    connections.undo()


def test_a_corrected_annotation_is_chosen_before_the_hidden_result(viewer, new_box):
    image = viewer.add_image(PIXELS, name="a")
    result = viewer.add_labels(PIXELS, name="a objects (instances)")
    box = new_box()
    assert box.value is result
    objects = add_annotation(viewer, image)
    result.visible = False
    assert box.value is objects
    viewer.layers.selection.active = result
    assert box.value is result
    viewer.layers.selection.active = image
    assert box.value is result
    assert new_box().value is objects
    objects.visible, result.visible = False, True
    assert new_box().value is result


def test_objects_of_the_image_that_is_looked_at_come_first(viewer, new_box):
    images = [viewer.add_image(PIXELS + number, name=name) for number, name in enumerate("ab")]
    first, second = (add_annotation(viewer, image) for image in images)
    viewer.layers.selection.active = images[0]
    assert new_box().value is first
    viewer.layers.selection.active = viewer.layers["b marks"]
    assert new_box().value is second


def test_marks_are_no_objects(viewer, new_box):
    objects = add_annotation(viewer, viewer.add_image(PIXELS, name="a"))
    box = new_box()
    viewer.layers.selection.active = viewer.layers["a marks"]
    assert box.value is objects
