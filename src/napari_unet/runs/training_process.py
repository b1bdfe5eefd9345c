"""Training in a process of its own, which survives its starter and can be followed again."""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from napari_unet.core.errors import TRACEBACK, UserError
from napari_unet.core.progress import News, Progress, Steps, Stop
from napari_unet.processes.json_lines import Result, Tail
from napari_unet.processes.spawn import POLL, SAID, Process, broken_off, last_words, send, start
from napari_unet.runs.control import GO_ON, LOG, PAUSE, PID, PROGRESS, STOP, ask, is_running
from napari_unet.storage.folders import HOME, data_folder

_PATIENCE = 60.0
"""Seconds in which a training that was asked to stop must have ended; then it is killed."""
_FAREWELL = 20
"""Looks at the progress of a training that another started and that holds no lock any more: it
gives its result after that."""
_STOPPED = f"{SAID}stopped."


@dataclass(frozen=True)
class NotPaused(News):
    """A training was asked to wait, but cannot be told so: it goes on."""


class Child:
    """The training of a run, in another process.

    `start` and `steps` belong to one thread, which alone looks at the disk. Everything else may be
    called from any other, such as that of a window, and never waits.

    Parameters
    ----------
    folder
        The run folder. A training that runs on it already is taken over.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()
        self._process: Process | None = None
        self._forget()

    def _forget(self) -> None:
        self._wish, self._deadline = GO_ON, float("inf")
        self._pid: int | None = None
        self._taken_over = False
        self._asked, self._ended, self._let_go, self._killed = (threading.Event() for _ in range(4))

    @property
    def running(self) -> bool:
        """Whether the training runs, as far as `steps` knows."""
        ours = self._process is not None and not self._ended.is_set()
        return ours or self._taken_over

    def start(self) -> None:
        """Start the training, unless one runs on this folder already.

        Raises
        ------
        UserError
            If the folder cannot be written to, or no process be started.
        """
        if self._look():
            return
        self._forget()
        try:
            (self.folder / PROGRESS).write_bytes(b"")
            words = ["train", str(self.folder), "--progress", "none"]
            # the folder may have been chosen in this process only
            surroundings = {TRACEBACK: "1", HOME: str(data_folder())}
            self._process = start(words, self.folder / LOG, surroundings)
        except OSError as error:
            raise UserError(
                f"The training could not be started in {self.folder}: {error.strerror}."
            ) from error
        self._pid = self._process.pid
        about = self._process, self._ended
        threading.Thread(target=_wait_for, args=about, daemon=True).start()

    def steps(self) -> Steps[dict[str, Any]]:
        """Start the training, or take over one that runs, and follow it to its end.

        Yields
        ------
        What the training yields, and its latest stage again without values while it is silent;
        `NotPaused` as news, with a notice that says why.

        Returns
        -------
        ``model`` (a path as text), ``epoch``, ``values`` and ``reason``, as in `TrainResult`; also
        after a `Stop`.

        Raises
        ------
        UserError
            If the training fails: its own sentence, or what ended it.
        Stop
            If the training ended before there was a result, because it was stopped or killed, or
            after `detach`: it goes on then.
        """
        self.start()
        try:
            return (yield from self._followed())
        finally:
            self._write_wish()
            self._taken_over = False

    def pause(self) -> None:
        """Ask the training to wait, with all it has in memory."""
        self._ask(PAUSE)

    def resume(self) -> None:
        """Let a training that waits go on."""
        self._ask(GO_ON)

    def stop(self) -> None:
        """Ask the training to end and keep the best model so far."""
        if self._wish == STOP:
            return
        self._ask(STOP)
        if os.name == "posix":
            self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End the training at once; what it had learnt up to the last epoch is kept."""
        self._killed.set()
        self._send(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)

    def detach(self) -> None:
        """Stop following; the training goes on."""
        self._let_go.set()

    def _ask(self, wish: str) -> None:
        self._wish = wish
        self._asked.set()

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to the training and all that it started."""
        if self._pid is not None and self.running:
            send(self._pid, number)

    def _look(self) -> bool:
        """Look whether a training runs: ours, or one that another has started."""
        if self._process is None or self._ended.is_set():
            self._taken_over = is_running(self.folder)
            self._pid = _number(self.folder / PID)
        return self.running

    def _followed(self) -> Steps[dict[str, Any]]:
        lines = Tail(self.folder / PROGRESS)
        latest, farewell = Progress("starting"), _FAREWELL
        while True:
            over = not self._look()
            for progress in list(lines.new()) or [latest]:
                if isinstance(progress, Result):
                    self._dismiss()
                    return progress.values
                yield from self._passed_on(progress)
                latest = Progress(progress.stage, progress.done, progress.total)
            farewell = farewell - 1 if over else _FAREWELL
            if over and (self._process is not None or farewell <= 0):
                raise self._reason()
            refusal = self._write_wish()
            if refusal:
                yield from self._passed_on(replace(latest, notice=refusal, news=NotPaused()))
            self._wait_for_news()

    def _passed_on(self, progress: Progress) -> Steps[None]:
        """Yield a progress; turn a stop into a request that must be met in time."""
        try:
            yield progress
        except Stop:
            self.stop()
            self._deadline = time.monotonic() + _PATIENCE

    def _write_wish(self) -> str:
        """Write down what the training is asked for; return why it cannot be paused, if so."""
        asked = self._asked.is_set()
        self._asked.clear()  # before the look at the wish: what is asked from now on comes next
        wish = self._wish
        if not self.running or (wish == GO_ON and not asked):
            return ""
        try:
            # again and again: the training clears what it was asked for when it begins
            ask(self.folder, wish)
        except UserError as error:
            if wish == PAUSE:  # to stop, the signal was enough
                self._wish = GO_ON
                return f"The training goes on. {error} Put this right, and pause it again."
        return ""

    def _wait_for_news(self) -> None:
        if time.monotonic() > self._deadline:
            self.kill()
        if self._let_go.is_set():
            raise Stop
        self._ended.wait(POLL)

    def _dismiss(self) -> None:
        """End a process that has given its result: torch takes seconds for its farewell."""
        if self._process is not None:
            self._process.terminate()
            self._ended.wait(_PATIENCE)

    def _reason(self) -> Exception:
        """Return what fits a training that ended without a result."""
        log = self.folder / LOG
        if self._wish == STOP or self._killed.is_set() or last_words(log).startswith(_STOPPED):
            return Stop()
        code = self._process.returncode if self._process else None
        advice = "continue it from its last epoch."
        return broken_off("The training", code, log, advice, about="continue")


def _wait_for(process: Process, ended: threading.Event) -> None:
    process.wait()
    ended.set()


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
