"""A dock widget with one button that starts one piece of long work at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from qtpy.QtWidgets import QPushButton

from napari_unet.core.progress import Progress, Steps
from napari_unet.ui.connections import DockWidget
from napari_unet.ui.progress_row import ProgressRow
from napari_unet.ui.worker import StepsWorker, report


class WorkingWidget(DockWidget):
    """Runs long work in a worker, shows how far it is, and lets it be stopped.

    Attributes
    ----------
    button
        What starts the work; it cannot be clicked while some is running.
    progress
        Shows how far it is, and has the Stop button.
    """

    def __init__(self, button: QPushButton, progress: ProgressRow) -> None:
        super().__init__()
        self.button, self.progress = button, progress
        self._worker: StepsWorker | None = None
        self._waiting: deque[Progress] = deque()
        progress.stopped.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether work is running."""
        return self._worker is not None

    def work(
        self, make_steps: Callable[[], Steps[Any]], returned: Callable[[Any], None], title: str
    ) -> None:
        """Start work.

        Parameters
        ----------
        make_steps
            Called in the worker thread, so that it may import what is slow to import.
        returned
            Gets the result, unless the widget was closed meanwhile.
        title
            What napari's activity dock says.
        """
        self._worker = StepsWorker(make_steps)
        self._worker.progressed.connect(self._progressed)
        self._worker.returned.connect(lambda result: None if self.closed else returned(result))
        self._worker.errored.connect(report)
        self._worker.finished.connect(self._finished)
        self.connections.jobs.append(self._worker)
        self.button.setEnabled(False)
        self.progress.begin(title)
        self._worker.start()

    def show_progress(self, progress: Progress) -> None:
        """Show how far the work is."""
        self.progress.update_progress(progress)

    def stop(self) -> None:
        """Ask the work to end."""
        if self._worker is not None:
            self._worker.quit()

    def release(self) -> None:
        """Stop what is running and let go of the viewer."""
        super().release()
        self.progress.end()

    def _progressed(self, progress: Progress) -> None:
        """Show progress in the order of time.

        napari's activity dock handles events while it is updated: what comes in then waits.
        """
        self._waiting.append(progress)
        if len(self._waiting) > 1:
            return
        while self._waiting and not self.closed:
            try:
                self.show_progress(self._waiting[0])
            finally:
                self._waiting.popleft()

    def _finished(self) -> None:
        if self._worker in self.connections.jobs:
            self.connections.jobs.remove(self._worker)
        self._worker = None
        if not self.closed:
            self.button.setEnabled(True)
            self.progress.end()
