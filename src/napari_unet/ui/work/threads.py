"""Long work in a thread of its own, so that the window never waits.

Why a `FunctionWorker` and not a `GeneratorWorker`: the latter takes every `RuntimeError`, which is
what torch raises when memory runs out, for a deleted worker and then never says that it ended.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from napari.utils.notifications import notification_manager, show_error
from qtpy.QtCore import QObject, Signal
from superqt.utils import FunctionWorker

from napari_unet.core.errors import is_foreseen
from napari_unet.core.progress import Progress, Steps, Stop, drive
from napari_unet.ui.work.errors import told


class _Relay(QObject):
    progressed = Signal(object)


class StepsWorker(FunctionWorker):
    """Drives a generator of steps in a worker thread.

    `progressed` brings every `Progress`, `returned` the result, `errored` an exception, and
    `finished` always arrives, last. All four are delivered on the thread that made the worker.
    Work that was stopped and has no result ends with `finished` alone.

    Parameters
    ----------
    make_steps
        Called in the worker thread, so that it may import what is slow to import.
    """

    def __init__(self, make_steps: Callable[[], Steps[Any]]) -> None:
        super().__init__(drive)
        self._make_steps = make_steps
        self._stop_wanted = False
        self._relay = _Relay()
        self.progressed = self._relay.progressed

    def quit(self) -> None:
        """Ask the work to end; what it then has to give back is brought all the same."""
        self._stop_wanted = True

    def work(self) -> Any:
        """Run the steps to their end; called by the thread."""
        try:
            return drive(self._make_steps(), self._tell, lambda: self._stop_wanted)
        except Stop:
            super().quit()  # no result is brought
            return None

    def _tell(self, progress: Progress) -> None:
        if not self._stop_wanted:
            self.progressed.emit(progress)


class LatestOnly(QObject):
    """Runs functions in a worker, one at a time; of those that wait, only the newest is kept.

    `returned` brings each result, and the last one to arrive is that of the newest function;
    `ended` comes when none runs any more.

    Parameters
    ----------
    failed
        Gets what goes wrong; None to have napari alone say it.
    """

    returned = Signal(object)
    ended = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        super().__init__(parent)
        self._failed = failed or report
        self._worker: FunctionWorker | None = None
        self._waiting: Callable[[], Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is running or waits."""
        return self._worker is not None

    def submit(self, work: Callable[[], Any]) -> None:
        """Run a function now, or as soon as the one that is running has ended."""
        self._waiting = work
        if self._worker is None:
            self._next()

    def quit(self) -> None:
        """Forget what waits, and the result of what is running."""
        self._waiting = None
        if self._worker is not None:
            self._worker.quit()

    def _deliver(self, result: Any) -> None:
        """Hand on a result, unless it was forgotten while it was on its way."""
        if self._worker is not None and not self._worker.abort_requested:
            self.returned.emit(result)

    def _next(self) -> None:
        self._worker = None
        if self._waiting is None:
            self.ended.emit()
            return
        work, self._waiting = self._waiting, None
        self._worker = FunctionWorker(work)
        self._worker.returned.connect(self._deliver)
        self._worker.errored.connect(self._failed)
        self._worker.finished.connect(self._next)
        self._worker.start()


def report(error: Exception) -> None:
    """Show an error in the viewer: one sentence where we have one, else with its traceback."""
    if is_foreseen(error):
        show_error(told(error))
    else:
        notification_manager.receive_error(type(error), error, error.__traceback__)
