"""The Annotate widget in a real window, with real clicks, and what is taken from its layers."""

import os
import signal
import subprocess
import sys
import time
from threading import Event

import dask.array
import numpy as np
import pytest
import zarr
from napari.layers import Image, Labels, Shapes
from napari.utils.shortcuts import default_shortcuts
from numpy.testing import assert_array_equal
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QFileDialog, QWidget

from napari_unet.core.errors import UserError, sentence
from napari_unet.io.annotations import write_annotation
from napari_unet.io.drafts import read_draft
from napari_unet.io.read import read_image
from napari_unet.storage.folders import HOME, autosave_folder
from napari_unet.ui.annotate import widget as annotate_widget
from napari_unet.ui.annotate.annotation_layers import annotated_image, annotation_of, numbers_in
from napari_unet.ui.annotate.saving import autosave, save_button
from napari_unet.ui.annotate.saving.autosave import chunked_draft
from napari_unet.ui.work import copies as copying
from napari_unet.ui.work.copies import at_once

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
def start(viewer, annotate, click, objects):
    """Make an annotation that starts from the objects, in one plane or in each of a stack."""

    def start(planes=0):
        labels = np.stack([objects] * planes) if planes else objects
        viewer.add_image(np.zeros(labels.shape, np.uint8), name="cells")
        annotate.form.start.choose(viewer.add_labels(labels, name="result"))
        click(annotate.form.create)
        return annotate.session

    return start


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


def pick(session, *numbers):
    for number in numbers:
        session.picks.toggle(number, np.zeros(session.layer.ndim))


IMAGES = {
    "flat": ((60, 80), {"scale": (0.5, 0.25), "translate": (3, 4), "rotate": 20}, (60, 80)),
    "stack": ((4, 60, 80), {"scale": (2, 0.5, 0.25), "units": ("um",) * 3}, (4, 60, 80)),
    "colour": ((60, 80, 3), {"rgb": True, "scale": (2, 2)}, (60, 80)),
    "channels": ((2, 60, 80), {"axis_labels": ("c", "y", "x"), "scale": (1, 2, 3)}, (60, 80)),
}


@pytest.mark.parametrize(("shape", "options", "expected"), IMAGES.values(), ids=IMAGES)
def test_new_annotation_lies_where_the_image_lies(
    viewer, annotate, click, shape, options, expected
):
    image = viewer.add_image(np.zeros(shape, np.uint8), name="cells", **options)
    click(annotate.form.create)
    rectangles, marks, objects = viewer.layers[1:]
    assert [layer.name for layer in viewer.layers[1:]] == [
        "cells rectangles",
        "cells marks",
        "cells objects",
    ]
    assert (objects.data.shape, objects.data.dtype) == (expected, np.uint32)
    assert (marks.data.shape, marks.data.dtype) == (expected, np.uint8)
    assert rectangles.ndim == len(expected)
    for layer in (rectangles, marks, objects):
        assert_array_equal(layer.scale, image.scale[-len(expected) :])
        assert_array_equal(layer.translate, image.translate[-len(expected) :])
        assert layer.units == image.units[-len(expected) :]
        assert layer.axis_labels == image.axis_labels[-len(expected) :]
        assert_array_equal(
            layer.affine.affine_matrix[-3:, -3:], image.affine.affine_matrix[-3:, -3:]
        )
        assert_array_equal(layer.rotate[-2:, -2:], image.rotate[-2:, -2:])
    assert viewer.layers.selection.active is objects
    annotated = annotated_image(image, objects)
    assert annotated.image.shape == shape
    assert annotated.annotation.ignored().all()
    assert annotate.form.extent.isVisible() == (len(expected) > 2)


def test_start_from_a_result_is_a_copy(viewer, start, objects):
    session = start()
    assert_array_equal(session.layer.data, objects)
    session.layer.paint((0, 0), 9)
    assert_array_equal(viewer.layers["result"].data, objects)
    assert session.link["classes"] == {1: 1, 2: 1, 3: 1}


LAZY = {
    "dask": lambda labels: dask.array.from_array(labels, chunks=32),
    "zarr": lambda labels: zarr.array(labels, chunks=(32, 32)),
    "pyramid": lambda labels: [labels, labels[::2, ::2]],
}


