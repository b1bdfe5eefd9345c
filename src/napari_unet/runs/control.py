"""What a training and those who watch it tell each other through the run folder.

::

    RUN/lock            held by the process that trains; goes when the process goes
    RUN/.lock           held for an instant by whoever tries to take RUN/lock
    RUN/pid             its number
    RUN/control         what it is asked for: "pause" or "stop"
    RUN/progress.jsonl  a line of JSON per progress, the last one with the result
    RUN/train.log       what went wrong
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress
from napari_unet.processes.spawn import POLL
from napari_unet.storage.atomic import clear_halves, replacing

LOCK, TRYING, PID, CONTROL = "lock", ".lock", "pid", "control"
PROGRESS, LOG = "progress.jsonl", "train.log"
PAUSE, STOP, GO_ON = "pause", "stop", ""
_PATIENCE = 10.0
"""Seconds in which another process that tries to take the lock must be done with it."""
_pauses: list[float] = []
"""Seconds of each pause of this process's training."""


@contextmanager
def training_lock(folder: Path) -> Iterator[None]:
    """Make sure that this process alone trains a run.

    What an earlier training left behind is cleared away: what it was asked for, its progress,
    and files that it had half written when it was killed.

    Parameters
    ----------
    folder
        The run folder.

    Raises
    ------
    UserError
        If another process trains it, or nothing can be written there.
    """
    try:
        with _trying(folder) as lock:
            lock.acquire()
    except Timeout as error:
        raise UserError(
            f"{folder} is being trained already: wait until that training ends, or stop it."
        ) from error
    except OSError as error:
        raise UserError(
            f"Nothing can be written to {folder}: {error.strerror or error}. "
            "Allow writing there, or copy the folder to another place."
        ) from error
    try:
        _clear(folder)
        with replacing(folder / PID) as temporary:
            temporary.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        ask(folder, GO_ON)
        lock.release()


def is_running(folder: str | Path) -> bool:
    """Tell whether a process trains a run now."""
    if not (Path(folder) / LOCK).exists():
        return False
    try:
        with _trying(Path(folder)) as lock, lock:
            return False
    except Timeout:
        return True
    except OSError:
        return False


@contextmanager
def _trying(folder: Path) -> Iterator[FileLock]:
    """Give the lock of a run to one at a time: then only a training can hold it already."""
    with FileLock(folder / TRYING).acquire(_PATIENCE, poll_interval=POLL / 10):
        yield FileLock(folder / LOCK, timeout=0, thread_local=False)


def ask(folder: Path, wish: str) -> None:
    """Ask the training of a run for `PAUSE`, `STOP` or `GO_ON`."""
    if wish == GO_ON:
        with suppress(OSError):
            (folder / CONTROL).unlink(missing_ok=True)
    elif _wish(folder) != wish:
        with replacing(folder / CONTROL) as temporary:
            temporary.write_text(wish, encoding="ascii")


def stop_wanted(
    folder: Path, signalled: Callable[[], bool], tell: Callable[[Progress], object]
) -> bool:
    """Tell whether a training shall stop; where it shall pause, wait as long.

    Parameters
    ----------
    folder
        The run folder.
    signalled
        Whether a signal asked for a stop.
    tell
        Gets a progress when the pause begins.
    """
    if not signalled() and _wish(folder) == PAUSE:
        tell(Progress("paused"))
        began = time.monotonic()
        while not signalled() and _wish(folder) == PAUSE:
            threading.Event().wait(POLL)
        _pauses.append(time.monotonic() - began)
    return signalled() or _wish(folder) == STOP


def training_time() -> float:
    """Return the seconds on a clock that stands still while this process's training pauses."""
    return time.monotonic() - sum(_pauses)


def _wish(folder: Path) -> str:
    try:
        return (folder / CONTROL).read_text(encoding="ascii")
    except OSError:
        return GO_ON


def _clear(folder: Path) -> None:
    ask(folder, GO_ON)
    (folder / PID).unlink(missing_ok=True)
    if (folder / PROGRESS).exists():
        os.truncate(folder / PROGRESS, 0)
    clear_halves(folder)
