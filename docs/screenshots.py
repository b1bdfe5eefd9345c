"""Make the pictures of the documentation from the real window.

Run from the top of the repository, on a display or with ``xvfb-run``:

    python docs/screenshots.py

It opens the samples, clicks the real buttons and writes ``docs/images/*.png``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import dask.array
import napari
import numpy as np
from napari._app_model import get_app_model
from qtpy.QtCore import QEventLoop, Qt, QThreadPool, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QPushButton, QScrollArea, QWidget

from napari_unet import RunConfig, Sample, create_run, load_sample
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.prediction import too_large
from napari_unet.storage.folders import HOME, models_folder, runs_folder
from napari_unet.storage.model_header import bundled_models
from napari_unet.ui.layers.in_view import camera_of
from napari_unet.ui.segment import widget as segment_widget
from napari_unet.ui.share.share_dialog import ShareDialog

PLUGIN = "napari-unet-studio"
IMAGES = Path(__file__).parent / "images"
SIZE = (1280, 860)
PATIENCE = 600_000
COMMANDS = {"Weight map": "weights", "Fine-tune": "finetune"}
"""Commands that are not called as their widgets are."""


def main() -> None:
    if not bundled_models():
        raise SystemExit("There is no bundled model yet: the pictures need one.")
    IMAGES.mkdir(exist_ok=True)
    picture_of_segment()
    picture_of_tissue()
    picture_of_neuron()
    picture_of_volume()
    picture_of_movie()
    picture_of_large()
    picture_of_batch()
    picture_of_measure()
    picture_of_export()
    picture_of_share()
    pictures_of_teaching()
    QThreadPool.globalInstance().waitForDone()


def picture_of_segment() -> None:
    viewer, widget = opened("nuclei", "Segment")
    save(viewer, "segment-before")
    click(widget.form.button)
    wait_until(lambda: not widget.running)
    labels = viewer.layers["nuclei objects (instances)"]
    labels.opacity = 0.6
    viewer.layers.selection.active = labels
    save(viewer, "segment")
    folded = widget.form.advanced
    folded.expand(animate=False)
    save(viewer, "segment-advanced")
    viewer.close()


def picture_of_tissue() -> None:
    """Stained tissue, for which Auto takes another model."""
    viewer, widget = opened("tissue", "Segment")
    click(widget.form.button)
    wait_until(lambda: not widget.running)
    labels = viewer.layers["tissue objects (instances)"]
    labels.contour = 1
    viewer.layers.selection.active = labels
    save(viewer, "segment-tissue")
    viewer.close()


def picture_of_neuron() -> None:
    """A neuron in bright field, of which there are classes only."""
    viewer, widget = opened("neuron", "Segment")
    click(widget.form.button)
    wait_until(lambda: not widget.running)
    save(viewer, "segment-neuron")
    viewer.close()


def picture_of_volume() -> None:
    """A stack in the 3D view, its planes joined into objects."""
    viewer, widget = opened("nuclei_3d", "Segment")
    click(widget.form.button)
    wait_until(lambda: not widget.running)
    viewer.dims.ndisplay = 3
    pause()
    viewer.reset_view()
    camera = camera_of(viewer)
    camera.angles, camera.zoom = (-8, 35, 150), camera.zoom * 0.6
    save(viewer, "segment-3d")
    viewer.close()


def picture_of_movie() -> None:
    """Frames of one picture as if the stage drifted, its objects followed."""
    viewer, widget = opened("nuclei", "Segment")
    picture = viewer.layers["nuclei"].data[0]
    viewer.layers.clear()
    frames = [picture[4 * step : 200 + 4 * step, 5 * step : 200 + 5 * step] for step in range(8)]
    viewer.add_image(np.stack(frames), name="movie", axis_labels=("t", "y", "x"))
    widget.form.extent.frames.setChecked(True)
    click(widget.form.button)
    wait_until(lambda: not widget.running)
    viewer.dims.set_current_step(0, 5)
    viewer.reset_view()
    save(viewer, "segment-movie")
    viewer.close()


def picture_of_large() -> None:
    """A mosaic that is segmented part by part while its labels are looked at."""
    too_large.SMALL, too_large.free_memory = 2**22, lambda: 0
    viewer, widget = opened("nuclei", "Segment")
    picture = viewer.layers["nuclei"].data[0]
    viewer.layers.clear()
    mosaic = dask.array.from_array(np.tile(picture, (12, 12)), chunks=1024)
    levels = [mosaic[::step, ::step] for step in (1, 2, 4)]
    viewer.add_image(levels, name="mosaic", contrast_limits=(0, 80))
    viewer.reset_view()
    with tempfile.TemporaryDirectory() as folder:
        segment_widget.ask_for_folder = lambda *_: Path(folder)
        click(widget.form.button)
        wait_until(lambda: "5 of" in widget.form.progress.text.text())
        save(viewer, "segment-large")
        click(widget.form.progress.stop)
        wait_until(lambda: not widget.running)
        viewer.close()


def picture_of_batch() -> None:
    viewer = napari.Viewer(show=True)
    viewer.window.resize(*SIZE)
    widget = docked(viewer, "Batch")
    pictures = load_sample("nuclei2d")[0].data
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "plate 1"
        folder.mkdir()
        for number, picture in enumerate(pictures):
            write_tiff(folder / f"well {number + 1}.tif", picture)
        (folder / "overview.png").write_bytes(b"cut off")
        widget.form.paths.add([folder])
        widget.form.out.setText(str(Path(home) / "labels"))
        click(widget.form.button)
        wait_until(lambda: not widget.running)
        widget.form.out.setText("~/labels")
        widget.form.table.table.cellDoubleClicked.emit(3, 0)
        wait_until(lambda: len(viewer.layers) == 2)
        save(viewer, "batch")
    viewer.close()


def picture_of_export() -> None:
    viewer, segment = opened("nuclei", "Segment")
    click(segment.form.button)
    wait_until(lambda: not segment.running)
    viewer.window.remove_dock_widget(segment)
    widget = docked(viewer, "Export")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for word in ("roi", "geojson"):
            widget.form.formats.boxes[word].setChecked(True)
        widget.form.folder.setText("nuclei")
        click(widget.button)
        wait_until(widget.button.isEnabled)
        save(viewer, "export")
    viewer.close()


def picture_of_share() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        make_own_things()
        viewer = napari.Viewer(show=True)
        dialog = ShareDialog(viewer.window._qt_window)
        dialog.open()
        dialog.things.add("annotations", Path("plates of May"), "plates of May", "", ticked=True)
        for kind in ("models", "runs"):
            dialog.things.line(kind, 0).setCheckState(0, Qt.CheckState.Checked)
        dialog.name.setText("HeLa in phase contrast")
        dialog.author.setText("Ada Lovelace")
        dialog.licence.setCurrentText("CC-BY-4.0")
        pause()
        dialog.grab().save(str(IMAGES / "share.png"))
        dialog.reject()
        viewer.close()


def make_own_things() -> None:
    """Make a model and a training of one's own."""
    models_folder().mkdir(parents=True)
    shutil.copy(bundled_models()["cells-phase"], models_folder() / "HeLa.safetensors")
    image, truth = load_sample("nuclei2d")
    samples = [
        Sample(f"well {number}", plane[np.newaxis], labels)
        for number, (plane, labels) in enumerate(zip(image.data, truth.data, strict=True), 1)
    ]
    create_run(runs_folder() / "HeLa", samples, RunConfig(name="HeLa, day 5"))


