"""This program in another process: apart from its starter, with its last words."""

import os
import signal
import subprocess
import sys

import pytest

from napari_unet.processes import spawn
from napari_unet.processes.spawn import broken_off, end, last_words, send, start

WAIT = "print('begun', flush=True); import threading; threading.Event().wait(60)"


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def begin(monkeypatch, log):
    """Start a stand-in for this program, and wait until it is there."""
    started = []

    def begin(code: str) -> spawn.Process:
        monkeypatch.setattr(spawn, "_command", lambda *_: [sys.executable, "-c", code])
        started.append(start([], log, {"GIVEN": "yes"}, stdout=subprocess.PIPE))
        return started[-1]

    yield begin
    end(started)
    for process in started:
        process.stdout.close()


def test_it_is_this_program(log):
    process = start(["--version"], log, stdout=subprocess.PIPE)
    assert process.communicate()[0].startswith(b"napari-unet")
    assert process.returncode == 0


def test_it_gets_its_environment_and_its_errors_are_kept(begin, log, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")  # as Windows writes in the West
    process = begin(
        "import os, sys; print('µ π\\n \\n', file=sys.stderr); print(os.environ['GIVEN'])"
    )
    assert process.stdout.read().split() == [b"yes"]
    process.wait()
    assert last_words(log) == "µ π"


@pytest.mark.skipif(os.name != "posix", reason="sessions are of posix")
def test_it_does_not_hear_what_its_starter_hears(begin):
    process = begin(WAIT)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_a_signal_reaches_what_it_has_started(begin):
    process = begin(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WAIT!r}])")
    assert process.stdout.readline().strip() == b"begun"
    send(process.pid, signal.SIGKILL)
    assert process.stdout.read() == b""  # nobody is left who could write
    assert process.wait() == -signal.SIGKILL
    send(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (2, "Warning: a\nnapari-unet: The disk is full.\n\n", "The disk is full."),
        (
            1,
            "Traceback\nRuntimeError: no kernel\n",
            "It broke off (RuntimeError: no kernel): wait.",
        ),
        (-9, "Warning: a\n", f"It broke off ({spawn._KILLED}): wait."),
        (3, "", "It broke off: wait."),
        (None, None, "It broke off: wait."),
    ],
    ids=["sentence", "crash", "killed", "silent", "unknown"],
)
def test_why_it_ended_is_told(log, code, said, told):
    if said is not None:
        log.write_text(said)
    assert str(broken_off("It", code, log, "wait.")) == told
