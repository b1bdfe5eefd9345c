"""Proof-reading in a real window: with keys, from a result to what the next training learns."""

from collections import deque
from weakref import ref

import numpy as np
import pytest
from qtpy.QtCore import Qt

from napari_unet.core.annotation.annotation import BACKGROUND, IGNORED, NOTHING
from napari_unet.core.review.queue import Queue
from napari_unet.ui.annotate.annotation_copies import chunked_annotation
from napari_unet.ui.layers.metadata import ANNOTATION, MADE
from napari_unet.ui.measure.proofread.outline import Outline
from napari_unet.ui.work.copies import at_once
from napari_unet.ui.work.opening import open_widget

TIMEOUT = 60_000
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def labels():
    """Three objects, (40, 60)."""
    array = np.zeros((40, 60), np.int32)
    array[4:12, 4:12], array[20:30, 10:22], array[12:24, 40:54] = 3, 4, 9
    return array


@pytest.fixture
def reader(viewer, labels, click, qtbot):
    """Proof-reading of the objects, 4 the most doubtful and 3 the least."""
    image = viewer.add_image(np.random.default_rng(0).random(labels.shape), name="cells")
    sure = np.choose(np.searchsorted([0, 3, 4, 9], labels), [0, 0.95, 0.6, 0.8])
    for role, add in (("probability", viewer.add_image), ("instances", viewer.add_labels)):
        about = {MADE: {"axes": "YX", "ndim": 2, "role": role, "image": ref(image)}}
        add(labels.copy() if role == "instances" else sure, name=f"cells {role}", metadata=about)
    widget = open_widget(viewer, "Measure")
    click(widget.button)
    qtbot.waitUntil(widget.button.isEnabled, timeout=TIMEOUT)
    click(widget.form.measured.proof.begin)
    qtbot.waitUntil(lambda: widget.proof.reading is not None, timeout=TIMEOUT)
    return widget


@pytest.fixture
def press(viewer, reader, qtbot):
    """Press a key over the image."""

    def press(key, modifier=Qt.KeyboardModifier.NoModifier):
        qtbot.keyClick(viewer.window._qt_viewer.canvas.native, key, modifier)

    return press


def test_keys_lead_from_doubt_to_doubt(viewer, reader, press, labels, qtbot):
    qtbot.waitUntil(reader.isVisible, timeout=TIMEOUT)
    box, reading = reader.form.measured.proof, reader.proof.reading
    layer, parts = reading.layer, reading.layer.metadata[ANNOTATION]
    assert viewer.layers.selection.active is layer
    assert reader.labels.value is layer
    assert (layer.selected_label, box.told.text()) == (4, "3 left, 0 % of the doubt gone")
    assert at_once(chunked_annotation(layer)).ignored().all()
    assert layer.features["made_by"].tolist() == ["program"] * 3

    autosave = open_widget(viewer, "Annotate").session.autosave
    changes = autosave.changes
    press(Qt.Key.Key_Y)
    assert autosave.changes > changes
    assert layer.selected_label == 9
    assert box.told.text() == "2 left, 62 % of the doubt gone"
    assert layer.features["accepted"].tolist() == [False, True, False]
    counts = ~at_once(chunked_annotation(layer)).ignored()
    np.testing.assert_array_equal(counts, labels == 4)

    parts.marks.data[13, 40:54] = IGNORED
    press(Qt.Key.Key_X)
    assert not (layer.data == 9).any()
    assert layer.selected_label == 3
    marked = np.where(labels == 9, BACKGROUND, NOTHING)
    marked[13, 40:54] = IGNORED
    np.testing.assert_array_equal(parts.marks.data, marked)
    counts = ~at_once(chunked_annotation(layer)).ignored()
    np.testing.assert_array_equal(counts, (labels == 4) | (marked == BACKGROUND))
    press(Qt.Key.Key_Period)
    assert layer.selected_label == 3
    press(Qt.Key.Key_Z, CTRL)
    assert layer.selected_label == 9
    assert not (parts.marks.data == BACKGROUND).any()
    np.testing.assert_array_equal(layer.data, labels)
    assert parts.record.found == {3, 4, 9}
    press(Qt.Key.Key_Z, CTRL)
    assert (layer.selected_label, parts.record.accepted) == (4, set())
    press(Qt.Key.Key_Z, CTRL | SHIFT)
    press(Qt.Key.Key_Z, CTRL | SHIFT)
    assert box.told.text() == "1 left, 92 % of the doubt gone"
    assert not (layer.data == 9).any()
    np.testing.assert_array_equal(parts.marks.data, marked)
    press(Qt.Key.Key_Y)
    assert box.told.text() == "Nothing is left of 3 objects."
    assert "proof-read" not in viewer.layers