def picture_of_measure() -> None:
    viewer, segment = opened("nuclei", "Segment")
    click(segment.form.button)
    wait_until(lambda: not segment.running)
    viewer.window.remove_dock_widget(segment)
    widget = docked(viewer, "Measure")
    click(widget.button)
    wait_until(lambda: not widget.running)
    pause(2000)
    areas = widget.form.measured.table["area"]
    widget.form.measured.histogram._range.setRegion((np.percentile(areas, 20), areas.max()))
    save(viewer, "measure")
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        proof_read(widget)
        save(viewer, "proofread")
        viewer.close()


def proof_read(widget: QWidget) -> None:
    """Accept the first objects, and scroll to the buttons that do it."""
    click(widget.form.measured.all)
    click(widget.form.measured.proof.begin)
    wait_until(lambda: widget.proof.reading is not None)
    for _ in range(6):
        widget.proof.reading.accept()
    pause(1000)
    bar = widget.findChild(QScrollArea).verticalScrollBar()
    bar.setValue(bar.maximum())


def pictures_of_teaching() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        viewer, widget = opened("nuclei", "Annotate")
        widget.form.start.value = viewer.layers["nuclei ground truth"]
        click(widget.form.create)
        wait_until(lambda: "nuclei objects" in viewer.layers)
        click(widget.form.plane)
        save(viewer, "annotate")
        viewer.window.remove_dock_widget(widget)
        widget = docked(viewer, "Weight map")
        viewer.layers["nuclei objects"].visible = False
        pause(3000)
        save(viewer, "weight-map-widget")
        viewer.window.remove_dock_widget(widget)
        viewer.layers.remove("nuclei weight map")
        viewer.layers["nuclei objects"].visible = True
        widget = docked(viewer, "Fine-tune")
        widget.form.count.value = 1
        pause(3000)
        click(widget.button)
        wait_until(lambda: not widget.running)
        click(widget.form.result.show_changes)
        save(viewer, "fine-tune")
        viewer.close()


def opened(sample: str, widget: str) -> tuple[napari.Viewer, QWidget]:
    viewer = napari.Viewer(show=True)
    viewer.window.resize(*SIZE)
    viewer.open_sample(PLUGIN, sample)
    content = docked(viewer, widget)
    pause()
    viewer.reset_view()
    if widget == "Segment":
        wait_until(lambda: "Looking" not in content.form.device.text())
        wait_until(lambda: content.form.model.settled)
    return viewer, content


def docked(viewer: napari.Viewer, widget: str) -> QWidget:
    """Open a widget as the menu does, and return it."""
    command = COMMANDS.get(widget, widget.lower())
    get_app_model().commands.execute_command(f"{PLUGIN}.{command}").result()
    return viewer.window.dock_widgets[f"{widget} (U-Net Studio)"]


def save(viewer: napari.Viewer, name: str) -> None:
    pause()
    viewer.window.screenshot(str(IMAGES / f"{name}.png"), flash=False, canvas_only=False)


def click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def pause(milliseconds: int = 800) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_until(done: Callable[[], bool]) -> None:
    for _ in range(PATIENCE // 50):
        if done():
            return
        QApplication.processEvents()
        pause(50)
    raise SystemExit("Nothing came of it: the pictures could not be made.")


if __name__ == "__main__":
    main()
