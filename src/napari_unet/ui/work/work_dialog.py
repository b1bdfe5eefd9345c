"""A dialog that does long work of its own, with a button that begins it and one that stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.utils.notifications import show_info
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QDialog, QWidget

from napari_unet.core.progress import Progress, Steps
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.threads import StepsWorker


class WorkDialog(QDialog):
    """Works beside the window until it is done, stopped, or the dialog is closed.

    Parameters
    ----------
    parent
        Over what it is shown.
    title
        What its main button says.
    unit
        What is counted while it works.
    connections
        Of the widget that it belongs to, with which its work ends; None for no widget.

    Attributes
    ----------
    button, error, progress
        To be laid out: what begins the work, what went wrong, and how far it is.
    """

    def __init__(
        self, parent: QWidget | None, title: str, unit: str, connections: Connections | None = None
    ) -> None:
        super().__init__(parent)
        self._connections = connections or Connections()
        self._worker: StepsWorker | None = None
        self.button, self.error = button(title, high=True), ErrorLine()
        self.progress = ProgressRow(unit)
        self.progress.stopped.connect(self._stop)
        self.finished.connect(self._stop)

    def event(self, event: QEvent) -> bool:
        """Grow where something comes to it, such as what went wrong."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            needed = self.layout().totalHeightForWidth(self.width())
            self.resize(self.width(), max(self.height(), needed))
        return bool(done)

    def work(
        self, make_steps: Callable[[], Steps[Any]], title: str, done: Callable[[Any], None]
    ) -> None:
        """Begin to work.

        Parameters
        ----------
        make_steps
            Called in the worker thread.
        title
            What is being done.
        done
            Gets the result, unless the work was stopped and has none.
        """
        self._worker = StepsWorker(make_steps)
        self._worker.progressed.connect(self._show)
        self._worker.returned.connect(done)
        self._worker.errored.connect(self.error.show_error)
        self._worker.finished.connect(self._end)
        self._connections.jobs.append(self._worker)
        self.button.setEnabled(False)
        self.progress.begin(title)
        self._worker.start()

    def _show(self, progress: Progress) -> None:
        self.progress.update_progress(progress)
        if progress.notice:
            show_info(progress.notice)

    def _end(self) -> None:
        if self._worker in self._connections.jobs:
            self._connections.jobs.remove(self._worker)
        self._worker = None
        self.button.setEnabled(True)
        self.progress.end()

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.quit()