def test_correcting_and_what_others_do_meanwhile(viewer, reader, press, click, qtbot):
    reading = reader.proof.reading
    layer, parts = reading.layer, reading.layer.metadata[ANNOTATION]
    press(Qt.Key.Key_C, SHIFT)
    annotate = open_widget(viewer, "Annotate")
    assert annotate.session.picks.numbers == [4]
    annotate.session.use(next(t for t in annotate.form.tools if t.title == "Grow"))
    assert parts.record.edited == {4}
    press(Qt.Key.Key_Z, CTRL)
    assert parts.record.edited == set()
    press(Qt.Key.Key_Y)
    assert annotate.session.picks.numbers == []
    click(annotate.form.tools[next(t for t in annotate.form.tools if t.title == "Delete")])
    assert not (layer.data == 9).any()  # with Annotate's own tool
    press(Qt.Key.Key_Period)
    assert layer.selected_label == 3
    assert "1 left" in reader.form.measured.proof.told.text()
    layer.selected_label = 4
    click(annotate.form.tools[next(t for t in annotate.form.tools if t.title == "Delete")])
    assert "accepted" in annotate.form.work_error.toPlainText()
    assert (layer.data == 4).any()
    click(reader.form.measured.proof.begin)
    click(reader.form.measured.proof.begin)
    reader.proof.reading.go_to(4)
    assert "Accept again" in reader.form.measured.proof.told.text()
    click(reader.form.measured.proof.buttons["accept"])
    assert parts.record.accepted == set()
    click(reader.form.measured.proof.begin)
    assert reader.proof.reading is None
    assert "proof-read" not in viewer.layers
    viewer.layers.remove(layer)


def test_an_object_that_was_painted_on_is_deleted_whole(reader, press):
    reading = reader.proof.reading
    reading.layer.data_setitem((np.array([0, 38]), np.array([59, 1])), 4)
    press(Qt.Key.Key_X)
    assert not (reading.layer.data == 4).any()


def test_what_was_measured_again_meanwhile_comes_back(reader, press, click, qtbot):
    press(Qt.Key.Key_X)
    click(reader.button)
    qtbot.waitUntil(reader.button.isEnabled, timeout=TIMEOUT)
    assert reader.form.measured.table["label"].tolist() == [3, 9]
    press(Qt.Key.Key_Z, CTRL)
    layer = reader.proof.reading.layer
    assert layer.selected_label == 4
    assert (layer.data == 4).any()


def test_what_napari_forgets_is_not_taken_back(viewer, reader, press, monkeypatch):
    layer, reading = reader.proof.reading.layer, reader.proof.reading
    monkeypatch.setattr("napari_unet.ui.measure.proofread.past._MOST", 2)
    layer._undo_history = deque(maxlen=2)
    for _ in range(3):
        press(Qt.Key.Key_X)
    for _ in range(3):
        press(Qt.Key.Key_Z, CTRL)
    assert reading.record.found == set(np.unique(layer.data).tolist()) - {0} == {3, 9}
    assert reader.form.measured.proof.error.text().startswith("Only the last 2 changes of objects")


