"""Keeps a copy of an annotation in a file until it is saved or deleted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtCore import QCoreApplication, QObject, QTimer

from napari_unet.core.errors import UserError
from napari_unet.io.annotations.drafts import Draft
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.saving.draft_copy import chunked_draft
from napari_unet.ui.annotate.watch import AnnotationWatch
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.copies import ChunkedCopier, ChunkedCopy, at_once
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import LatestOnly, report

DELAY = 5000
"""Milliseconds after the first change that is not copied yet."""


class Autosave(QObject):
    """Writes a copy of one annotation a few seconds after a change; only ever reads the layers.

    It ends with the layer or the window, not with the widget; see `autosave_of`.

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
        self.failed: Callable[[Exception], None] = report
        self.changes, self._dropped, self._ended = 0, False, False
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
        if hasattr(viewer, "window"):
            viewer.window._qt_window.destroyed.connect(self.quit)
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
