"""How the command line tells how far it is, and how Ctrl-C ends it calmly."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from napari_unet.processes.json_lines import Lines
from napari_unet.processes.spawn import stop_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari_unet.core.progress import Progress


KINDS = ("bar", "jsonl", "none")
_WIDTH = 24


class Bar:
    """Shows progress as a line that is drawn over and over, on a terminal only.

    Parameters
    ----------
    stream
        Where to draw; None for standard error.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._told: set[str] = set()
        self._stage = ""
        self._start = 0.0
        self._first = 0
        self.prefix = ""

    def __call__(self, progress: Progress) -> None:
        """Draw a progress, and tell once what it says about the device."""
        self._tell(progress)
        if not self._stream.isatty():
            return
        if progress.stage != self._stage or progress.done < self._first:
            self._stage, self._start, self._first = progress.stage, self._clock(), progress.done
        self._stream.write(f"\r\x1b[K{self.prefix}{self._line(progress)}")
        self._stream.flush()

    def finish(self, result: dict[str, Any]) -> None:
        """Wipe the line; the result is told by the command in words."""
        if self._stream.isatty():
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _tell(self, progress: Progress) -> None:
        device = f"Using the {progress.device.in_words()}" if progress.device else ""
        for line in (device, progress.notice):
            if line and line not in self._told:
                self._told.add(line)
                self.finish({})
                print(line, file=self._stream)

    def _line(self, progress: Progress) -> str:
        if not progress.total:
            return f"{progress.stage} ..."
        full = _WIDTH * progress.done // progress.total
        figures = "".join(f"  {name} {value:.3g}" for name, value in progress.values.items())
        bar = "#" * full + "-" * (_WIDTH - full)
        count = f"{progress.done}/{progress.total}"
        return f"{progress.stage} [{bar}] {count}{self._left(progress)}{figures}"

    def _left(self, progress: Progress) -> str:
        done = progress.done - self._first
        if done <= 0 or progress.done >= progress.total:
            return ""
        left = (self._clock() - self._start) / done * (progress.total - progress.done)
        return f"  {left // 60:.0f}:{left % 60:02.0f} left"


class Silent:
    """Tells nothing."""

    prefix = ""

    def __call__(self, progress: Progress) -> None:
        """Take no notice."""

    def finish(self, result: dict[str, Any]) -> None:
        """Take no notice."""


Reporter = Bar | Lines | Silent


def reporter(kind: str) -> Reporter:
    """Return what tells progress in one of the `KINDS`."""
    kinds: dict[str, type[Reporter]] = {"bar": Bar, "jsonl": Lines, "none": Silent}
    return kinds[kind]()


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C (or a polite kill) into a request; the second ends at once.

    Yields
    ------
    Tells whether a stop was asked for.
    """
    asked: list[int] = []

    def ask(number: int, frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        os.write(2, b"\nStopping calmly; press Ctrl-C again to stop at once.\n")

    before = {number: signal.signal(number, ask) for number in stop_signals()}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