@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
def test_start_from_labels_that_are_read_when_needed(viewer, annotate, click, objects, lazy):
    viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    annotate.form.start.choose(viewer.add_labels(lazy(objects.astype(np.int64))))
    click(annotate.form.create)
    assert_array_equal(annotate.session.layer.data, objects)
    assert annotate.session.layer.data.dtype == np.uint32
    assert annotate.session.link["classes"] == {1: 1, 2: 1, 3: 1}


@pytest.mark.parametrize("numbers", [[], [1], [2, 9, 3000], [7, 2**32 - 1]])
def test_numbers_in_labels(numbers):
    labels = np.zeros((40, 80), np.uint32)
    labels.ravel()[: len(numbers)] = numbers[::-1]
    assert numbers_in(labels) == numbers


def test_result_of_another_image_is_refused(viewer, annotate, click, said):
    viewer.add_image(np.zeros((60, 80)), name="cells", contrast_limits=(0, 1))
    annotate.form.start.choose(viewer.add_labels(np.zeros((50, 80), int), name="other"))
    click(annotate.form.create)
    assert said == [
        "“cells” is 60 × 80 pixels and “the result” 50 × 80: choose one that was made for this "
        "image."
    ]
    assert len(viewer.layers) == 2


def test_without_an_image(viewer, annotate, click, said):
    click(annotate.form.create)
    assert said == ["There is no image: drop one on the window or use File > Open Sample."]
    assert not annotate.form.work.isEnabled()
    assert not annotate.form.save.isEnabled()


def test_without_memory(viewer, annotate, click, said, monkeypatch):
    def short_of_memory(*_):
        raise MemoryError

    monkeypatch.setattr(annotate_widget, "add_annotation", short_of_memory)
    viewer.add_image(np.zeros((60, 80), np.uint8))
    click(annotate.form.create)
    assert said == [sentence(MemoryError())]


def test_buttons_choose_layer_tool_and_label(viewer, start, annotate, click):
    session = start()
    for button, name, mode, label in (
        (annotate.form.object, "cells objects", "paint", 4),
        (annotate.form.background, "cells marks", "paint", 1),
        (annotate.form.ignore, "cells marks", "paint", 2),
        (annotate.form.rectangle, "cells rectangles", "add_rectangle", None),
    ):
        click(button)
        active = viewer.layers.selection.active
        assert (active.name, str(active.mode)) == (name, mode)
        assert getattr(active, "selected_label", None) == label
    assert session.layer.data.max() == 3


def test_scheme(viewer, start, annotate, click, pointer):
    session = start()
    click(annotate.form.rectangle)
    drawn = session.link["rectangles"]
    pointer(session.layer, (4.6, 8.6), (20, 20), (35.4, 40.4))
    assert len(drawn.data) == 1
    marks = session.link["marks"]
    marks.data[:] = 0
    marks.data[55, :30], marks.data[15, 15] = 1, 2
    annotation = annotation_of(session.layer)
    low, high = annotation.boxes[0]
    assert_array_equal(low, np.ceil(drawn.data[0].min(axis=0)))
    assert_array_equal(high, np.ceil(drawn.data[0].max(axis=0)))
    counts = session.layer.data > 0
    counts[low[0] : high[0], low[1] : high[1]] = True
    counts[55, :30], counts[15, 15] = True, False
    assert_array_equal(annotation.ignored(), ~counts)


def test_rectangles_over_planes(viewer, start, annotate, click):
    session = start(planes=3)
    viewer.dims.set_current_step(0, 2)
    click(annotate.form.plane)
    click(annotate.form.plane)
    assert_array_equal(annotation_of(session.layer).boxes, [[[2, 0, 0], [3, 60, 80]]])
    click(annotate.form.all_planes)
    assert len(annotation_of(session.layer).boxes) == 3
    assert not annotation_of(session.layer).ignored().any()


def test_rectangle_that_is_none(start):
    session = start()
    session.link["rectangles"].add_ellipses([[0, 0], [10, 10]])
    with pytest.raises(UserError, match="not an upright rectangle"):
        annotation_of(session.layer)


def test_plain_labels_count_everywhere(objects):
    annotation = annotation_of(Labels(objects))
    assert annotation.marks is None
    assert annotation.boxes is None
    assert not annotation.ignored().any()


