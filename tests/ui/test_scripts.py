"""What is chosen in the widgets is read and set by scripts, as in every magicgui plugin."""

import numpy as np
import pytest
from magicgui.widgets import ComboBox
from qtpy.QtCore import Qt

PLUGIN = "napari-unet-studio"
CHOICES = {
    "Segment": ["image"],
    "Annotate": ["image", "start", "labels", "result"],
    "Weight map": ["labels"],
    "Fine-tune": ["image", "labels"],
    "Measure": ["labels", "image"],
    "Export": ["instances", "semantic"],
}
"""Where layers are chosen."""


@pytest.fixture
def images(viewer):
    return [viewer.add_image(np.zeros((16, 16)), name=name) for name in ("a", "b")]


@pytest.fixture
def labels(viewer, images):
    return [
        viewer.add_labels(np.zeros((16, 16), int), name=f"{each.name} objects") for each in images
    ]


@pytest.fixture
def docked(viewer):
    return lambda title: viewer.window.add_plugin_dock_widget(PLUGIN, title)[1]


def annotated(widget, images, click):
    """Make an annotation of each image, and return their layers."""
    made = []
    for image in images:
        widget.image.value = image
        click(widget.form.create)
        made.append(widget.labels.value)
    return made


@pytest.mark.parametrize("title", CHOICES)
def test_layers_are_chosen_by_value_and_by_a_click(docked, images, labels, click, qtbot, title):
    widget = docked(title)
    annotations = annotated(widget, images, click) if title == "Annotate" else labels
    for name in CHOICES[title]:
        box = getattr(widget, name)
        assert isinstance(box, ComboBox)
        own = annotations if name == "labels" else labels
        first, second = images if name == "image" else own
        for layer in (second, first):
            box.value = layer
            assert box.value is layer
            assert box.native.currentText() == layer.name
        told = []
        box.changed.connect(told.append)
        pick(box, second.name, qtbot)
        assert box.value is second
        assert told == [second]
        second.name = f"{second.name} again"
        assert box.value is second
        assert box.native.currentText() == second.name
        assert told == [second]


def pick(box, text, qtbot):
    """Open a list and click a line of it."""
    box.native.showPopup()
    lines = box.native.view()
    line = box.native.model().index(box.native.findText(text), 0)
    lines.scrollTo(line)
    at = lines.visualRect(line).center()
    qtbot.waitUntil(lambda: press(lines, at, qtbot) or box.native.currentText() == text)


def press(lines, at, qtbot):
    """Click, which a list that has just been opened may pass over."""
    if lines.isVisible():
        qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=at)


@pytest.mark.parametrize("title", ["Segment", "Fine-tune", "Batch"])
def test_models_are_chosen_by_name_or_file(docked, models, title):
    widget = docked(title)
    widget.model.value = "nuclei"
    assert widget.form.model.path().stem == "nuclei"
    widget.model.add(models["flat"])
    assert widget.model.value == models["flat"]
    assert widget.form.model.header()["name"] == "flat"
    widget.model.value = "nuclei"
    assert widget.form.model.header()["name"] == "nuclei"


def test_what_a_script_chose_to_learn_from_is_not_overruled(viewer, docked, images, labels):
    viewer.layers.selection.active = images[1]
    widget = docked("Fine-tune")
    widget.image.value = images[0]
    assert widget.labels.value is labels[0]
    viewer.add_image(np.zeros((16, 16)), name="c")
    viewer.layers.selection.active = images[1]
    assert widget.image.value is images[0]
