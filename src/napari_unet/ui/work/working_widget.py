"""A dock widget with one button that starts one piece of long work at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QPushButton

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.ui.work.copies import ChunkedCopier, ChunkedCopy
from napari_unet.ui.work.dock_widget import DockWidget
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.threads import StepsWorker, report

T = TypeVar("T")

_BREATH = 30
"""Milliseconds between two times that progress is shown."""


class WorkingWidget(DockWidget):
    """Runs long work in a worker, shows how far it is, and lets it be stopped.

    Attributes
    ----------
    button
        What starts the work; it cannot be clicked while some is running.
    progress
        Shows how far it is, and has the Stop button.
    copying
        Copies what the work needs.
    """

    def __init__(self, button: QPushButton, progress: ProgressRow) -> None:
        super().__init__()
        self.button, self.progress = button, progress
        self._line = self.error
        self._worker: StepsWorker | None = None
        self.copying = ChunkedCopier(self)
        self.connections.jobs.append(self.copying)
        self._waiting: deque[Callable[[], None]] = deque()
        self._begun = self._at_it = False
        self._last: Progress | None = None
        self._breath = QTimer(self)
        self._breath.setSingleShot(True)
        self._breath.setInterval(_BREATH)
        self._breath.timeout.connect(self._catch_up)
        progress.stopped.connect(self.stop)

    @property
    def running(self) -> bool:
        """Whether work is running, or what it needs is being copied."""
        return self._begun

    def do(self, action: Callable[[], None], line: ErrorLine | None = None) -> None:
        """Do what a button says; what goes wrong in the work that it starts is shown there, too."""
        self._line = line or self.error
        super().do(action, line)

    def work(
        self, make_steps: Callable[[], Steps[Any]], returned: Callable[[Any], None], title: str
    ) -> None:
        """Start work.

        Parameters
        ----------
        make_steps
            Called in the worker thread, so that it may import what is slow to import.
        returned
            Gets the result, unless the widget was closed meanwhile; a `UserError` that it raises is
            shown.
        title
            What napari's activity dock says.
        """
        worker = self._make_worker(make_steps, returned)
        self._show_begun(title)
        worker.start()

    def work_on(
        self,
        copy: Callable[[], ChunkedCopy[T]],
        make_steps: Callable[[T], Steps[Any]],
        returned: Callable[[Any], None],
        title: str,
    ) -> None:
        """Start work on copies of layers, which are made first, while the window goes on.

        Parameters
        ----------
        copy
            Makes the copies, on the thread of the window.
        make_steps
            Called with them in the worker thread.
        returned, title
            As for `work`.
        """
        self._show_begun(title)
        self.copying.begin(copy, partial(self._start, make_steps, returned), self._refuse)

    def _start(
        self, make_steps: Callable[[T], Steps[Any]], returned: Callable[[Any], None], copies: T
    ) -> None:
        self._make_worker(partial(make_steps, copies), returned).start()

    def _show_begun(self, title: str) -> None:
        """Show it; napari handles events meanwhile, which are to find that work is running."""
        self._begun = True
        self.button.setEnabled(False)
        self.progress.begin(title)

    def _refuse(self, error: Exception) -> None:
        self._line.show_error(error)
        self._end()

    def _make_worker(
        self, make_steps: Callable[[], Steps[Any]], returned: Callable[[Any], None]
    ) -> StepsWorker:
        self._worker = StepsWorker(make_steps)
        self._last = None
        self._worker.progressed.connect(self._progressed)
        self._worker.returned.connect(partial(self._returned, returned))
        self._worker.errored.connect(self._show_error)
        self._worker.finished.connect(self._finished)
        self.connections.jobs.append(self._worker)
        return self._worker

    def _show_error(self, error: Exception) -> None:
        (report if self.closed else self._line.show_error)(error)

    def show_progress(self, progress: Progress) -> None:
        """Show what a progress tells, but for how far the work is."""

    def is_counted(self, progress: Progress) -> bool:
        """Return whether a progress says how far the work is."""
        return True

    def stop(self) -> None:
        """Ask the work to end."""
        if self._worker is not None:
            self._worker.quit()
        elif self.copying.busy:
            self.copying.quit()
            self._end()

    def release(self) -> None:
        """Stop what is running and let go of the viewer."""
        super().release()
        self._begun = self._worker is not None
        self.progress.end()
        while self._waiting:
            self._waiting.popleft()()

    def _later(self, act: Callable[[], None]) -> None:
        """Let news wait for a moment, so that quick work leaves the window time for others."""
        if self.closed:
            act()
            return
        self._waiting.append(act)
        if not self._breath.isActive():
            self._breath.start()

    def _catch_up(self) -> None:
        """Take in the news in the order of time, and show how far the work is now.

        napari's activity dock handles events while it is updated: what comes in then waits.
        """
        if self._at_it:
            return
        self._at_it = True
        try:
            for _ in range(len(self._waiting)):
                if self._waiting:
                    self._waiting.popleft()()
            if self.running and not self.closed and self._last is not None:
                self.progress.update_progress(self._last)
        finally:
            self._at_it = False
            if self._waiting and not self.closed:
                self._breath.start()

    def _progressed(self, progress: Progress) -> None:
        self._later(partial(self._take_in, progress))

    def _take_in(self, progress: Progress) -> None:
        if self.closed:
            return
        self.show_progress(progress)
        if self.is_counted(progress):
            self._last = progress

    def _returned(self, returned: Callable[[Any], None], result: Any) -> None:
        self._later(lambda: None if self.closed else self._hand_over(partial(returned, result)))

    def _hand_over(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._line.show_error(error)

    def _finished(self) -> None:
        self._later(self._end)

    def _end(self) -> None:
        if self._worker in self.connections.jobs:
            self.connections.jobs.remove(self._worker)
        self._worker = None
        self._begun = False
        if not self.closed:
            self.button.setEnabled(True)
            self.progress.end()