def test_deleted_marks_never_make_everything_count(viewer, start, annotate, click, said):
    session = start()
    viewer.layers.remove("cells marks")
    viewer.layers.remove("cells rectangles")
    assert_array_equal(annotation_of(session.layer).ignored(), session.layer.data == 0)
    click(annotate.form.background)
    assert "The layer of marks of this annotation was deleted" in said[0]


def test_spacing_and_weights():
    pixels = np.zeros((3, 20, 16), np.uint8)
    image = Image(pixels, scale=(2000, 500, 500), units=("nm",) * 3, axis_labels=("z", "y", "x"))
    weight = Image(np.ones(pixels.shape))
    annotated = annotated_image(image, Labels(pixels), weight)
    assert annotated.axes == "ZYX"
    assert annotated.spacing == pytest.approx((2, 0.5, 0.5))
    assert annotated.annotation.weight.dtype == np.float32
    assert annotated_image(Image(pixels), Labels(pixels)).spacing is None
    with pytest.raises(UserError, match="made for this image"):
        annotated_image(image, Labels(pixels[:, :5]))


def holed(labels):
    return labels[20, 20] == 0


TOOLS = {
    "Merge": ((1, 2), lambda labels: 2 not in labels and labels[20, 31] == 1),
    "Delete": ((1,), lambda labels: 1 not in labels),
    "Fill holes": ((1,), lambda labels: not holed(labels)),
    "Keep largest": ((1,), lambda labels: labels[50, 5] == 0 and labels[15, 15] == 1),
    "Smooth": ((3,), lambda labels: labels[40, 60] == 0),
    "Grow": ((2,), lambda labels: labels[9, 40] == 2 and labels[20, 31] == 2),
    "Shrink": ((2,), lambda labels: labels[10, 40] == 0 and labels[11, 40] == 2),
    "Clear edge": ((), lambda labels: 3 not in labels and 2 in labels),
}


@pytest.mark.parametrize("planes", [0, 3])
@pytest.mark.parametrize(("name", "numbers", "done"), [(k, *v) for k, v in TOOLS.items()])
def test_a_correction_is_one_step_of_undo(
    viewer, start, annotate, click, objects, planes, name, numbers, done
):
    session = start(planes)
    if planes:
        viewer.dims.set_current_step(0, 1)
    pick(session, *numbers)
    buttons = {tool.title: button for tool, button in annotate.form.tools.items()}
    click(buttons.get(name, annotate.form.edge))
    layer = session.layer
    shown = layer.data[1] if planes else layer.data
    assert done(shown)
    if planes:
        assert_array_equal(layer.data[0], objects)
    after = layer.data.copy()
    layer.undo()
    assert_array_equal(layer.data, [objects] * planes if planes else objects)
    layer.redo()
    assert_array_equal(layer.data, after)


def test_whole_object(viewer, start, annotate, click):
    session = start(planes=3)
    click(annotate.form.whole)
    pick(session, 1)
    click(next(b for tool, b in annotate.form.tools.items() if tool.title == "Delete"))
    assert 1 not in session.layer.data
    session.layer.undo()
    assert (session.layer.data == 1).any(axis=(1, 2)).all()


def test_fill_planes(viewer, start, annotate, click):
    session = start(planes=4)
    session.layer.data[1:3] = 0
    pick(session, 2)
    click(annotate.form.fill_planes)
    for plane in session.layer.data:
        assert (plane == 2).sum() == 20 * 18
    assert 1 not in session.layer.data[1]


@pytest.fixture
def result(viewer, annotate, click, objects):
    """A new annotation of an image, or a stack, beside a result that is chosen by itself."""

    def result(planes=0):
        labels = np.stack([objects] * planes) if planes else objects
        viewer.add_image(np.zeros(labels.shape, np.uint8), name="cells")
        viewer.add_labels(np.roll(labels, 1, 0), name="other")
        viewer.add_labels(labels, name="cells instances")
        click(annotate.form.create)
        return annotate.session

    return result


def test_taking_is_offered_where_there_is_a_result(viewer, annotate, result):
    assert not annotate.form.take.isVisible()
    session = result()
    assert annotate.form.take.isVisible()
    assert annotate.form.result.layer() is session.source is viewer.layers["cells instances"]
    listed = [annotate.form.result.itemText(row) for row in range(annotate.form.result.count())]
    assert listed == ["other", "cells instances"]


