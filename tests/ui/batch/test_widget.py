"""The Batch widget in a real window: files and folders in, labels and a table out."""

import os
import shlex
from time import sleep

import numpy as np
import pytest
import zarr
from numpy.testing import assert_array_equal
from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
from qtpy.QtGui import QDropEvent
from qtpy.QtWidgets import QApplication, QFileDialog

from napari_unet.cli.main import main
from napari_unet.core.decoding.fit import fits_best
from napari_unet.core.progress import Progress
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.scale.batch import one_image
from napari_unet.scale.batch.log import DONE, FAILED, SKIPPED, Row

TIMEOUT = 60_000


@pytest.fixture
def batch(viewer, models):
    """The Batch widget, docked, with the model for flat images chosen."""
    _, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Batch")
    widget.form.model.add(models["flat"])
    return widget


@pytest.fixture
def run_batch(batch, click, qtbot):
    """Click the button and wait for the end."""

    def run_batch():
        click(batch.form.button)
        qtbot.waitUntil(lambda: not batch.running, timeout=TIMEOUT)

    return run_batch


@pytest.fixture
def folder(tmp_path, nuclei):
    """Two images and a broken one between them."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name, image in (("a", nuclei[0]), ("c", nuclei[1])):
        write_tiff(folder / f"{name}.tif", image, "YX", (0.5, 0.25), "µm")
    (folder / "b.png").write_bytes(b"no picture")
    return folder


def lines(batch):
    """What the table says, line by line."""
    table = batch.form.table.table
    return [
        tuple(table.item(line, column).text() for column in range(3))
        for line in range(table.rowCount())
    ]


def test_folder_is_segmented_past_a_broken_file(
    batch, run_batch, folder, tmp_path, nuclei, models, said
):
    batch.form.paths.add([folder])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    expected = [segment_directly(image, models["flat"]).instances for image in nuclei]
    counts = [f"{found.max():,}" for found in expected]
    assert lines(batch) == [
        ("a", "done", counts[0]),
        ("b", "failed", ""),
        ("c", "done, doubtful", counts[1]),
    ]
    assert "b.png cannot be read" in batch.form.table.told.text()
    assert batch.form.summary.text().startswith("3 files: 2 done, 1 failed.")
    for name, found in zip("ac", expected, strict=True):
        assert_array_equal(read_image(tmp_path / "out" / f"{name}_instances.tif").data, found)
    run_batch()
    assert [line[1] for line in lines(batch)] == ["skipped", "failed", "skipped, doubtful"]
    assert not said


def test_after_a_stop_the_table_says_what_is_done(
    batch, click, folder, tmp_path, monkeypatch, qtbot, said
):
    def attempt(source, **_):
        while source.name != "a":
            sleep(0.01)
            yield Progress("segmenting")
        return Row("a", "a.tif", DONE, 3)

    monkeypatch.setattr(one_image, "attempt_steps", attempt)
    batch.form.paths.add([folder])
    batch.form.out.setText(str(tmp_path / "out"))
    click(batch.form.button)
    qtbot.waitUntil(lambda: ("b", "running", "") in lines(batch), timeout=TIMEOUT)
    click(batch.form.progress.stop)
    qtbot.waitUntil(lambda: not batch.running, timeout=TIMEOUT)
    assert [line[1] for line in lines(batch)] == ["done", "not done", "not done"]
    assert batch.form.summary.text() == "3 files: 1 done, 2 not done. 3 objects."
    assert not said


def test_doubtful_files_are_marked_and_counted(batch):
    doubt = "The labels may be wrong: the model is 60% sure of what it found. Annotate a few."
    rows = [
        Row("a", "a.tif", DONE, 3, note=doubt),
        Row("b", "b.tif", DONE, 4, note="Objects are about 40 px: the image was segmented at 0.3."),
        Row("c", "c.tif", SKIPPED, 0, note=f"{fits_best('cells')} Objects may be missed: dark."),
        Row("d", "d.tif", FAILED, error="d.tif cannot be read."),
        Row("e", "e.tif", DONE, 1, note=fits_best("nuclei")),
    ]
    batch.form.table.show_names("abcde")
    batch._ended(rows)
    statuses = ["done, doubtful", "done", "skipped, doubtful", "failed", "done"]
    assert [line[1] for line in lines(batch)] == statuses
    assert batch.form.table.table.item(0, 1).toolTip() == doubt
    assert batch.form.summary.text() == (
        "5 files: 3 done, 1 skipped, 1 failed. 8 objects. Doubtful: 2 of the files. Click a line "
        "to see why."
    )
    batch._ended(rows[1:2])
    assert "oubtful" not in batch.form.summary.text()


def test_what_is_copied_gives_the_same_results(batch, run_batch, click, folder, tmp_path):
    batch.copy.command.click()
    assert "add files" in batch.copy.error.text()
    batch.form.paths.add([folder])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    expected = read_image(tmp_path / "out" / "a_instances.tif").data
    for number, copied in enumerate((batch.copy.command, batch.copy.python)):
        copied.click()
        out = tmp_path / f"again{number}"
        text = QApplication.clipboard().text().replace(str(tmp_path / "out"), str(out))
        if number:
            exec(text, {})
        else:
            assert main(shlex.split(text)[1:]) == 2  # one of the images is broken
        assert_array_equal(read_image(out / "a_instances.tif").data, expected)


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_file_is_shown_to_be_worked_on(batch, run_batch, folder, tmp_path, monkeypatch, jobs):
    seen, show_progress = set(), batch.show_progress

    def shown(progress):
        show_progress(progress)
        seen.update(line[:2] for line in lines(batch))

    monkeypatch.setattr(batch, "show_progress", shown)
    batch.form.jobs.value = jobs
    batch.form.paths.add([folder])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    assert {("a", "running"), ("c", "running"), ("a", "done"), ("c", "done, doubtful")} <= seen
    assert "running" not in {line[1] for line in lines(batch)}


def test_double_click_opens_image_and_labels(
    viewer, batch, run_batch, folder, tmp_path, nuclei, qtbot
):
    batch.form.paths.add([folder / "c.tif"])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    for _ in range(2):
        batch.form.table.table.cellDoubleClicked.emit(0, 1)
        qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=TIMEOUT)
        qtbot.wait(50)
    assert [layer.name for layer in viewer.layers] == ["c", "c objects (instances)"]
    assert_array_equal(viewer.layers[0].data, nuclei[1])
    for layer in viewer.layers:
        assert_array_equal(layer.scale, (0.5, 0.25))
        assert layer.axis_labels == ("y", "x")


def test_a_double_click_keeps_what_was_painted(viewer, batch, run_batch, folder, tmp_path, qtbot):
    def opened(count):
        with qtbot.waitSignal(batch.opener.latest.ended, timeout=TIMEOUT):
            batch.form.table.table.cellDoubleClicked.emit(0, 1)
        assert len(viewer.layers) == count
        return list(viewer.layers)

    batch.form.paths.add([folder / "c.tif"])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    image, labels = opened(2)
    labels.paint((4, 4), 77)
    labels.visible = False
    above = viewer.add_points(name="above")
    assert opened(3) == [above, image, labels]
    assert labels.visible
    assert labels.data[4, 4] == 77
    viewer.layers.remove(above)
    os.utime(tmp_path / "out" / "c_instances.tif", (1, 1))
    assert opened(4)[:2] == [image, labels]
    os.utime(tmp_path / "out" / "c_instances.tif", (2, 2))
    assert opened(4)[:2] == [image, labels]  # those that nobody painted in are replaced


def test_double_click_opens_a_zarr_folder_and_its_labels(
    viewer, batch, run_batch, tmp_path, nuclei, models, qtbot
):
    path = tmp_path / "plate.zarr" / "0"
    zarr.create_array(path, data=nuclei[1], dimension_names=("y", "x"))
    batch.form.paths.add([path])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    batch.form.table.table.cellDoubleClicked.emit(0, 1)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2, timeout=TIMEOUT)
    image, labels = viewer.layers
    assert (image.name, labels.name) == ("plate_0", "plate_0 objects (instances)")
    assert_array_equal(image.data[:], nuclei[1])
    assert_array_equal(labels.data[:], segment_directly(nuclei[1], models["flat"]).instances)
    assert labels.axis_labels == ("y", "x")


@pytest.mark.parametrize(
    ("missing", "words"), [("paths", "nothing to segment"), ("out", "no folder for the results")]
)
def test_what_is_missing_is_said(batch, run_batch, folder, tmp_path, said, missing, words):
    if missing != "paths":
        batch.form.paths.add([folder])
    if missing != "out":
        batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    assert len(said) == 1
    assert words in said[0]


def test_empty_folder_is_said(batch, run_batch, tmp_path, said):
    (tmp_path / "empty").mkdir()
    batch.form.paths.add([tmp_path / "empty"])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    assert len(said) == 1
    assert "no images" in said[0]
    assert batch.form.button.isEnabled()


def test_files_are_added_dropped_and_removed(batch, click, monkeypatch, tmp_path):
    paths = [tmp_path / name for name in ("a.tif", "b.tif", "c.tif")]
    names = [str(path) for path in paths[:2]]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (names, ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    chosen = batch.form.paths
    click(chosen.files)
    click(chosen.files)
    click(chosen.folder)
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(paths[2]))])
    chosen.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            dropped,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert chosen.paths() == [*paths[:2], tmp_path, paths[2]]
    chosen.list.item(0).setSelected(True)
    click(chosen.remove)
    assert chosen.paths() == [paths[1], tmp_path, paths[2]]


def test_axes_and_channel_are_passed_on(batch, run_batch, tmp_path, nuclei, models, said):
    noise = np.random.default_rng(0).integers(0, 255, nuclei[0].shape, np.uint8)
    np.save(tmp_path / "stack.npy", np.stack([noise, nuclei[0]]))
    batch.form.paths.add([tmp_path / "stack.npy"])
    batch.form.out.setText(str(tmp_path / "out"))
    batch.form.settings.channels.setText("one")
    run_batch()
    assert "no list of channels" in said[0]
    batch.form.axes.setText("c y x")
    batch.form.settings.channels.setText("")
    run_batch()
    told = "choose which to use, counted from 0 (Channels under Advanced)."
    assert batch.form.table.told.text().endswith(told)
    batch.form.settings.channels.setText("1")
    run_batch()
    expected = segment_directly(nuclei[0], models["flat"]).instances
    assert_array_equal(read_image(tmp_path / "out" / "stack_instances.tif").data, expected)


def test_annotations_of_cellpose_that_are_left_out_are_told(batch, run_batch, folder, tmp_path):
    np.save(folder / "a_seg.npy", {"masks": np.zeros((2, 2))}, allow_pickle=True)
    batch.form.paths.add([folder])
    batch.form.out.setText(str(tmp_path / "out"))
    run_batch()
    assert "a_seg.npy left out: annotations of Cellpose" in batch.form.summary.text()


def test_a_double_click_opens_the_channels_of_an_image(
    viewer, batch, run_batch, tmp_path, nuclei, qtbot
):
    write_tiff(tmp_path / "two.tif", np.stack([nuclei[0], nuclei[1]]), "CYX")
    batch.form.paths.add([tmp_path / "two.tif"])
    batch.form.out.setText(str(tmp_path / "out"))
    batch.form.settings.channels.setText("1")
    run_batch()
    batch.form.table.table.cellDoubleClicked.emit(0, 0)
    qtbot.waitUntil(lambda: len(viewer.layers) == 3, timeout=TIMEOUT)
    names = [layer.name for layer in viewer.layers]
    assert names == ["two channel 0", "two channel 1", "two objects (instances)"]
