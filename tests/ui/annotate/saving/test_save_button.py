"""Annotations are saved."""

from threading import Event

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.read import read_image

TIMEOUT = 60_000


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

    monkeypatch.setattr("napari_unet.io.annotations.write.write_annotation", write)
    yield go
    go.set()


def test_no_save_begins_before_the_last_is_written(
    viewer, start, annotate, click, qtbot, folder, slow
):
    sessions = [start()]
    viewer.add_image(np.zeros((60, 80), np.uint8), name="others")
    annotate.form.start.value = None
    click(annotate.form.create)
    sessions.append(annotate.session)
    for session in sessions:
        session.layer.paint((5, 60), 7)
        qtbot.waitUntil(session.autosave.path.exists, timeout=TIMEOUT)
    button = annotate.form.save
    annotate.form.annotation.value = sessions[0].layer
    click(button)
    annotate.form.annotation.value = sessions[1].layer
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
    drawn = session.parts.rectangles
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


def test_save_under_a_name_that_is_no_file_name(viewer, start, save, said):
    session = start()
    viewer.layers["cells"].name = "plate/well A1"
    folder = save()
    assert said == [f"Wrote the image and its annotation to {folder} as “plate_well A1”."]
    assert_array_equal(read_image(folder / "labels" / "plate_well A1.tif").data, session.layer.data)


def test_an_image_that_was_closed_and_opened_again_is_saved(
    viewer, start, annotate, save, click, said
):
    session = start()
    viewer.layers["cells"].name = "day 1"
    viewer.layers.remove("day 1")
    click(annotate.form.save)
    assert said == ["The image “cells” is not open any more: open it again under this name."]
    viewer.add_image(np.zeros((60, 80), np.uint8), name="cells")
    annotate.form.annotation.value = session.layer
    folder = save()
    assert (folder / "labels" / "cells.tif").exists()


def test_another_image_of_the_name_is_not_saved_with_the_annotation(
    viewer, start, annotate, click, said, folder
):
    session = start()
    viewer.layers.remove("cells")
    viewer.add_image(np.ones((60, 80), np.uint8), name="cells")
    annotate.form.annotation.value = session.layer
    click(annotate.form.save)
    assert said == [
        "The “cells” that is open is another image than the one that was annotated: close it, and "
        "open that one."
    ]
    assert not folder.exists()
