"""What the tests of annotations need: the widget, objects to start from, a pointer, a folder."""

import numpy as np
import pytest
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QFileDialog

from napari_unet.storage.folders import HOME
from napari_unet.ui.annotate.saving import autosave

PLUGIN = "napari-unet-studio"
TIMEOUT = 60_000


@pytest.fixture
def home(monkeypatch, tmp_path):
    """An empty folder for autosaved annotations, which are written almost at once."""
    monkeypatch.setenv(HOME, str(tmp_path))
    monkeypatch.setattr(autosave, "DELAY", 20)
    return tmp_path


@pytest.fixture
def annotate(viewer, home):
    """The Annotate widget, docked."""
    return viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")[1]


@pytest.fixture
def objects():
    """Three objects and a stray pixel, uint32 (60, 80)."""
    labels = np.zeros((60, 80), np.uint32)
    labels[10:30, 10:30] = 1
    labels[10:30, 32:50] = 2
    labels[40:60, 60:80] = 3
    labels[20, 20] = 0
    labels[50, 5] = 1
    return labels


@pytest.fixture
def start(viewer, annotate, click, objects, qtbot):
    """Make an annotation that starts from the objects, in one plane or in each of a stack."""

    def start(planes=0):
        labels = np.stack([objects] * planes) if planes else objects
        viewer.add_image(np.zeros(labels.shape, np.uint8), name="cells")
        annotate.form.start.value = viewer.add_labels(labels, name="result")
        click(annotate.form.create)
        qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
        return annotate.session

    return start


@pytest.fixture
def result(viewer, annotate, click, objects):
    """A new annotation of an image, or a stack, beside a result that is chosen by itself."""

    def result(planes=0):
        labels = np.stack([objects] * planes) if planes else objects
        viewer.add_image(np.zeros(labels.shape, np.uint8), name="cells")
        viewer.add_labels(np.roll(labels, 1, 0), name="other")
        viewer.add_labels(labels, name="cells objects (instances)")
        click(annotate.form.create)
        return annotate.session

    return result


@pytest.fixture
def pointer(viewer, qtbot):
    """Use the left mouse button at pixels of a layer."""

    def pointer(layer, *places):
        canvas = viewer.window._qt_viewer.canvas
        node = canvas.layer_to_visual[layer].node
        to_canvas = node.get_transform("visual", "canvas")
        points = [QPoint(*map(int, to_canvas.map([*place[::-1]])[:2])) for place in places]
        qtbot.mousePress(canvas.native, Qt.MouseButton.LeftButton, pos=points[0])
        for point in points[1:]:
            qtbot.mouseMove(canvas.native, point)
            qtbot.wait(5)
        qtbot.mouseRelease(canvas.native, Qt.MouseButton.LeftButton, pos=points[-1])

    return pointer


@pytest.fixture
def folder(monkeypatch, home):
    """The folder that is chosen whenever one is asked for."""
    folder = home / "saved"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    return folder


@pytest.fixture
def save(annotate, click, qtbot, folder):
    """Save the annotation in a folder, and wait until it is there."""

    def save():
        written = []
        annotate.form.save.writes.returned.connect(written.append)
        click(annotate.form.save)
        qtbot.waitUntil(lambda: len(written) == 1, timeout=TIMEOUT)
        return folder

    return save
