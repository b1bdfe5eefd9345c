"""What a training and those who watch it tell each other through the run folder.

::

    RUN/lock            held by the process that trains; goes when the process goes
    RUN/pid             its number
    RUN/control         what it is asked for: "pause" or "stop"
    RUN/progress.jsonl  a line of JSON per progress, the last one with the result
    RUN/train.log       what went wrong
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from napari_unet.core.atomic import replacing
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress

LOCK, PID, CONTROL = "lock", "pid", "control"
PROGRESS, LOG = "progress.jsonl", "train.log"
PAUSE, STOP, GO_ON = "pause", "stop", ""
POLL = 0.1
"""Seconds between two looks at a file."""
_GRACE = 0.5
"""Seconds that a training waits for its lock: `is_running` holds it for a moment."""
_GLANCE = 0.05
"""Seconds that `is_running` waits: another that looks at the same time is no training."""


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
    lock = FileLock(folder / LOCK, timeout=_GRACE, thread_local=False)
    try:
        lock.acquire(poll_interval=POLL)
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
    path = Path(folder) / LOCK
    if not path.exists():
        return False
    lock = FileLock(path, timeout=_GLANCE, thread_local=False)
    try:
        lock.acquire(poll_interval=_GLANCE / 5)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


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
        while not signalled() and _wish(folder) == PAUSE:
            threading.Event().wait(POLL)
    return signalled() or _wish(folder) == STOP


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
    for half_written in (".[0-9]*-*", ".*.*.[0-9]*"):
        for path in folder.glob(half_written):
            path.unlink(missing_ok=True)
