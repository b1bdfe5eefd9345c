"""Make the pictures of the documentation from the real window.

Run from the top of the repository, on a display or with ``xvfb-run``:

    python docs/screenshots.py

It opens the samples, clicks the real buttons and writes ``docs/images/*.png``.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import napari
from napari._app_model import get_app_model
from qtpy.QtCore import QEventLoop, Qt, QThreadPool, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QPushButton, QWidget

from napari_unet.core.model_header import bundled_models
from napari_unet.core.places import HOME

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
    picture_of_export()
    pictures_of_teaching()
    QThreadPool.globalInstance().waitForDone()


def picture_of_segment() -> None:
    viewer, widget = opened("nuclei", "Segment")
    save(viewer, "segment-before")
    click(widget.form.button)
    wait_until(lambda: not widget.running)
    labels = viewer.layers["nuclei instances"]
    labels.opacity = 0.6
    viewer.layers.selection.active = labels
    save(viewer, "segment")
    folded = widget.form.advanced
    folded.expand(animate=False)
    save(viewer, "segment-advanced")
    viewer.close()


def picture_of_export() -> None:
    viewer, segment = opened("nuclei", "Segment")
    segment.form.whole.setChecked(True)
    click(segment.form.button)
    wait_until(lambda: not segment.running)
    viewer.window.remove_dock_widget(segment)
    widget = docked(viewer, "Export")
    with tempfile.TemporaryDirectory() as folder:
        widget.folder.setText(folder)
        click(widget.button)
        wait_until(widget.button.isEnabled)
        widget.folder.setText("~/nuclei")
        save(viewer, "export")
    viewer.close()


def pictures_of_teaching() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ[HOME] = home
        viewer, widget = opened("nuclei", "Annotate")
        widget.form.start.choose(viewer.layers["nuclei ground truth"])
        click(widget.form.create)
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
        widget.form.count.setValue(1)
        pause(3000)
        click(widget.button)
        wait_until(lambda: len(widget.form.state.score.points["AP at 0.5"]) > 3)
        save(viewer, "fine-tune-running")
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