@pytest.mark.parametrize("brush", [1, 6])
def test_a_stroke_of_the_brush_is_one_step(reader, press, labels, brush):
    reading, layer = reader.proof.reading, reader.proof.reading.layer
    press(Qt.Key.Key_Y)
    layer.brush_size = brush
    with layer.block_history():
        layer.paint((38, 5), 9)
        layer.paint((38, 8), 9)
    painted = layer.data.copy()
    assert painted[38, 5] == 9
    assert reading.record.edited == {9}
    press(Qt.Key.Key_Z, CTRL)
    np.testing.assert_array_equal(layer.data, labels)
    assert (reading.record.edited, reading.record.accepted) == (set(), {4})
    press(Qt.Key.Key_Z, CTRL)
    assert reading.record.accepted == set()
    press(Qt.Key.Key_Z, CTRL | SHIFT)
    press(Qt.Key.Key_Z, CTRL | SHIFT)
    np.testing.assert_array_equal(layer.data, painted)
    press(Qt.Key.Key_X)
    assert not (layer.data == 9).any()


def test_a_class_that_is_given_meanwhile_is_one_step(viewer, reader, press):
    reading, session = reader.proof.reading, open_widget(viewer, "Annotate").session
    press(Qt.Key.Key_Y)
    session.giving.give([3], 2)
    assert reading.record.edited == set()
    press(Qt.Key.Key_Z, CTRL)
    assert session.parts.classes[3] == 1
    assert reading.record.accepted == {4}
    press(Qt.Key.Key_Z, CTRL)
    assert reading.record.accepted == set()
    press(Qt.Key.Key_Z, CTRL | SHIFT)
    press(Qt.Key.Key_Z, CTRL | SHIFT)
    assert session.parts.classes[3] == 2


def test_the_image_is_asked_for(viewer, labels, click, qtbot):
    viewer.add_labels(labels, name="a instances")
    widget = open_widget(viewer, "Measure")
    click(widget.button)
    qtbot.waitUntil(widget.button.isEnabled, timeout=TIMEOUT)
    click(widget.form.measured.proof.begin)
    assert "Choose the image" in widget.form.measured.proof.error.toPlainText()
    assert not widget.form.measured.proof.begin.isChecked()


def test_objects_that_were_not_measured_are_not_proof_read(viewer, labels, click, qtbot):
    viewer.add_image(labels.astype(float), name="cells")
    layer = viewer.add_labels(labels.copy(), name="cells instances")
    widget = open_widget(viewer, "Measure")
    click(widget.button)
    qtbot.waitUntil(widget.button.isEnabled, timeout=TIMEOUT)
    layer.data = np.where(labels == 9, 12, labels)
    proof = widget.form.measured.proof
    click(proof.begin)
    assert proof.error.toPlainText().startswith("Nothing was begun. Changed since: click Measure")
    assert len(viewer.layers) == 2
    click(widget.button)
    qtbot.waitUntil(widget.button.isEnabled, timeout=TIMEOUT)
    click(proof.begin)
    layer.data = labels  # while it is copied, or after that
    qtbot.waitUntil(lambda: widget.proof.reading is not None, timeout=TIMEOUT)
    reading = widget.proof.reading
    assert reading.record.found == set(np.unique(reading.layer.data).tolist()) - {0}


def test_the_outline_lies_around_the_object_in_each_plane(bare_viewer):
    array = np.zeros((4, 9, 9), int)
    array[1:3, 2:5, 3:8] = 7
    layer = bare_viewer.add_labels(array, scale=(2, 0.5, 0.5), translate=(1, 2, 3))
    outline = Outline(bare_viewer, layer)
    outline.show(7)
    shapes = bare_viewer.layers["proof-read"]
    assert [set(each[:, 0]) for each in shapes.data] == [{1}, {2}]
    for each in shapes.data:
        assert each[:, 1:].min(axis=0).tolist() == [1.5, 2.5]
        assert each[:, 1:].max(axis=0).tolist() == [4.5, 7.5]
    np.testing.assert_array_equal(shapes.data_to_world((1, 1, 1)), layer.data_to_world((1, 1, 1)))
    assert bare_viewer.layers.selection.active is layer
    gone = Queue((5, 7), (1, 1)).next()
    assert outline.show_first(gone).here == 7
    outline.hide()
    assert list(bare_viewer.layers) == [layer]
