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


def test_a_class_that_is_removed_does_not_come_back(annotate, given, click):
    click(annotate.form.classes.remove)
    given.layer.undo()
    given.layer.redo()
    assert set(given.parts.classes.values()) == {1}


def test_what_is_taken_back_while_no_widget_is_open_is_followed(viewer, annotate, given):
    annotate.release()
    given.layer.undo()
    again = AnnotationSession(viewer, given.layer, ErrorLine())
    assert again.parts.classes == {1: 1, 2: 1, 3: 1, 4: 1}
    again.quit()
