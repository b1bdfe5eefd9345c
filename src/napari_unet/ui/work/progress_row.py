"""How far the work is: a bar with the time left, a Stop button, and napari's activity dock."""

from __future__ import annotations

import time
from collections.abc import Callable

from napari.utils import progress as activity
from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from napari_unet.core.progress import Progress

_SECOND = 1000
"""In milliseconds."""
_GETTING_READY = "Getting ready…"
_SHORT = 3
"""Seconds of which nobody needs to be told."""


class ProgressRow(QWidget):
    """Shows `Progress`; hidden while nothing runs.

    Parameters
    ----------
    unit
        What is counted, such as ``"tiles"``.
    clock
        Seconds that pass.

    Attributes
    ----------
    beat
        Shows the time, once a second, while something runs.
    """

    stopped = Signal()

    def __init__(self, unit: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._unit, self._clock = unit, clock
        self._began: tuple[str, float, int] | None = None
        self._start = 0.0
        self._last: Progress | None = None
        self.beat = QTimer(self)
        self.beat.setInterval(_SECOND)
        self.beat.timeout.connect(self.show_time)
        self._activity: activity | None = None
        self.bar, self.text, self.stop = QProgressBar(), QElidingLabel(), QPushButton("Stop")
        self.bar.setTextVisible(False)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(row)
        layout.addWidget(self.text)
        self.stop.clicked.connect(self._stop)
        self.hide()

    def begin(self, title: str) -> None:
        """Show that work has begun, before anything is known about its length."""
        self._began, self._last = None, None
        self._start = self._clock()
        self.beat.start()
        self._activity = activity(total=0, desc=title)
        self.bar.setRange(0, 0)
        self.text.setText(_GETTING_READY)
        self.stop.setEnabled(True)
        self.show()

    def update_progress(self, progress: Progress) -> None:
        """Show how far the work is; work that was asked to stop says nothing else."""
        self._last = progress
        busy = progress.total == 1
        self.bar.setRange(0, 0 if busy else progress.total)
        self.bar.setValue(progress.done)
        if self.stop.isEnabled():
            self.text.setText(self._words(progress))
        if self._activity is not None and progress.total:
            self._activity.total = progress.total
            self._activity.update(progress.done - self._activity.n)

    def show_time(self) -> None:
        """Show that time passes, also where nothing else moves."""
        if self.stop.isEnabled():
            ready = _GETTING_READY + self._passed(" ")
            self.text.setText(ready if self._last is None else self._words(self._last))

    def end(self) -> None:
        """Hide, whatever the work's end was."""
        self.beat.stop()
        if self._activity is not None:
            self._activity.close()
            self._activity = None
        self.hide()

    def _words(self, progress: Progress) -> str:
        stage = progress.stage.capitalize()
        if progress.total <= 1:
            return f"{stage}…{self._passed(' ')}"
        if self._began is None or self._began[0] != progress.stage:
            self._began = (progress.stage, self._clock(), progress.done)
        counted = f"{stage}: {progress.done} of {progress.total} {self._unit}"
        done = progress.done - self._began[2]
        if not done:
            return counted + self._passed(", ")
        left = (self._clock() - self._began[1]) / done * (progress.total - progress.done)
        return f"{counted}, {_duration(left)} left"

    def _passed(self, before: str) -> str:
        """Return how long the work has taken, after a mark; nothing for a short while."""
        seconds = self._clock() - self._start
        return f"{before}{_duration(seconds)}" if seconds >= _SHORT else ""

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.text.setText("Stopping…")
        self.stopped.emit()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
