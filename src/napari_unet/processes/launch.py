"""Several processes of this program on one machine, which work together and end together.

They find each other by the environment, as under torchrun. Whatever happens, none is left: when
one fails the others are ended, and when their starter is gone they end themselves.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from napari_unet.core.progress import Stop
from napari_unet.processes.spawn import (
    POLL,
    Process,
    ask_to_stop,
    broken_off,
    end,
    start,
    stop_signals,
)

RANK, RANK_HERE, RANKS, RANKS_HERE = "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"
"""Where torchrun says which process this is, how many there are, and how many on this machine."""
PARTED, AGAIN = 75, 76
"""Exit codes of a process that ended because another had ended, and says nothing of it; and of one
that can go on only if all are launched again."""
_LIFELINE = "NAPARI_UNET_LIFELINE"
_GRACE, _FAREWELL = 5.0, 60.0
"""Seconds that the others have to end by themselves, after one has failed and after success."""


def ranks() -> int:
    """Return how many processes the environment speaks of; 1 outside torchrun and `launch`."""
    return int(os.environ.get(RANKS, "1")) if RANK in os.environ else 1


def launch(words: Sequence[str], count: int) -> int:
    """Run a command of this program in several processes that find each other, to their end.

    The first one has this process's output and gets its signals; of the others it is only told
    why they failed.

    Parameters
    ----------
    words
        What stands after the program's name.
    count
        How many processes.

    Returns
    -------
    The exit code of the first one; `AGAIN` if one of them wishes it.

    Raises
    ------
    UserError
        If another one fails: its own sentence, or what ended it.
    Stop
        If a signal ended the first one.
    """
    with ExitStack() as stack:
        logs = Path(stack.enter_context(TemporaryDirectory()))
        shared = _environment(count)
        crew: list[Process] = []
        stack.callback(end, crew)
        for rank in range(count):
            crew.append(_start(words, shared | {RANK: str(rank), RANK_HERE: str(rank)}, logs))
        stopped = stack.enter_context(_signals_for(crew[0]))
        _wait(crew)
        return _outcome(crew, logs, stopped())


def was_launched() -> bool:
    """Tell whether `launch` started this process."""
    return _LIFELINE in os.environ


def end_with_starter() -> None:
    """See to it that this process ends when the one that launched it is gone."""
    if was_launched():
        threading.Thread(target=_end_with_input, daemon=True).start()


def _end_with_input() -> None:
    os.read(0, 1)  # nothing is ever written: it returns when the other end is closed
    os._exit(PARTED)


def _environment(count: int) -> dict[str, str]:
    """Return what all the processes are told."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), _LIFELINE: "stdin"}
    return {**meeting, RANKS: str(count), RANKS_HERE: str(count)}


def _start(words: Sequence[str], environment: dict[str, str], logs: Path) -> Process:
    rank = environment[RANK]
    first = rank == "0"
    return start(
        words,
        None if first else logs / rank,
        environment,
        stdin=subprocess.PIPE,
        stdout=None if first else subprocess.DEVNULL,
    )


@contextmanager
def _signals_for(first: Process) -> Iterator[Callable[[], bool]]:
    """Hand signals on to the first process; tell whether there were any."""
    seen: list[int] = []

    def hand_on(number: int, frame: object) -> None:
        seen.append(number)
        ask_to_stop(first, number)

    before = {number: signal.signal(number, hand_on) for number in stop_signals()}
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(crew: Sequence[Process]) -> None:
    """Wait until all have ended, or one has failed and the others had time to notice."""
    deadline = float("inf")
    while time.monotonic() < deadline:
        codes = [process.poll() for process in crew]
        if None not in codes or codes[0] not in (None, 0, PARTED):
            return
        if any(codes) or codes[0] == 0:
            patience = _GRACE if any(codes) else _FAREWELL
            deadline = min(deadline, time.monotonic() + patience)
        threading.Event().wait(POLL)


def _outcome(crew: Sequence[Process], logs: Path, signalled: bool) -> int:
    first, *others = [process.poll() for process in crew]
    if AGAIN in (first, *others):
        return AGAIN
    if first is not None and first >= 0 and first != PARTED:
        return first  # well, or it has said itself why not
    if first is not None and first < 0 and signalled:
        raise Stop
    failed = [(rank, code) for rank, code in enumerate(others, 1) if code not in (None, 0, PARTED)]
    rank, code = failed[0] if failed else (0, first)
    who = f"One of the {len(crew)} processes"
    advice = "give the same command again to continue from the last epoch."
    raise broken_off(who, code, logs / str(rank), advice)