@pytest.mark.parametrize("planes", [0, 3])
def test_taking_from_a_result(viewer, annotate, click, result, objects, planes):
    session = result(planes)
    viewer.dims.set_current_step(0, 0)
    session.layer.selected_label = 5
    session.layer.paint((*[0] * bool(planes), 20, 40), 5)
    click(annotate.form.classes.add)
    before = session.layer.data.copy()
    click(annotate.form.take)
    shown = session.layer.data[0] if planes else session.layer.data
    assert_array_equal(shown > 0, objects > 0)
    assert [shown[15, 15], shown[20, 40], shown[12, 34], shown[50, 70]] == [6, 5, 7, 8]
    assert session.link["classes"] == {5: 1, 6: 2, 7: 2, 8: 2}
    if planes:
        assert not session.layer.data[1:].any()
    session.layer.undo()
    assert_array_equal(session.layer.data, before)
    click(annotate.form.whole)
    click(annotate.form.take)
    assert_array_equal(session.layer.data > 0, viewer.layers["cells instances"].data > 0)


def test_taking_what_is_in_view(viewer, annotate, click, qtbot, result, objects, said):
    session = result()
    camera = viewer.scene.camera
    camera.center, camera.zoom = (0, 55, 75), 40
    qtbot.waitUntil(lambda: session.layer.corner_pixels[0].min() > 40, timeout=TIMEOUT)
    click(annotate.form.take)
    assert_array_equal(session.layer.data > 0, objects == 3)
    click(annotate.form.take)
    annotate.form.result.choose(viewer.add_labels(np.zeros((60, 80), int), name="nothing"))
    click(annotate.form.take)
    annotate.form.result.choose(viewer.add_labels(np.ones((50, 80), int), name="small"))
    click(annotate.form.take)
    assert said == [
        "These objects are painted already.",
        "“nothing” has no object here: move to where one is.",
        "“small” is not of this annotation's size: choose one that was made for this image.",
    ]


def test_picking_with_clicks(viewer, start, annotate, click, pointer, said):
    session = start()
    click(annotate.form.pick)
    assert annotate.form.pick.isChecked()
    pointer(session.layer, (15, 15))
    pointer(session.layer, (20, 40))
    assert session.picks.numbers == [1, 2]
    assert annotate.form.picked.text() == "Picked: 1 (object), 2 (object)."
    assert "picked" in viewer.layers
    assert viewer.layers.selection.active is session.layer
    pointer(session.layer, (15, 15))
    assert session.picks.numbers == [2]
    pointer(session.layer, (50, 70), (45, 40), (40, 10))
    assert session.picks.numbers == [2]
    session.layer.mode = "paint"
    assert not annotate.form.pick.isChecked()
    click(next(b for tool, b in annotate.form.tools.items() if tool.title == "Merge"))
    assert said == ["Pick at least two objects to merge."]


def test_another_annotation_is_chosen_while_objects_are_picked(viewer, start, annotate, click):
    first = start()
    click(annotate.form.create)
    second = annotate.session
    for session, other in ((second, first), (first, second)):
        click(annotate.form.pick)
        pick(session, 1)
        viewer.layers.selection.active = other.layer
        assert annotate.session is other
        assert not session.picks.numbers
    assert "picked" not in viewer.layers


@pytest.mark.parametrize("planes", [0, 3])
def test_splitting_along_a_drawn_line(viewer, start, annotate, click, pointer, qtbot, planes):
    session = start(planes)
    if planes:
        click(annotate.form.whole)
    session.link["classes"][2] = 2
    click(annotate.form.cut)
    pointer(session.layer, (5, 40), (12, 40), (20, 42), (30, 42), (35, 42))
    qtbot.waitUntil(lambda: not session.cut.active, timeout=TIMEOUT)
    assert set(np.unique(session.layer.data)) == {0, 1, 2, 3, 4}
    assert session.link["classes"][4] == 2
    assert not annotate.form.cut.isChecked()
    assert "cut" not in viewer.layers
    assert viewer.layers.selection.active is session.layer
    if planes:
        assert (session.layer.data == 4).any(axis=(1, 2)).all()
    session.layer.undo()
    assert 4 not in session.layer.data


