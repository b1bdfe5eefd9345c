"""Saved annotations are opened again."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtWidgets import QFileDialog

from napari_unet.io.tiff.write import write_tiff
from painted import annotation_of, pick

PLUGIN = "napari-unet-studio"
TIMEOUT = 60_000


@pytest.mark.parametrize("planes", [0, 3])
def test_what_was_saved_is_opened_again(viewer, start, annotate, click, qtbot, save, planes):
    session = start(planes)
    click(annotate.form.classes.add)
    annotate.form.classes.table.item(1, 0).setText("dividing")
    annotate.form.classes.set_colour(2, "#00ff00")
    pick(session, 2)
    click(annotate.form.classes.give)
    session.parts.marks.data[..., 55, :30] = 1
    click(annotate.form.all_planes if planes else annotate.form.plane)
    session.parts.rectangles.add_rectangles(
        [[*[1] * bool(planes), y, x] for y, x in [(2.4, 3), (2.4, 9), (7, 9), (7, 3)]]
    )
    before, parts = annotation_of(session.layer), session.parts
    folder = save()
    click(annotate.form.open)
    qtbot.waitUntil(lambda: annotate.session is not session, timeout=TIMEOUT)
    after = annotation_of(annotate.session.layer)
    for part in ("instances", "marks", "boxes"):
        assert_array_equal(getattr(after, part), getattr(before, part))
    assert after.classes == before.classes == {1: 1, 2: 2, 3: 1}
    assert annotate.session.parts.class_names == parts.class_names
    assert annotate.session.parts.class_colours == parts.class_colours
    assert annotate.form.classes.table.item(1, 0).text() == "dividing"
    (folder / "weights").mkdir()
    (folder / "weights" / "cells.tif").write_bytes(b"somebody's")
    save()
    for part in ("images", "weights"):
        assert [file.name for file in (folder / part).iterdir()] == ["cells.tif"]


def test_what_was_saved_with_one_channel_is_opened_with_the_others(
    viewer, annotate, click, qtbot, tmp_path, save
):
    noise = np.random.default_rng(0).integers(0, 255, (3, 2, 30, 40), np.uint8)
    write_tiff(tmp_path / "embryo.tif", noise, "ZCYX")
    first, second = viewer.open(tmp_path / "embryo.tif", plugin=PLUGIN)
    form = annotate.form
    form.image.value = second
    click(form.create)
    painted = annotate.session.layer
    painted.paint((1, 5, 30), 7)
    (file,) = (save() / "images").iterdir()
    form.image.value = first
    for _ in ("the channel", "all channels"):
        session = annotate.session
        click(form.open)
        qtbot.waitUntil(lambda old=session: annotate.session is not old, timeout=TIMEOUT)
        assert_array_equal(annotate.session.layer.data, painted.data)
        write_tiff(file, noise, "ZCYX")


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
