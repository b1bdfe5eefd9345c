"""Processes that are launched together: one output, one sentence, and none that is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from unittest.mock import Mock

import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop
from napari_unet.processes import launch as launch_module
from napari_unet.processes import spawn
from napari_unet.processes.launch import AGAIN, launch, ranks

STAND_IN = """
import os, signal, sys, threading
from napari_unet.processes.launch import AGAIN, PARTED, end_with_starter, ranks
rank, folder = int(os.environ["RANK"]), sys.argv[1]
end_with_starter()
def wait(): threading.Event().wait(60)
def note(): open(os.path.join(folder, str(rank)), "w").write(str(os.getpid()))
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes with signals")


@pytest.fixture
def crew(monkeypatch, tmp_path):
    """Launch processes that run a stand-in for a training."""

    def crew(code: str, count: int = 2) -> int:
        words = [sys.executable, "-c", STAND_IN + code, str(tmp_path)]
        monkeypatch.setattr(spawn, "_command", lambda *_: words)
        return launch([], count)

    return crew


def test_they_know_of_each_other_and_the_first_one_speaks(crew, capfd):
    code = "print(ranks(), rank, os.environ['LOCAL_WORLD_SIZE'], os.environ['LOCAL_RANK'])"
    assert crew(code, 3) == 0
    assert capfd.readouterr() == ("3 0 3 0\n", "")
    assert ranks() == 1


def test_the_sentence_of_the_first_one_is_the_only_one(crew, capfd):
    assert crew("sys.exit('napari-unet: The disk is full.' if not rank else wait())") == 1
    assert capfd.readouterr().err == "napari-unet: The disk is full.\n"


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("sys.exit('napari-unet: Memory ran out.')", "^Memory ran out.$"),
        ("os.kill(os.getpid(), signal.SIGKILL)", r"One of the 2 .* \(the system ended it"),
        ("raise RuntimeError('no such kernel')", r"\(RuntimeError: no such kernel\): give"),
        ("sys.exit(3)", "processes broke off: give the same command again"),
    ],
    ids=["sentence", "killed", "crash", "silent"],
)
def test_why_another_one_failed_is_told(crew, capfd, end, sentence):
    with pytest.raises(UserError, match=sentence):
        crew(f"if rank: {end}\nsys.exit(PARTED)")
    assert capfd.readouterr().err == ""


def test_what_none_of_them_survives_is_told_once(crew, capfd, monkeypatch):
    monkeypatch.setattr(launch_module, "_GRACE", 30.0)
    assert crew("sys.exit('napari-unet: It is damaged.')") == 1
    assert capfd.readouterr().err == "napari-unet: It is damaged.\n"


def test_one_that_waits_for_another_that_failed_is_ended(crew, monkeypatch, tmp_path):
    monkeypatch.setattr(launch_module, "_GRACE", 0.0)
    with pytest.raises(UserError, match="broke off"):
        crew("note()\nif rank: sys.exit(3)\nwait()")
    for path in tmp_path.iterdir():
        assert_gone(int(path.read_text()))


def test_one_can_ask_for_a_new_start(crew):
    assert crew("sys.exit(AGAIN if rank else PARTED)") == AGAIN


def test_a_signal_reaches_the_first_one_once(crew):
    code = """
heard = []
signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
if not rank:
    os.kill(os.getppid(), signal.SIGTERM)
    while not heard:
        threading.Event().wait(0.01)
    sys.exit(len(heard))
"""
    assert crew(code) == 1


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_a_signal_is_handed_on_as_the_system_knows_it(monkeypatch, system):
    """What stands in for SIGBREAK is a signal that there is."""
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    monkeypatch.setattr(signal, "CTRL_BREAK_EVENT", 1, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    first = Mock()
    with launch_module._signals_for(first) as stopped:
        signal.raise_signal(signal.SIGUSR1)
        assert stopped()
    sent = signal.CTRL_BREAK_EVENT if system == "win32" else signal.SIGBREAK
    first.send_signal.assert_called_once_with(sent)


def test_the_death_of_the_first_one_alone_is_told(crew):
    with pytest.raises(UserError, match=r"One of the 2 .* \(the system ended it"):
        crew("if not rank: os.kill(os.getpid(), signal.SIGKILL)\nsys.exit(PARTED)")


def test_a_signal_before_it_listens_is_a_stop(crew):
    with pytest.raises(Stop):
        crew("if not rank: os.kill(os.getppid(), signal.SIGTERM); wait()\nsys.exit(PARTED)")


def test_they_end_when_their_starter_is_killed(tmp_path):
    starter = f"""
import sys
from napari_unet.processes import launch, spawn
spawn._command = lambda *_: [sys.executable, "-c", {STAND_IN + "note(); wait()"!r}, sys.argv[1]]
launch.launch([], 2)
"""
    process = subprocess.Popen([sys.executable, "-c", starter, str(tmp_path)])
    while len(written := [path for path in tmp_path.iterdir() if path.read_text()]) < 2:
        time.sleep(0.01)
    process.kill()
    process.wait()
    for path in written:
        assert_gone(int(path.read_text()))


def assert_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("a process was left")
