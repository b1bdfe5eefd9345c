"""The copy of an annotation that is kept until it is saved."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.compat import isalive
from qtpy.QtCore import QCoreApplication

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.io.annotations.drafts import DraftFile, is_open, read_draft
from napari_unet.ui.annotate.saving import autosave
from napari_unet.ui.annotate.saving.draft_copy import chunked_draft
from napari_unet.ui.work import copies as copying
from napari_unet.ui.work.copies import at_once

TIMEOUT = 60_000


def test_autosave_leaves_undo_alone_and_knows_everything(viewer, start, annotate, click, qtbot):
    session = start()
    path = session.autosave.path
    assert not path.exists()
    click(annotate.form.plane)
    session.parts.marks.paint((55, 5), 1)
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(lambda: path.exists() and 7 in read_draft(path).objects, timeout=TIMEOUT)
    draft = read_draft(path)
    assert_array_equal(draft.objects, session.layer.data)
    assert_array_equal(draft.marks, session.parts.marks.data)
    assert_array_equal(draft.rectangles, session.parts.rectangles.data)
    assert draft.classes == session.parts.classes
    session.layer.undo()
    assert 7 not in session.layer.data
    qtbot.waitUntil(lambda: 7 not in read_draft(path).objects, timeout=TIMEOUT)


def test_what_was_undone_while_hidden_is_copied(viewer, start, qtbot):
    session = start(planes=3)
    path, layer = session.autosave.path, session.layer
    layer.data_setitem((np.array([1]), np.array([1]), np.array([1])), 7)
    qtbot.waitUntil(lambda: path.exists() and 7 in read_draft(path).objects, timeout=TIMEOUT)
    layer.visible = False
    viewer.dims.set_current_step(0, 2)
    layer.undo()
    layer.visible = True
    qtbot.waitUntil(lambda: 7 not in read_draft(path).objects, timeout=TIMEOUT)
    changes = session.autosave.changes
    viewer.dims.set_current_step(0, 0)
    assert session.autosave.changes == changes


def test_what_is_undone_while_hidden_is_copied_before_it_is_shown(viewer, start, qtbot):
    session = start()
    path, parts = session.autosave.path, session.parts
    session.layer.paint((5, 60), 7)
    parts.marks.paint((55, 5), 1)

    def copied():
        if not path.exists():
            return ()
        draft = read_draft(path)
        return 7 in draft.objects, bool(draft.marks.any())

    qtbot.waitUntil(lambda: copied() == (True, True), timeout=TIMEOUT)
    for painted, left in [(session.layer, (False, True)), (parts.marks, (False, False))]:
        painted.visible = False
        painted.undo()
        qtbot.waitUntil(lambda left=left: copied() == left, timeout=TIMEOUT)


def test_a_copy_that_failed_is_told_in_the_widget(start, annotate, qtbot, said, monkeypatch):
    full = UserError("The disk is full: make room, then paint on.")

    def write(*_):
        raise full

    session = start()
    with monkeypatch.context() as patch:
        patch.setattr(DraftFile, "write", write)
        session.layer.paint((5, 60), 7)
        qtbot.waitUntil(lambda: bool(said), timeout=TIMEOUT)
    assert annotate.form.work_error.text() == said[0] == str(full)


def test_a_large_copy_is_made_in_small_parts(start, monkeypatch):
    session = start(planes=3)
    parts = session.parts.marks, session.parts.rectangles
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


def test_what_is_painted_while_no_widget_is_open_is_copied(viewer, start, annotate, save, qtbot):
    session = start()
    layer, path = session.layer, session.autosave.path
    layer.paint((5, 60), 7)
    save()
    viewer.window.remove_dock_widget(annotate)
    session.parts.record = Record(frozenset({1, 2}))
    layer.paint((35, 10), 8)
    assert session.parts.record.edited == {8}
    assert not path.exists()
    again = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Annotate")[1]
    viewer.layers.remove(layer)
    assert 8 in read_draft(path).objects
    qtbot.waitUntil(again.form.leftover.isVisible, timeout=TIMEOUT)


@pytest.fixture
def closed(viewer, start, annotate):
    """An annotation on whose layer somebody paints after the widget was closed."""
    session = start()
    viewer.window.remove_dock_widget(annotate)
    assert 7 not in read_draft(session.autosave.path).objects
    session.layer.paint((5, 60), 7)
    return session


def test_what_is_painted_after_the_widget_was_closed_is_copied(closed, viewer, qtbot):
    path, layer = closed.autosave.path, closed.layer
    qtbot.waitUntil(lambda: 7 in read_draft(path).objects, timeout=TIMEOUT)
    assert is_open(path)
    layer.undo()
    closed.parts.marks.paint((55, 5), 1)
    qtbot.waitUntil(lambda: 7 not in read_draft(path).objects, timeout=TIMEOUT)
    assert read_draft(path).marks.any()
    layer.paint((5, 60), 8)
    viewer.layers.remove(layer)
    assert 8 in read_draft(path).objects
    assert not is_open(path)


@pytest.mark.parametrize("end", ["window", "viewer", "application"])
def test_what_is_painted_last_after_the_widget_was_closed_is_copied(
    monkeypatch, request, viewer, qtbot, end
):
    monkeypatch.setattr(autosave, "DELAY", 10**8)
    closed = request.getfixturevalue("closed")
    if end == "window":
        viewer.window._qt_window.close()
    elif end == "viewer":
        viewer.close()
    else:
        QCoreApplication.instance().aboutToQuit.emit()
    path = closed.autosave.path
    qtbot.waitUntil(lambda: 7 in read_draft(path).objects, timeout=TIMEOUT)
    assert not is_open(path)
    if end == "window":
        del viewer.window._qt_window  # which tells napari that there is nothing left to close


def test_a_copy_that_failed_after_the_widget_was_closed_is_told(
    start, annotate, viewer, qtbot, said, monkeypatch
):
    session = start()
    viewer.window.remove_dock_widget(annotate)
    annotate.deleteLater()
    qtbot.waitUntil(lambda: not isalive(annotate), timeout=TIMEOUT)
    full = UserError("The disk is full: make room, then paint on.")

    def write(*_):
        raise full

    with monkeypatch.context() as patch:
        patch.setattr(DraftFile, "write", write)
        session.layer.paint((5, 60), 7)
        qtbot.waitUntil(lambda: bool(said), timeout=TIMEOUT)
    assert said[0] == str(full)


def test_a_widget_that_is_opened_again_copies_nothing_without_a_change(viewer, start, annotate):
    session = start()
    changes = session.autosave.changes
    viewer.window.remove_dock_widget(annotate)
    again = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Annotate")[1]
    assert again.session.layer is session.layer
    assert again.session.autosave.changes == changes


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


def test_copy_holds_the_last_strokes_when_the_application_quits(start, monkeypatch):
    monkeypatch.setattr(autosave, "DELAY", 10**8)
    session = start()
    session.layer.paint((5, 60), 7)
    assert not session.autosave.path.exists()
    QCoreApplication.instance().aboutToQuit.emit()
    assert 7 in read_draft(session.autosave.path).objects


def test_copy_holds_the_last_strokes_when_the_window_is_closed(
    viewer, start, annotate, qtbot, monkeypatch
):
    monkeypatch.setattr(autosave, "DELAY", 10**8)
    session = start()
    session.layer.paint((5, 60), 7)
    viewer.window._qt_window.close()
    qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    assert 7 in read_draft(session.autosave.path).objects
    assert annotate.closed
    del viewer.window._qt_window  # which tells napari that there is nothing left to close
