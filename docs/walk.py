"""Walk through the whole loop in a real window, and take pictures on the way.

    python docs/walk.py MOVIE OUT [--minutes 2] [--objects 40]

MOVIE is a folder with ``images/`` (frames of a time-lapse, in the order of their names) and
``labels/`` with the objects of the first frame. It opens the frames, annotates by loading some of
those objects and drawing a rectangle with the mouse, looks at the weight map, fine-tunes the
bundled model, keeps it, segments another frame, and prints what the widget says. The pictures are
for looking at; they are not part of the documentation.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import napari
import numpy as np
import tifffile
from qtpy.QtCore import QPoint, Qt, QThreadPool
from qtpy.QtTest import QTest
from screenshots import SIZE, click, docked, pause, wait_until

from napari_unet.storage.folders import HOME
from napari_unet.ui.layers.in_view import camera_of


def walk(movie: Path, out: Path, minutes: int, count: int) -> None:
    viewer = napari.Viewer(show=True)
    viewer.window.resize(*SIZE)
    frames = np.stack([tifffile.imread(path) for path in sorted((movie / "images").iterdir())])
    viewer.add_image(frames, name="movie", axis_labels=("t", "y", "x"))
    window = middle_window(frames.shape[1:], labels := first_labels(movie), count)
    annotate(viewer, out, labels, window)
    look_at_weights(viewer, out)
    fine_tune(viewer, out, minutes)
    segment(viewer, out)
    viewer.close()
    QThreadPool.globalInstance().waitForDone()


def first_labels(movie: Path) -> np.ndarray:
    return tifffile.imread(sorted((movie / "labels").iterdir())[0]).astype(np.int32)


def middle_window(shape: tuple[int, ...], labels: np.ndarray, count: int) -> tuple[slice, ...]:
    """Return a square in the middle that holds about so many objects."""
    for reach in range(50, min(shape) // 2, 10):
        window = tuple(slice(size // 2 - reach, size // 2 + reach) for size in shape)
        if len(np.unique(labels[window])) > count:
            break
    return window


def annotate(
    viewer: napari.Viewer, out: Path, labels: np.ndarray, window: tuple[slice, ...]
) -> None:
    loaded = np.zeros(viewer.layers["movie"].data.shape, np.int32)
    loaded[0][window] = labels[window]
    start = viewer.add_labels(loaded, name="loaded objects")
    widget = docked(viewer, "Annotate")
    widget.form.start.value = start
    click(widget.form.create)
    viewer.layers.remove("loaded objects")
    viewer.dims.set_current_step(0, 0)
    click(widget.form.rectangle)
    drag(viewer, *((axis.start, axis.stop) for axis in window))
    save(viewer, out, "1 annotated")
    viewer.window.remove_dock_widget(widget)


def drag(viewer: napari.Viewer, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    """Drag the mouse from one corner of a rectangle to the other."""
    canvas = viewer.window._qt_viewer.canvas
    first, last = (
        canvas_position(viewer, row, column) for row, column in zip(rows, columns, strict=True)
    )
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(canvas.native, left, pos=first)
    for part in range(1, 11):
        QTest.mouseMove(canvas.native, first + (last - first) * part / 10)
        pause(30)
    QTest.mouseRelease(canvas.native, left, pos=last)
    pause()


def canvas_position(viewer: napari.Viewer, row: float, column: float) -> QPoint:
    canvas = viewer.window._qt_viewer.canvas
    centre = np.array(camera_of(viewer).center[-2:])
    middle = np.array([canvas.native.height(), canvas.native.width()]) / 2
    zoom = camera_of(viewer).zoom / screen_scale(viewer)
    y, x = middle + (np.array([row, column]) - centre) * zoom
    return QPoint(round(x), round(y))


def screen_scale(viewer: napari.Viewer) -> float:
    return viewer.window._qt_window.devicePixelRatioF()


def look_at_weights(viewer: napari.Viewer, out: Path) -> None:
    widget = docked(viewer, "Weight map")
    pause(4000)
    save(viewer, out, "2 weight map")
    viewer.window.remove_dock_widget(widget)
    for layer in [each for each in viewer.layers if "weight map" in each.name]:
        viewer.layers.remove(layer)


def fine_tune(viewer: napari.Viewer, out: Path, minutes: int) -> None:
    widget = docked(viewer, "Fine-tune")
    widget.form.count.value = minutes
    pause(4000)
    save(viewer, out, "3 before fine-tuning")
    click(widget.button)
    wait_until(lambda: widget.form.state.isVisible() and shows_epochs(widget))
    widget.form.state.preview.click()
    save(viewer, out, "4 learning")
    wait_until(lambda: not widget.running)
    save(viewer, out, "5 learnt")
    result = widget.form.result
    print(result.verdict.text())
    for (row, at), cell in result.cells.items():
        print(f"{row} {at}: {cell.text()}")
    result.name.setText("phase contrast")
    click(result.keep)
    wait_until(lambda: not widget.running)
    click(result.show_changes)
    wait_until(lambda: not widget.running)
    save(viewer, out, "6 what changed")
    click(result.suggest_next)
    wait_until(lambda: not widget.running)
    save(viewer, out, "7 what to paint next")
    viewer.window.remove_dock_widget(widget)


def shows_epochs(widget) -> bool:
    return len(widget.form.state.score.points["AP at 0.5"]) > 1


def segment(viewer: napari.Viewer, out: Path) -> None:
    widget = docked(viewer, "Segment")
    widget.form.image.value = viewer.layers["movie"]
    widget.form.view.setChecked(True)
    viewer.dims.set_current_step(0, 20)
    for model, name in (("nuclei", "8 segmented before"), ("phase contrast", "9 segmented after")):
        widget.form.model.value = model
        click(widget.form.button)
        wait_until(lambda: not widget.running)
        save(viewer, out, name)


def save(viewer: napari.Viewer, out: Path, name: str) -> None:
    pause()
    viewer.window.screenshot(str(out / f"{name}.png"), flash=False, canvas_only=False)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("movie", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=int, default=2)
    parser.add_argument("--objects", type=int, default=40)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ[HOME] = str(options.out / "home")
    walk(options.movie, options.out, options.minutes, options.objects)