def test_giving_up_a_line(viewer, start, annotate, click, qtbot):
    session = start()
    click(annotate.form.cut)
    viewer.layers.selection.active = viewer.layers["cells"]
    qtbot.waitUntil(lambda: not annotate.form.cut.isChecked(), timeout=TIMEOUT)
    assert "cut" not in viewer.layers
    assert session.layer.data.max() == 3


def test_shortcuts(viewer, start, annotate, qtbot, said):
    session = start()
    canvas = viewer.window._qt_viewer.canvas.native
    qtbot.keyClick(canvas, Qt.Key.Key_S)
    assert session.picks.active
    pick(session, 1, 2)
    qtbot.keyClick(canvas, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert session.layer.data[10, 10] == 0
    qtbot.keyClick(canvas, Qt.Key.Key_J)
    assert 2 not in session.layer.data
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    assert session.layer.selected_label == 4
    qtbot.keyClick(canvas, Qt.Key.Key_I)
    assert "one plane only" in said[-1]


@pytest.mark.parametrize("name", ["background", "rectangle"])
def test_shortcuts_work_while_marks_or_rectangles_are_painted(
    viewer, start, annotate, click, qtbot, objects, name
):
    session = start()
    canvas = viewer.window._qt_viewer.canvas.native
    pick(session, 1, 2)
    click(getattr(annotate.form, name))
    qtbot.keyClick(canvas, Qt.Key.Key_J)
    assert 2 not in session.layer.data
    assert viewer.layers.selection.active is session.layer
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert_array_equal(session.layer.data, objects)
    click(getattr(annotate.form, name))
    qtbot.keyClick(canvas, Qt.Key.Key_N)
    active = viewer.layers.selection.active
    assert (active, str(active.mode), active.selected_label) == (session.layer, "paint", 4)
    viewer.window.remove_dock_widget(annotate)
    parts = session.layer, session.link["marks"], session.link["rectangles"]
    assert not any(part.keymap for part in parts)


def keys_of_napari(kind, words):
    names = [name for name in default_shortcuts if any(word in name for word in words)]
    taken = {key for name in names for key in default_shortcuts[name]}
    return taken | {key for key in kind.class_keymap if key is not ...}


def test_shortcuts_are_not_those_of_napari(start):
    session = start()
    link, taken = session.link, keys_of_napari(Labels, ["label", "brush"])
    assert len(taken) > 20
    assert not (set(session.layer.keymap) | set(link["marks"].keymap)) & taken
    words = ["shape", "vertex", "activate_add", "activate_direct", "activate_select"]
    assert not set(link["rectangles"].keymap) & keys_of_napari(Shapes, words)


def test_classes(viewer, start, annotate, click, qtbot):
    session = start()
    click(annotate.form.classes.add)
    annotate.form.classes.table.item(1, 0).setText("dividing")
    assert session.link["class_names"] == ["object", "dividing"]
    click(annotate.form.object)
    session.layer.paint((5, 60), 4)
    pick(session, 3)
    click(annotate.form.classes.give)
    assert session.link["classes"] == {1: 1, 2: 1, 3: 2, 4: 2}
    expected = np.choose(session.layer.data, [0, 1, 1, 2, 2])

    def shows():
        semantic = session.link["semantic"]
        return semantic is not None and np.array_equal(semantic.data, expected)

    qtbot.waitUntil(shows, timeout=TIMEOUT)
    assert annotation_of(session.layer).classes == session.link["classes"]
    session.layer.undo()
    expected = np.choose(session.layer.data, [0, 1, 1, 2, 2])
    assert expected[5, 60] == 0
    qtbot.waitUntil(shows, timeout=TIMEOUT)
    annotate.form.classes.set_colour(2, "#00ff00")
    assert_array_equal(session.link["semantic"].get_color(2), [0, 1, 0, 1])
    click(annotate.form.classes.remove)
    assert set(session.link["classes"].values()) == {1}
    expected = (session.layer.data > 0).astype(int)
    qtbot.waitUntil(shows, timeout=TIMEOUT)


def test_choosing_a_class_leaves_painted_objects_alone(start, annotate, click):
    session = start()
    click(annotate.form.object)
    session.layer.paint((5, 60), 4)
    click(annotate.form.classes.add)
    assert session.link["classes"][4] == 1
    click(annotate.form.classes.give)
    assert session.link["classes"][4] == 2


def test_class_of_a_new_object_can_be_chosen_until_it_is_painted(start, annotate, click):
    session = start()
    click(annotate.form.object)
    click(annotate.form.classes.add)
    assert session.link["classes"][4] == 2
    session.layer.paint((5, 60), 4)
    session.layer.undo()
    annotate.form.classes.choose(1)
    session.layer.paint((5, 60), 4)
    assert session.link["classes"] == {1: 1, 2: 1, 3: 1, 4: 1}


def test_choosing_a_class_leaves_what_is_no_object_alone(start, annotate, click):
    session = start()
    session.layer.selected_label = 0
    click(annotate.form.classes.add)
    assert session.link["classes"] == {1: 1, 2: 1, 3: 1}


def test_classes_in_the_plane_that_was_painted(viewer, start, annotate, click, qtbot):
    session = start(planes=3)
    click(annotate.form.classes.add)
    qtbot.waitUntil(lambda: session.link["semantic"] is not None, timeout=TIMEOUT)
    viewer.dims.set_current_step(0, 2)
    click(annotate.form.object)
    session.layer.paint((2, 5, 60), 4)
    semantic = session.link["semantic"]
    qtbot.waitUntil(lambda: semantic.data[2, 5, 60] == 2, timeout=TIMEOUT)
    assert_array_equal(semantic.data > 0, session.layer.data > 0)


def test_autosave_leaves_undo_alone_and_knows_everything(viewer, start, annotate, click, qtbot):
    session = start()
    path = session.autosave.path
    assert not path.exists()
    click(annotate.form.plane)
    session.link["marks"].paint((55, 5), 1)
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(lambda: path.exists() and 7 in read_draft(path).objects, timeout=TIMEOUT)
    draft = read_draft(path)
    assert_array_equal(draft.objects, session.layer.data)
    assert_array_equal(draft.marks, session.link["marks"].data)
    assert_array_equal(draft.rectangles, session.link["rectangles"].data)
    assert draft.classes == session.link["classes"]
    session.layer.undo()
    assert 7 not in session.layer.data
    qtbot.waitUntil(lambda: 7 not in read_draft(path).objects, timeout=TIMEOUT)


def test_a_large_copy_is_made_in_small_parts(start, monkeypatch):
    session = start(planes=3)
    parts = session.link["marks"], session.link["rectangles"]
    parts[0].data[1] = 2
    monkeypatch.setattr(copying, "_CHUNK", session.layer.data.nbytes // 10)
    assert sum(1 for _ in chunked_draft(session.layer, *parts)) > 10
    draft = at_once(chunked_draft(session.layer, *parts))
    assert_array_equal(draft.objects, session.layer.data)
    assert_array_equal(draft.marks, parts[0].data)
    assert not np.shares_memory(draft.objects, session.layer.data)


def test_copy_is_made_while_somebody_keeps_painting(start, qtbot, monkeypatch):
    monkeypatch.setattr(autosave, "DELAY", 500)
    session = start()

    def painted():
        session.layer.paint((5, 60), 7 if session.layer.data[5, 60] == 8 else 8)
        return session.autosave.path.exists()

    qtbot.waitUntil(painted, timeout=TIMEOUT)


@pytest.mark.parametrize("first", ["cells objects", "cells marks", "cells rectangles"])
def test_deleted_layers_can_be_restored(viewer, start, annotate, click, qtbot, first):
    session = start()
    click(annotate.form.plane)
    session.link["marks"].paint((55, 5), 2)
    session.layer.paint((5, 60), 7)
    names = ["cells objects", "cells marks", "cells rectangles"]
    for name in sorted(names, key=lambda name: name != first):
        viewer.layers.remove(name)
    qtbot.waitUntil(annotate.form.leftover.isVisible, timeout=TIMEOUT)
    assert annotate.session is None
    click(annotate.form.leftover.restore)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    assert_array_equal(annotate.session.layer.data, session.layer.data)
    annotation = annotation_of(annotate.session.layer)
    assert annotation.marks[55, 5] == 2
    assert_array_equal(annotation.boxes, [[[0, 0], [60, 80]]])
    assert not annotate.form.leftover.isVisible()


def test_layers_that_were_saved_are_not_offered(viewer, start, annotate, qtbot, save):
    session = start()
    session.layer.paint((5, 60), 7)
    save()
    found = []
    annotate.form.leftover.searches.returned.connect(found.append)
    viewer.layers.remove(session.layer)
    qtbot.waitUntil(lambda: found == [None], timeout=TIMEOUT)


@pytest.mark.parametrize("close", ["widget", "viewer"])
def test_copy_stays_when_closed_without_saving(viewer, start, annotate, qtbot, close):
    session = start()
    session.layer.paint((5, 60), 7)
    if close == "widget":
        viewer.window.remove_dock_widget(annotate)
    else:
        viewer.close()
    assert annotate.closed
    qtbot.wait(10)
    assert 7 in read_draft(session.autosave.path).objects


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


def test_save(viewer, start, annotate, qtbot, save):
    session = start()
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    folder = save()
    assert not session.autosave.path.exists()
    assert (folder / "labels" / "cells.tif").exists()
    viewer.window.remove_dock_widget(annotate)
    assert not session.autosave.path.exists()


@pytest.fixture
def slow(monkeypatch):
    """Let annotations be written only once this is set."""
    go = Event()

    def write(*given, **more):
        go.wait(TIMEOUT / 1000)
        return write_annotation(*given, **more)

    monkeypatch.setattr(save_button, "write_annotation", write)
    yield go
    go.set()


def test_no_save_begins_before_the_last_is_written(
    viewer, start, annotate, click, qtbot, folder, slow
):
    sessions = [start()]
    viewer.add_image(np.zeros((60, 80), np.uint8), name="others")
    annotate.form.start.choose(None)
    click(annotate.form.create)
    sessions.append(annotate.session)
    for session in sessions:
        session.layer.paint((5, 60), 7)
        qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    button = annotate.form.save
    annotate.form.annotation.choose(sessions[0].layer)
    click(button)
    annotate.form.annotation.choose(sessions[1].layer)
    assert not button.isEnabled()
    slow.set()
    qtbot.waitUntil(button.isEnabled, timeout=TIMEOUT)
    assert [session.autosave.path.exists() for session in sessions] == [False, True]
    click(button)
    qtbot.waitUntil(button.isEnabled, timeout=TIMEOUT)
    assert [session.autosave.path.exists() for session in sessions] == [False, False]
    assert {each.name for each in (folder / "labels").iterdir()} == {"cells.tif", "others.tif"}


def test_save_that_failed_can_be_tried_again(start, annotate, click, qtbot, said, folder):
    session = start()
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    button = annotate.form.save
    drawn = session.link["rectangles"]
    drawn.add_ellipses([[0, 0], [10, 10]])
    click(button)
    assert button.isEnabled()
    drawn.data = []
    folder.touch()
    click(button)
    assert not button.isEnabled()
    qtbot.waitUntil(button.isEnabled, timeout=TIMEOUT)
    assert len(said) == 2
    assert session.autosave.path.exists()
    folder.unlink()
    click(button)
    qtbot.waitUntil(button.isEnabled, timeout=TIMEOUT)
    assert (folder / "labels" / "cells.tif").exists()
    assert not session.autosave.path.exists()


@pytest.mark.parametrize("planes", [0, 3])
def test_what_was_saved_is_opened_again(viewer, start, annotate, click, qtbot, save, planes):
    session = start(planes)
    click(annotate.form.classes.add)
    annotate.form.classes.table.item(1, 0).setText("dividing")
    annotate.form.classes.set_colour(2, "#00ff00")
    pick(session, 2)
    click(annotate.form.classes.give)
    session.link["marks"].data[..., 55, :30] = 1
    click(annotate.form.all_planes if planes else annotate.form.plane)
    session.link["rectangles"].add_rectangles(
        [[*[1] * bool(planes), y, x] for y, x in [(2.4, 3), (2.4, 9), (7, 9), (7, 3)]]
    )
    before, link = annotation_of(session.layer), dict(session.link)
    folder = save()
    click(annotate.form.open)
    qtbot.waitUntil(lambda: annotate.session is not session, timeout=TIMEOUT)
    after = annotation_of(annotate.session.layer)
    for part in ("instances", "marks", "boxes"):
        assert_array_equal(getattr(after, part), getattr(before, part))
    assert after.classes == before.classes == {1: 1, 2: 2, 3: 1}
    for key in ("class_names", "class_colours"):
        assert annotate.session.link[key] == link[key]
    assert annotate.form.classes.table.item(1, 0).text() == "dividing"
    (folder / "weights").mkdir()
    (folder / "weights" / "cells.tif").write_bytes(b"somebody's")
    save()
    for part in ("images", "weights"):
        assert [file.name for file in (folder / part).iterdir()] == ["cells.tif"]


def test_opening_from_a_folder_without_it(viewer, annotate, click, qtbot, monkeypatch, home, said):
    click(annotate.form.open)
    viewer.add_image(np.zeros((60, 80), np.uint8), name="cells")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(home))
    click(annotate.form.open)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=TIMEOUT)
    assert said == [
        "There is no image: open the image first, then its annotation.",
        f"{home} has no annotation of “cells” in it: choose the folder in which it was saved.",
    ]


