"""What belongs to deleted objects goes with them, once all of it is in a file."""

import pytest

from napari_unet.core.errors import UserError
from napari_unet.io.annotations.drafts import DraftFile

TIMEOUT = 60_000
PARTS = {"cells marks", "cells rectangles", "cells classes"}


@pytest.fixture
def painted(start, annotate, click, viewer, qtbot):
    """An annotation with objects of two classes, marks and a rectangle."""
    session = start()
    click(annotate.form.classes.add)
    click(annotate.form.plane)
    session.parts.marks.paint((55, 5), 2)
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(lambda: "cells classes" in viewer.layers, timeout=TIMEOUT)
    return session


def names(viewer):
    return {layer.name for layer in viewer.layers}


def test_what_belongs_to_deleted_objects_goes_with_them(viewer, annotate, painted, click, qtbot):
    assert names(viewer) >= PARTS
    viewer.layers.remove(painted.layer)
    qtbot.waitUntil(lambda: not names(viewer) & PARTS, timeout=TIMEOUT)
    assert names(viewer) == {"cells", "result"}
    qtbot.waitUntil(annotate.form.leftover.isVisible, timeout=TIMEOUT)
    click(annotate.form.leftover.restore)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    assert annotate.session.parts.marks.data[55, 5] == 2
    assert len(annotate.session.parts.rectangles.data) == 1


def test_what_cannot_be_copied_stays(viewer, annotate, painted, qtbot, monkeypatch, said):
    def full(*_):
        raise UserError("The disk is full.")

    monkeypatch.setattr(DraftFile, "write", full)
    painted.layer.paint((5, 65), 7)
    viewer.layers.remove(painted.layer)
    searched = annotate.form.leftover.searches.ended
    with qtbot.waitSignal(searched, timeout=TIMEOUT):
        pass
    assert names(viewer) >= PARTS
    assert "The disk is full." in said


def test_layers_that_are_deleted_together_are(viewer, painted, qtbot):
    viewer.layers.selection = {painted.layer, painted.parts.marks, viewer.layers["result"]}
    viewer.layers.remove_selected()
    qtbot.waitUntil(lambda: names(viewer) == {"cells"}, timeout=TIMEOUT)


def test_objects_that_come_back_at_once_keep_what_belongs_to_them(viewer, annotate, painted, qtbot):
    with qtbot.waitSignal(annotate.form.leftover.searches.ended, timeout=TIMEOUT):
        viewer.layers.remove(painted.layer)
        viewer.add_layer(painted.layer)
    assert names(viewer) >= PARTS
