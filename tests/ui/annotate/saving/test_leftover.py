"""Annotations that were not saved are offered again."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.io.annotations.drafts import DraftFile, find_draft
from napari_unet.io.tiff.write import write_tiff
from napari_unet.storage.folders import HOME, autosave_folder
from painted import annotation_of

PLUGIN = "napari-unet-studio"
TIMEOUT = 60_000


@pytest.mark.parametrize("first", ["cells objects", "cells marks", "cells rectangles"])
def test_deleted_layers_can_be_restored(viewer, start, annotate, click, qtbot, first):
    session = start()
    click(annotate.form.plane)
    session.parts.marks.paint((55, 5), 2)
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


def test_what_was_painted_on_an_image_is_offered_under_its_new_name(
    viewer, start, annotate, click, qtbot
):
    session = start()
    session.layer.paint((5, 60), 7)
    qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    viewer.layers["cells"].name = "renamed"
    viewer.layers.remove(session.layer)
    qtbot.waitUntil(annotate.form.leftover.isVisible, timeout=TIMEOUT)
    click(annotate.form.leftover.restore)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    assert annotate.session.layer.name == "renamed objects"
    assert_array_equal(annotate.session.layer.data, session.layer.data)


def test_a_damaged_copy_is_told_in_the_widget(viewer, start, annotate, click, qtbot, said):
    session = start()
    session.layer.paint((5, 60), 7)
    path = session.autosave.path
    viewer.layers.remove(session.layer)
    qtbot.waitUntil(annotate.form.leftover.isVisible, timeout=TIMEOUT)
    path.write_bytes(b"damaged")
    click(annotate.form.leftover.restore)
    qtbot.waitUntil(lambda: bool(said), timeout=TIMEOUT)
    assert "is damaged and cannot be restored" in annotate.error.text()
    click(annotate.form.leftover.discard)
    assert annotate.error.text() == ""


def test_what_another_window_works_on_is_left_alone(viewer, start, annotate, click, qtbot, said):
    session = start()
    session.layer.paint((5, 60), 7)
    viewer.layers.remove(session.layer)
    leftover = annotate.form.leftover
    qtbot.waitUntil(leftover.isVisible, timeout=TIMEOUT)
    other = DraftFile(session.autosave.path)
    other.hold()
    click(leftover.discard)
    assert other.path.exists()
    assert said == ["This annotation was restored or discarded in another window."]
    assert not leftover.isVisible()
    found = []
    leftover.searches.returned.connect(found.append)
    leftover.look(annotate.image.value)
    qtbot.waitUntil(lambda: found == [None], timeout=TIMEOUT)
    other.release()
    leftover.look(annotate.image.value)
    qtbot.waitUntil(leftover.isVisible, timeout=TIMEOUT)
    other.path.unlink()
    click(leftover.restore)
    assert len(said) == 2
    assert annotate.session is None


def test_layers_that_were_saved_are_not_offered(viewer, start, annotate, qtbot, save):
    session = start()
    session.layer.paint((5, 60), 7)
    save()
    found = []
    annotate.form.leftover.searches.returned.connect(found.append)
    viewer.layers.remove(session.layer)
    qtbot.waitUntil(lambda: found == [None], timeout=TIMEOUT)


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
session.parts.marks.paint((20, 20), 2)
session.layer.selected_label = 3
session.layer.paint((5, 5), 3)
napari.run()
"""


def test_restore_after_a_crash(viewer, home, click, qtbot):
    child = subprocess.Popen([sys.executable, "-c", CRASH], env=os.environ | {HOME: str(home)})
    until = time.monotonic() + 60
    while not list(autosave_folder().glob("[!.]*.npz")) and time.monotonic() < until:
        qtbot.wait(50)
    assert find_draft(autosave_folder(), "cells", (30, 40)) is None
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
    assert widget.session.parts.classes == {3: 1}


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


def test_what_was_painted_on_one_channel_is_offered_for_the_others(
    viewer, annotate, click, qtbot, tmp_path
):
    write_tiff(tmp_path / "embryo.tif", np.zeros((3, 2, 30, 40), np.uint8), "ZCYX")
    first, second = viewer.open(tmp_path / "embryo.tif", plugin=PLUGIN)
    form = annotate.form
    form.image.value = first
    click(form.create)
    annotate.session.layer.paint((1, 5, 30), 7)
    painted = annotate.session.layer.data.copy()
    for name in ("objects", "marks", "rectangles"):
        viewer.layers.remove(f"{first.name} {name}")
    form.image.value = second
    qtbot.waitUntil(form.leftover.isVisible, timeout=TIMEOUT)
    click(form.leftover.restore)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    assert_array_equal(annotate.session.layer.data, painted)
    assert annotate.session.layer.data.any()
