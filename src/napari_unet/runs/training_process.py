"""Training in a process of its own, which survives its starter and can be followed again."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from napari_unet.core.errors import TRACEBACK, UserError
from napari_unet.core.progress import Progress, Steps, Stop
from napari_unet.processes.json_lines import Result, Tail
from napari_unet.processes.spawn import POLL, SAID, Process, broken_off, last_words, send, start
from napari_unet.runs.control import GO_ON, LOG, PAUSE, PID, PROGRESS, STOP, ask, is_running

_PATIENCE = 60.0
"""Seconds in which a training that was asked to stop must have ended; then it is killed."""
_FAREWELL = 20
"""Looks at the progress of a training that another started and that holds no lock any more: it
gives its result after that."""
_STOPPED = f"{SAID}stopped."


class Child:
    """The training of a run, in another process.

    `steps` is driven in one thread; everything else may be called from any other.

    Parameters
    ----------
    folder
        The run folder. A training that runs on it already is taken over.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).resolve()
        self._process: Process | None = None
        self._asking = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._wish = GO_ON
        self._ended, self._let_go, self._killed = (threading.Event() for _ in range(3))

    @property
    def running(self) -> bool:
        """Whether the training runs."""
        ours = self._process is not None and not self._ended.is_set()
        return ours or is_running(self.folder)

    def start(self) -> None:
        """Start the training, unless one runs on this folder already.

        Raises
        ------
        UserError
            If the folder cannot be written to, or no process be started.
        """
        if self.running:
            return
        self._forget()
        try:
            (self.folder / PROGRESS).write_bytes(b"")
            words = ["train", str(self.folder), "--progress", "none"]
            self._process = start(words, self.folder / LOG, {TRACEBACK: "1"})
        except OSError as error:
            raise UserError(
                f"The training could not be started in {self.folder}: {error.strerror}."
            ) from error
        about = self._process, self._ended
        threading.Thread(target=_wait_for, args=about, daemon=True).start()

    def steps(self) -> Steps[dict[str, Any]]:
        """Start the training, or take over one that runs, and follow it to its end.

        Yields
        ------
        What the training yields, and its latest stage again without values while it is silent.

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
        lines = Tail(self.folder / PROGRESS)
        latest, deadline, farewell = Progress("starting"), float("inf"), _FAREWELL
        while True:
            over = not self.running
            silent = True
            for progress in lines.new():
                if isinstance(progress, Result):
                    self._dismiss()
                    return progress.values
                silent = False
                latest = Progress(progress.stage, progress.done, progress.total)
                deadline = yield from self._told(progress, deadline)
            farewell = farewell - 1 if over else _FAREWELL
            if over and (self._process is not None or farewell <= 0):
                self._explain()
            if silent:
                deadline = yield from self._told(latest, deadline)
            if time.monotonic() > deadline:
                self.kill()
            self._pause_until_news()

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
        if os.name == "posix":
            self._send(signal.SIGTERM)
        with suppress(UserError):  # a full disk: the signal was enough
            self._ask(STOP)

    def kill(self) -> None:
        """End the training at once; what it had learnt up to the last epoch is kept."""
        self._killed.set()
        self._send(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)

    def detach(self) -> None:
        """Stop following; the training goes on."""
        self._let_go.set()

    def _ask(self, wish: str) -> None:
        with self._asking:
            self._wish = wish
            ask(self.folder, wish)

    def _send(self, number: signal.Signals) -> None:
        """Send a signal to the training and all that it started."""
        pid = self._process.pid if self._process else _number(self.folder / PID)
        if pid is None or not self.running:
            return
        send(pid, number)

    def _told(self, progress: Progress, deadline: float) -> Steps[float]:
        """Yield a progress; turn a stop into a request and return until when it must be met."""
        try:
            yield progress
        except Stop:
            self.stop()
            return time.monotonic() + _PATIENCE
        return deadline

    def _pause_until_news(self) -> None:
        if self._let_go.is_set():
            raise Stop
        with self._asking, suppress(UserError):
            # the training clears what was asked for when it begins: it may not have heard
            if self._wish != GO_ON and self.running:
                ask(self.folder, self._wish)
        self._ended.wait(POLL)

    def _dismiss(self) -> None:
        """End a process that has given its result: torch takes seconds for its farewell."""
        if self._process is not None:
            self._process.terminate()
            self._ended.wait(_PATIENCE)

    def _explain(self) -> None:
        """Raise what fits a training that ended without a result."""
        log = self.folder / LOG
        if self._wish == STOP or self._killed.is_set() or last_words(log) == _STOPPED:
            raise Stop
        code = self._process.returncode if self._process else None
        advice = "continue it from its last epoch."
        raise broken_off("The training", code, log, advice, about="continue")


def _wait_for(process: Process, ended: threading.Event) -> None:
    process.wait()
    ended.set()


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
