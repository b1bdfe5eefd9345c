"""Giving a class is a step that is taken back in the order of all others."""

import pytest
from qtpy.QtCore import Qt

from napari_unet.ui.annotate.session import AnnotationSession
from napari_unet.ui.work.error_line import ErrorLine
from painted import pick

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def given(start, annotate, click):
    """The work on an annotation: an object painted, and a class given to another."""
    session = start()
    click(annotate.form.object)
    session.layer.paint((5, 60), 4)
    click(annotate.form.classes.add)
    pick(session, 1, 2)
    click(annotate.form.classes.give)
    return session


def test_each_click_is_one_step(viewer, annotate, given, qtbot):
    def press(modifier):
        qtbot.keyClick(viewer.window._qt_viewer.canvas.native, Qt.Key.Key_Z, modifier)

    classes, layer = given.parts.classes, given.layer
    assert classes == {1: 2, 2: 2, 3: 1, 4: 1}
    assert annotate.form.picked.text() == "Picked: 1 (class 2), 2 (class 2)."
    viewer.layers.selection.active = given.parts.marks
    given.picks.keep([2])
    annotate.form.classes.choose(1)
    given.give_class()
    assert viewer.layers.selection.active is layer
    changes = given.autosave.changes
    press(CTRL)
    assert classes == {1: 2, 2: 2, 3: 1, 4: 1}
    assert given.autosave.changes > changes
    press(CTRL)
    assert classes == {1: 1, 2: 1, 3: 1, 4: 1}
    assert annotate.form.picked.text() == "Picked: 2 (object)."
    assert layer.data[5, 60] == 4
    press(CTRL)
    assert layer.data[5, 60] == 0
    for _ in range(3):
        press(CTRL | SHIFT)
    assert layer.data[5, 60] == 4
    assert classes == {1: 2, 2: 1, 3: 1, 4: 1}


def test_nothing_else_gets_a_class_by_that(given):
    given.parts.classes.pop(3)
    given.layer.selected_label = 3
    given.picks.clear()
    pick(given, 1)
    given.layer.selected_label = 3
    given.choose_class(1)
    given.give_class()
    assert 3 not in given.parts.classes
    given.layer.undo()
    assert given.parts.classes == {1: 2, 2: 2, 4: 1}


def test_removing_a_class_is_a_step(viewer, annotate, given, click, qtbot):
    parts, layer, table = given.parts, given.layer, annotate.form.classes
    click(table.add)
    parts.classes[3] = 3
    names, colours, classes = [*parts.class_names], [*parts.class_colours], dict(parts.classes)
    table.choose(2)
    viewer.layers.selection.active = parts.marks
    changes = given.autosave.changes
    click(table.remove)
    assert given.autosave.changes > changes
    assert viewer.layers.selection.active is layer
    assert parts.class_names == ["object", "class 3"]
    assert parts.classes == {1: 1, 2: 1, 3: 2, 4: 1}
    parts.classes[5] = 2  # an object that is painted since
    layer.undo()
    assert (parts.class_names, parts.class_colours) == (names, colours)
    assert parts.classes == {**classes, 5: 3}
    assert table.table.rowCount() == 3
    qtbot.waitUntil(lambda: parts.semantic is not None and parts.semantic.data.max() == 3)
    assert annotate.form.picked.text() == "Picked: 1 (class 2), 2 (class 2)."
    layer.undo()
    assert parts.classes == {1: 1, 2: 1, 3: 3, 4: 1, 5: 3}
    layer.redo()
    layer.redo()
    assert parts.class_names == ["object", "class 3"]
    assert parts.classes == {1: 1, 2: 1, 3: 2, 4: 1, 5: 2}
    assert table.table.rowCount() == 2


def test_a_class_comes_back_under_a_name_that_none_has(given, annotate, click):
    table = annotate.form.classes
    table.choose(2)
    click(table.remove)
    given.parts.rename_class(1, "class 2")
    given.layer.undo()
    assert given.parts.class_names == ["class 2", "class 3"]
    given.layer.redo()
    assert given.parts.class_names == ["class 2"]


def test_what_is_taken_back_while_no_widget_is_open_is_followed(viewer, annotate, given):
    annotate.release()
    given.layer.undo()
    again = AnnotationSession(viewer, given.layer, ErrorLine())
    assert again.parts.classes == {1: 1, 2: 1, 3: 1, 4: 1}
    again.quit()
