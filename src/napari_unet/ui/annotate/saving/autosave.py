"""Keeps a copy of an annotation in a file until it is saved or deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels, Shapes
from qtpy.QtCore import QCoreApplication, QObject, QTimer

from napari_unet.core.errors import UserError
from napari_unet.io.drafts import Draft
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.rectangles import corners_in
from napari_unet.ui.annotate.watch import AnnotationWatch
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.copies import ChunkedCopier, ChunkedCopy, at_once, chunked_copy
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import LatestOnly, report

DELAY = 5000
"""Milliseconds after the first change that is not copied yet."""


class Autosave(QObject):
    """Writes a copy of one annotation a few seconds after a change; only ever reads the layers.

    It ends with the objects' layer or the window, not with the widget, which may be closed while
    somebody paints on; see `autosave_of`.

    Parameters
    ----------
    viewer, layer
        The objects of an annotation, and where they are shown.

    Attributes
    ----------
    changes
        How many changes there have been.
    failed
        Gets what goes wrong.
    """

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        super().__init__()
        self._layer = layer
        self._parts: AnnotationLayers = layer.metadata[ANNOTATION]
        self._file = self._parts.draft
        self._file.hold()
        self.changes = 0
        self.failed: Callable[[Exception], None] = report
        self._dropped = self._ended = False
        self._latest = LatestOnly(self, self._fail)
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._save)
        self._copier = ChunkedCopier(self)
        self._connections = Connections()
        self._watch = AnnotationWatch(viewer, layer, self._connections)
        self._watch.changed.connect(self.changed)
        self._looks = QTimer(self, interval=DELAY)
        self._looks.timeout.connect(self._watch.look)
        self._looks.start()
        self._end_with(viewer)

    @property
    def path(self) -> Path:
        """Where the copy lies, if there is one."""
        return self._file.path

    def changed(self) -> None:
        """Copy soon, also if the painting goes on."""
        self.changes += 1
        self._dropped = False
        self._painted = self._parts.marks, self._parts.rectangles
        if not self._timer.isActive():
            self._timer.start()

    def drop(self) -> None:
        """Delete the copy: the annotation was saved, or is not wanted any more."""
        self._stop()
        self._dropped = True
        self._file.drop()

    def quit(self) -> bool:
        """Copy what is not copied yet, and nothing from now on; return whether all is kept.

        The copy may be offered to others from now on.
        """
        if not self._ended:
            self._kept, self._ended = self.keep(), True
            self._looks.stop()
            self._connections.undo()
            self._file.release()
            self._parts.autosave = None
        return self._kept

    def keep(self) -> bool:
        """Copy what is not copied yet, now; return whether all is kept."""
        self._watch.look()
        writing = self._latest.busy and not self._dropped
        waiting = self._timer.isActive() or self._copier.busy or writing
        self._stop()
        if waiting:
            try:
                self._file.write(at_once(self._copy()), self._file.ticket())
            except (UserError, MemoryError) as error:  # a full disk, or a copy that is too large
                self._fail(error)
                return False
        return True

    def _end_with(self, viewer: ViewerModel) -> None:
        self._connections.add(viewer.layers.events.removed, self._removed)
        window = getattr(viewer, "window", None)
        if window is not None:
            window._qt_window.destroyed.connect(self.quit)
        # when the last window is closed, napari ends before Qt gets to delete it
        QCoreApplication.instance().aboutToQuit.connect(self.quit)

    def _removed(self, event: Any) -> None:
        if event.value is self._layer:
            self.quit()

    def _fail(self, error: Exception) -> None:
        self.failed(error)

    def _stop(self) -> None:
        self._timer.stop()
        self._copier.quit()

    def _save(self) -> None:
        self._copier.begin(self._copy, self._write, self._fail)

    def _copy(self) -> ChunkedCopy[Draft]:
        return chunked_draft(self._layer, *self._painted)

    def _write(self, draft: Draft) -> None:
        self._latest.submit(partial(self._file.write, draft, self._file.ticket()))


def autosave_of(viewer: ViewerModel, layer: Labels) -> Autosave:
    """Return what copies an annotation from now on, or does so already.

    Parameters
    ----------
    viewer, layer
        The objects of an annotation, and where they are shown.
    """
    parts: AnnotationLayers = layer.metadata[ANNOTATION]
    parts.autosave = parts.autosave or Autosave(viewer, layer)
    return parts.autosave


def chunked_draft(
    layer: Labels, marks: Labels | None, rectangles: Shapes | None
) -> ChunkedCopy[Draft]:
    """Copy an annotation, a chunk at a time; to be called on the thread of the window.

    Parameters
    ----------
    layer
        The objects. What is painted between two chunks may or may not be in the copy.
    marks, rectangles
        The layers that belonged to them when they were last changed: if all are deleted together,
        these may be gone first.
    """
    parts: AnnotationLayers = layer.metadata[ANNOTATION]
    objects = yield from chunked_copy(pixels_in(layer))
    marked = None if marks is None else (yield from chunked_copy(pixels_in(marks)))
    shapes = [] if rectangles is None else corners_in(rectangles, layer)
    return Draft(
        image=parts.name_now(),
        image_shape=parts.known.shape,
        pixels=parts.known.pixels,
        objects=objects,
        marks=marked,
        rectangles=[corners for corners, kind in shapes if kind == "rectangle"],
        classes=dict(parts.classes),
        class_names=list(parts.class_names),
        class_colours=list(parts.class_colours),
        first_name=parts.known.name,
        record=parts.record,
    )
