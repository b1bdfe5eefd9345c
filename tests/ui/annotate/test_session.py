"""Work on one annotation: buttons, shortcuts, and objects taken from a result."""

import numpy as np
import pytest
from napari.layers import Labels, Shapes
from napari.utils.shortcuts import default_shortcuts
from numpy.testing import assert_array_equal
from qtpy.QtCore import Qt

from napari_unet.ui.layers.in_view import camera_of
from painted import pick

TIMEOUT = 60_000


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


def test_whole_object(viewer, start, annotate, click):
    session = start(planes=3)
    click(annotate.form.whole)
    pick(session, 1)
    click(next(b for tool, b in annotate.form.tools.items() if tool.title == "Delete"))
    assert 1 not in session.layer.data
    session.layer.undo()
    assert (session.layer.data == 1).any(axis=(1, 2)).all()


def test_whole_objects_of_a_film_are_corrected_frame_by_frame(viewer, annotate, click):
    viewer.add_image(np.zeros((3, 40, 60), np.uint8), axis_labels=("t", "y", "x"))
    click(annotate.form.create)
    click(annotate.form.whole)
    session, film = annotate.session, annotate.session.layer.data
    for frame in range(2):
        film[frame, 5:11, 30 * frame : 30 * frame + 6] = 1
    film[1, 30, 1] = 1
    buttons = {tool.title: button for tool, button in annotate.form.tools.items()}
    pick(session, 1)
    click(buttons["Keep largest"])
    assert (session.layer.data == 1).sum(axis=(1, 2)).tolist() == [36, 36, 0]
    click(buttons["Grow"])
    assert (session.layer.data == 1).sum(axis=(1, 2)).tolist() == [54, 60, 0]
    click(buttons["Delete"])
    assert not session.layer.data.any()


def test_a_cell_of_a_film_is_split_and_cleared_where_it_is(viewer, annotate, click, pointer, qtbot):
    viewer.add_image(np.zeros((3, 2, 40, 60), np.uint8), axis_labels=("t", "z", "y", "x"))
    click(annotate.form.create)
    click(annotate.form.whole)
    session, film = annotate.session, annotate.session.layer.data
    film[:, :, 10:30, 20:40] = 1
    film[2, :, :10, 20:40] = 1
    viewer.dims.set_current_step((0, 1), (1, 1))
    click(annotate.form.cut)
    pointer(session.layer, (1, 1, 5, 33), (1, 1, 20, 33), (1, 1, 35, 33))
    qtbot.waitUntil(lambda: not session.cut.active, timeout=TIMEOUT)
    assert [np.unique(frame).tolist() for frame in film] == [[0, 1], [0, 1, 2], [0, 1]]
    assert (film[1] == 2).any(axis=(1, 2)).all()
    click(annotate.form.edge)
    assert [frame.any() for frame in film] == [True, True, False]


def test_fill_planes(viewer, start, annotate, click):
    session = start(planes=4)
    session.layer.data[1:3] = 0
    pick(session, 2)
    click(annotate.form.fill_planes)
    for plane in session.layer.data:
        assert (plane == 2).sum() == 20 * 18
    assert 1 not in session.layer.data[1]


def test_planes_are_filled_through_depth_whatever_the_order_of_axes(viewer, annotate, click):
    viewer.add_image(np.zeros((4, 3, 20, 20), np.uint8), axis_labels=("z", "t", "y", "x"))
    click(annotate.form.create)
    session = annotate.session
    session.layer.data[[0, 3], 1, 5:9, 5:9] = 2
    viewer.dims.set_current_step((0, 1), (0, 1))
    pick(session, 2)
    click(annotate.form.fill_planes)
    assert (session.layer.data[:, 1, 5:9, 5:9] == 2).all()
    assert not session.layer.data[:, [0, 2]].any()


def test_taking_is_offered_where_there_is_a_result(viewer, annotate, result):
    assert not annotate.form.take.isVisible()
    session = result()
    assert annotate.form.take.isVisible()
    assert (
        annotate.form.result.value is session.source is viewer.layers["cells objects (instances)"]
    )
    box = annotate.form.result.native
    listed = [box.itemText(row) for row in range(box.count())]
    assert listed == ["nothing", "other", "cells objects (instances)"]


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
    assert session.parts.classes == {5: 1, 6: 2, 7: 2, 8: 2}
    if planes:
        assert not session.layer.data[1:].any()
    session.layer.undo()
    assert_array_equal(session.layer.data, before)
    click(annotate.form.whole)
    click(annotate.form.take)
    assert_array_equal(session.layer.data > 0, viewer.layers["cells objects (instances)"].data > 0)


def test_taking_what_is_in_view(viewer, annotate, click, qtbot, result, objects, said):
    session = result()
    camera = camera_of(viewer)
    camera.center, camera.zoom = (0, 55, 75), 40
    qtbot.waitUntil(lambda: session.layer.corner_pixels[0].min() > 40, timeout=TIMEOUT)
    click(annotate.form.take)
    assert_array_equal(session.layer.data > 0, objects == 3)
    click(annotate.form.take)
    annotate.form.result.value = viewer.add_labels(np.zeros((60, 80), int), name="nothing")
    click(annotate.form.take)
    annotate.form.result.value = viewer.add_labels(np.ones((50, 80), int), name="small")
    click(annotate.form.take)
    assert said == [
        "These objects are painted already.",
        "“nothing” has no object here: move to where one is.",
        "“small” is not of this annotation's size: choose one that was made for this image.",
    ]


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
    parts = session.layer, session.parts.marks, session.parts.rectangles
    assert not any(part.keymap for part in parts)


def keys_of_napari(kind, words):
    names = [name for name in default_shortcuts if any(word in name for word in words)]
    taken = {key for name in names for key in default_shortcuts[name]}
    return taken | {key for key in kind.class_keymap if key is not ...}


def test_shortcuts_are_not_those_of_napari(start):
    session = start()
    parts, taken = session.parts, keys_of_napari(Labels, ["label", "brush"])
    assert len(taken) > 20
    assert not (set(session.layer.keymap) | set(parts.marks.keymap)) & taken
    words = ["shape", "vertex", "activate_add", "activate_direct", "activate_select"]
    assert not set(parts.rectangles.keymap) & keys_of_napari(Shapes, words)


def test_objects_are_taken_pixel_by_pixel_and_that_is_told(annotate, click, result, viewer, said):
    session = result(planes=3)
    source = viewer.layers["cells objects (instances)"]
    source.translate = (0, 0, 25)
    click(annotate.form.take)
    assert "“cells objects (instances)” lies elsewhere than “cells objects”" in said[-1]
    session.layer.axis_labels, source.axis_labels = tuple("zyx"), tuple("yzx")
    session.layer.data[:] = 0
    click(annotate.form.take)
    assert "has the axes Z Y X and" in said[-1]
    assert not session.layer.data.any()