def test_save_under_a_name_that_is_no_file_name(viewer, start, save, said):
    session = start()
    viewer.layers["cells"].name = session.link["image"] = "plate/well A1"
    folder = save()
    assert said == [f"Wrote the image and its annotation to {folder} as “plate_well A1”."]
    assert_array_equal(read_image(folder / "labels" / "plate_well A1.tif").data, session.layer.data)


def test_work_goes_on_when_the_widget_is_opened_again(viewer, start, annotate):
    session = start()
    viewer.window.remove_dock_widget(annotate)
    assert not session.layer.keymap
    _, again = viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")
    assert again.session.layer is session.layer
    assert again.session.autosave.path == session.autosave.path


CRASH = """
import sys, numpy as np, napari
from napari_unet.ui.annotate.saving import autosave
autosave.DELAY = 20
viewer = napari.Viewer(show=False)
viewer.add_image(np.zeros((30, 40), np.uint8), name="cells")
_, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Annotate")
widget.form.create.click()
session = widget.session
session.add_rectangles(everywhere=False)
session.link["marks"].paint((20, 20), 2)
session.layer.selected_label = 3
session.layer.paint((5, 5), 3)
napari.run()
"""


def test_restore_after_a_crash(viewer, home, click, qtbot):
    child = subprocess.Popen([sys.executable, "-c", CRASH], env=os.environ | {HOME: str(home)})
    until = time.monotonic() + 60
    while not list(autosave_folder().glob("[!.]*.npz")) and time.monotonic() < until:
        qtbot.wait(50)
    os.kill(child.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    child.wait()
    (path,) = autosave_folder().glob("[!.]*.npz")
    (autosave_folder() / "cut.npz").write_bytes(path.read_bytes()[:100])
    viewer.add_image(np.zeros((30, 40), np.uint8), name="cells")
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")
    qtbot.waitUntil(widget.form.leftover.isVisible, timeout=TIMEOUT)
    click(widget.form.leftover.restore)
    qtbot.waitUntil(lambda: widget.session is not None, timeout=TIMEOUT)
    annotation = annotation_of(widget.session.layer)
    assert annotation.instances[5, 5] == 3
    assert annotation.marks[20, 20] == 2
    assert_array_equal(annotation.boxes, [[[0, 0], [30, 40]]])
    assert widget.session.autosave.path == path
    assert not widget.form.leftover.isVisible()
    assert widget.session.link["classes"] == {3: 1}


def test_copy_of_another_image_is_not_offered(viewer, start, annotate, click, qtbot):
    session = start()
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    viewer.window.remove_dock_widget(annotate)
    viewer.layers.clear()
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")
    found = []
    widget.form.leftover.searches.returned.connect(found.append)
    viewer.add_image(np.zeros((61, 80), np.uint8), name="cells")
    qtbot.waitUntil(lambda: found == [None], timeout=TIMEOUT)
    viewer.add_image(np.zeros((60, 80), np.uint8), name="cells").name = "other"
    viewer.layers.clear()
    viewer.add_image(np.zeros((60, 80), np.uint8), name="cells")
    qtbot.waitUntil(widget.form.leftover.isVisible, timeout=TIMEOUT)
    click(widget.form.leftover.discard)
    assert not session.autosave.path.exists()


def test_every_control_says_what_it_does(annotate):
    form = vars(annotate.form)
    controls = [part for part in form.values() if isinstance(part, QWidget)]
    buttons = [part for part in controls if part.metaObject().className() == "QPushButton"]
    assert len(buttons) > 10
    assert all(button.toolTip() for button in [*buttons, *annotate.form.tools.values()])
