"""The one way to start this program in another process, to end it, and to learn why it ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from napari_unet.core.errors import UserError

SAID = "napari-unet: "
"""What the command line puts before a sentence."""
POLL = 0.1
"""Seconds between two looks at a file or a process."""
_LOGGED = {"PYTHONIOENCODING": "utf-8"}
"""What is set for a process with a log, which is read as UTF-8 whatever the system writes."""
_KILLED = "the system ended it, perhaps because memory ran out"

Process = subprocess.Popen[bytes]


def start(
    words: Sequence[str],
    log: Path | None,
    environment: Mapping[str, str] = MappingProxyType({}),
    *,
    module: str = "napari_unet",
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = subprocess.DEVNULL,
) -> Process:
    """Start this program apart: it may outlive its starter, and does not hear its Ctrl-C.

    It is started as a command rather than forked: nothing of the starting process, be it a viewer
    or a script, is run again.

    Parameters
    ----------
    words
        What stands after the program's name.
    log
        The file that gets its standard error, written anew; None for that of this process.
    environment
        What is set for it beside this process's own environment.
    module
        What is run.
    stdin, stdout
        As for `subprocess.Popen`; an output of None is that of this process.

    Raises
    ------
    OSError
        If the log cannot be written, or no process be started.
    """
    with ExitStack() as stack:
        return subprocess.Popen(
            _command(module, words),
            stdin=stdin,
            stdout=stdout,
            stderr=None if log is None else stack.enter_context(log.open("wb")),
            env={**os.environ, **({} if log is None else _LOGGED), **environment},
            **_apart(shares_terminal=stdout is None),
        )


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that `start` made, and to all that it started itself."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix" and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that ask a process to stop: SIGBREAK is there on Windows only."""
    names = ("SIGINT", "SIGTERM", "SIGBREAK")
    return tuple(getattr(signal, name) for name in names if hasattr(signal, name))


def ask_to_stop(process: Process, number: int) -> None:
    """Hand a signal that came to this process on to one that `start` made."""
    if sys.platform == "win32":
        number = signal.CTRL_BREAK_EVENT  # a process that was started apart hears no other one
    process.send_signal(number)


def end(processes: Sequence[Process]) -> None:
    """End processes at once, and wait until they are gone."""
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
        if process.stdin is not None:
            with suppress(OSError):  # what it was still to be told reaches nobody
                process.stdin.close()


def last_words(log: Path) -> str:
    """Return the last line of a log that says something; empty if there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def broken_off(who: str, code: int | None, log: Path, advice: str, about: str = "") -> UserError:
    """Return what to tell of a process that ended before its work was done.

    Parameters
    ----------
    who
        What broke off, as the beginning of a sentence.
    code
        Its exit code, below 0 for a signal; None if nobody knows it.
    log
        What it said.
    advice
        What the user can do about it, as the end of a sentence.
    about
        The options that the advice is about, as in `UserError`.

    Returns
    -------
    UserError
        With its own sentence, if it ended with one; else with what ended it.
    """
    said = last_words(log)
    if said.startswith(SAID):
        return UserError(said.removeprefix(SAID))
    why = _KILLED if code is not None and code < 0 else said
    return UserError(f"{who} broke off{f' ({why})' if why else ''}: {advice}", about)


def _command(module: str, words: Sequence[str]) -> list[str]:
    # -P: a file in the working directory must not take the place of a module
    return [sys.executable, "-P", "-m", module, *words]


def _apart(shares_terminal: bool) -> dict[str, Any]:
    if sys.platform != "win32":
        return {"start_new_session": True}
    hidden = 0 if shares_terminal else subprocess.CREATE_NO_WINDOW
    return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | hidden}
