"""Keeps a copy of an annotation in a file until it is saved or deleted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from napari.layers import Labels, Shapes
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.errors import UserError
from napari_unet.core.places import autosave_folder
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.ui.annotation_layers import LINK
from napari_unet.ui.drafts import Draft, DraftFile, new_draft_path
from napari_unet.ui.worker import Latest, report

DELAY = 5000
"""Milliseconds after the first change that is not copied yet."""
BLOCK = 2**23
"""Bytes that are copied at once; the window waits for hundredths of a second."""


class Autosave(QObject):
    """Writes a copy of one annotation a few seconds after a change; only ever reads the layers.

    Parameters
    ----------
    layer
        The objects of an annotation.
    image_shape
        Shape of the annotated image, by which the copy is found again.

    Attributes
    ----------
    changes
        How many changes there have been.
    """

    def __init__(self, layer: Labels, image_shape: tuple[int, ...]) -> None:
        super().__init__()
        self._layer = layer
        link = layer.metadata[LINK]
        link.setdefault("image_shape", image_shape)
        link.setdefault("draft", DraftFile(new_draft_path(autosave_folder(), link["image"])))
        self._file: DraftFile = link["draft"]
        self.changes = 0
        self._latest = Latest(self)
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._save)
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._copy)

    @property
    def path(self) -> Path:
        """Where the copy lies, if there is one."""
        return self._file.path

    def changed(self) -> None:
        """Copy soon, also if the painting goes on."""
        link = self._layer.metadata[LINK]
        self.changes += 1
        self._parts = link["marks"], link["rectangles"]
        if not self._timer.isActive():
            self._timer.start()

    def drop(self) -> None:
        """Delete the copy: the annotation was saved, or is not wanted any more."""
        self._stop()
        self._file.drop()

    def quit(self) -> None:
        """Copy what is not copied yet, and nothing from now on."""
        if self._stop():
            try:
                self._file.write(drive(draft_steps(self._layer, *self._parts)), self._file.ticket())
            except UserError as error:
                report(error)

    def _stop(self) -> bool:
        """Stop what was going to be copied; return whether there was anything."""
        timers = self._timer, self._turns
        waiting = any(timer.isActive() for timer in timers)
        for timer in timers:
            timer.stop()
        return waiting

    def _save(self) -> None:
        self._steps = draft_steps(self._layer, *self._parts)
        self._turns.start()

    def _copy(self) -> None:
        try:
            next(self._steps)
        except StopIteration as end:
            self._turns.stop()
            self._latest.submit(partial(self._file.write, end.value, self._file.ticket()))


def draft_steps(layer: Labels, marks: Labels | None, rectangles: Shapes | None) -> Steps[Draft]:
    """Copy an annotation, a small part in each step; to be called on the thread of the window.

    Parameters
    ----------
    layer
        The objects. What is painted between two steps may or may not be in the copy.
    marks, rectangles
        The layers that belonged to them when they were last changed: if all are deleted together,
        these may be gone first.
    """
    link: dict[str, Any] = layer.metadata[LINK]
    objects = yield from _copy_steps(layer.data)
    marked = None if marks is None else (yield from _copy_steps(marks.data))
    shapes = [] if rectangles is None else zip(rectangles.data, rectangles.shape_type, strict=True)
    return Draft(
        image=link["image"],
        image_shape=tuple(link["image_shape"]),
        objects=objects,
        marks=marked,
        rectangles=[np.array(corners) for corners, kind in shapes if kind == "rectangle"],
        classes=dict(link["classes"]),
        class_names=list(link["class_names"]),
        class_colours=list(link["class_colours"]),
    )


def _copy_steps(labels: np.ndarray) -> Steps[np.ndarray]:
    result = np.empty(labels.shape, labels.dtype)
    planes = max(1, BLOCK * len(labels) // result.nbytes)
    for first in range(0, len(labels), planes):
        part = slice(first, first + planes)
        result[part] = labels[part]
        yield Progress("copying", min(part.stop, len(labels)), len(labels))
    return result
