"""A training in another process: followed, paused, stopped, killed, let go and taken over."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from filelock import FileLock

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop, drive
from napari_unet.processes import spawn
from napari_unet.processes.spawn import POLL
from napari_unet.runs.control import CONTROL, PAUSE, PID, PROGRESS, TRYING, ask, is_running
from napari_unet.runs.training_process import Child, NotPaused

TRAINING = """
import sys, threading
from pathlib import Path
from napari_unet.cli.progress import stop_on_signals
from napari_unet.core.progress import Progress
from napari_unet.processes.json_lines import FileLines
from napari_unet.runs.control import PROGRESS, stop_wanted, training_lock

folder, steps, end = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
tell = FileLines(folder / PROGRESS)
if end == "late":
    threading.Event().wait(60)
with stop_on_signals() as signalled, training_lock(folder):
    reason = "finished"
    for step in range(steps):
        tell(Progress("training", step, steps, {"loss": 1 / (1 + step)}))
        if stop_wanted(folder, signalled, tell):
            reason = "stopped"
            break
        threading.Event().wait(0.01)
with (folder / PROGRESS).open("a") as told:
    told.write("no JSON\\n[]\\n{}\\n\\xff\\n")
if end == "crash":
    raise RuntimeError("the network fell over")
if end == "refuse":
    sys.exit("napari-unet: The images are blank: choose others.")
tell.finish({"reason": reason, "step": step})
"""
ENDLESS = 1_000_000


@pytest.fixture
def begin(monkeypatch, tmp_path):
    """Let children run a stand-in for a training; what is left of them is killed at the end."""
    children = []

    def begin(steps: int, end: str = "well") -> Child:
        words = [sys.executable, "-c", TRAINING, str(tmp_path), str(steps), end]
        monkeypatch.setattr(spawn, "_command", lambda *_: words)
        children.append(Child(tmp_path))
        return children[-1]

    yield begin
    for child in children:
        child.kill()


def stopped(steps):
    """Drive steps on with a stop at the next chance."""
    return drive(steps, stop_requested=lambda: True)


def until(steps, stage: str, count: int = 1):
    """Drive steps until so many progresses with values, or without, of a stage."""
    while count:
        progress = next(steps)
        count -= progress.stage == stage and bool(progress.values) == (stage == "training")
    return progress


def test_it_is_followed_to_its_result(begin, tmp_path):
    seen = []
    result = drive(begin(5).steps(), seen.append)
    assert result == {"reason": "finished", "step": 4}
    told = [progress for progress in seen if progress.values]
    assert [progress.done for progress in told] == [0, 1, 2, 3, 4]
    assert told[1].values == {"loss": 0.5}
    assert not is_running(tmp_path)


def test_the_second_start_forgets_the_progress_of_the_first(begin):
    child = begin(3)
    drive(child.steps())
    seen = []
    assert drive(child.steps(), seen.append)["reason"] == "finished"
    assert len([progress for progress in seen if progress.values]) == 3


def test_stop_brings_the_result(begin):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training", 3)
    result = stopped(steps)
    assert result["reason"] == "stopped"
    assert 2 <= result["step"] < ENDLESS
    assert not child.running


def test_stop_before_the_training_has_begun_has_no_result(begin):
    steps = begin(ENDLESS, "late").steps()
    next(steps)
    with pytest.raises(Stop):
        stopped(steps)


def test_pause_holds_the_training_until_it_goes_on(begin):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    child.pause()
    until(steps, "paused")
    size = (child.folder / PROGRESS).stat().st_size
    until(steps, "paused", 5)
    assert (child.folder / PROGRESS).stat().st_size == size
    child.resume()
    until(steps, "training", 3)
    child.pause()
    until(steps, "paused")
    assert stopped(steps)["reason"] == "stopped"


def test_pause_before_the_training_listens_is_heard(begin):
    child = begin(ENDLESS)
    steps = child.steps()
    next(steps)
    child.pause()
    until(steps, "paused")


def test_what_an_earlier_training_was_asked_for_is_forgotten(begin, tmp_path):
    ask(tmp_path, PAUSE)
    assert drive(begin(3).steps())["reason"] == "finished"
    assert not (tmp_path / CONTROL).exists()


def test_a_kill_ends_it_without_a_result(begin):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    child.kill()
    with pytest.raises(Stop):
        drive(steps)
    assert not child.running


def test_a_death_is_told_with_the_way_on(begin):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    os.kill(int((child.folder / PID).read_text()), signal.SIGKILL)
    with pytest.raises(UserError, match=r"memory ran out.*continue it"):
        drive(steps)


def test_a_crash_is_told_with_its_cause(begin):
    with pytest.raises(UserError, match=r"RuntimeError: the network fell over.*continue it"):
        drive(begin(2, "crash").steps())


def test_its_own_sentence_comes_over_as_it_is(begin):
    with pytest.raises(UserError) as error:
        drive(begin(2, "refuse").steps())
    assert str(error.value) == "The images are blank: choose others."


def test_it_outlives_its_starter_and_is_taken_over(begin, tmp_path):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training", 2)
    child.detach()
    with pytest.raises(Stop):
        drive(steps)
    assert is_running(tmp_path)
    pid = (tmp_path / PID).read_text()
    later = Child(tmp_path).steps()
    assert until(later, "training").done == 0
    assert (tmp_path / PID).read_text() == pid
    assert stopped(later)["reason"] == "stopped"


def test_a_training_that_cannot_be_started_is_told(tmp_path):
    with pytest.raises(UserError, match="could not be started"):
        Child(tmp_path / "nowhere").start()


def test_following_waits_calmly(begin):
    """Nothing spins: a silent training is looked at ten times a second."""
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    child.pause()
    until(steps, "paused")
    begun = time.monotonic()
    until(steps, "paused", 5)
    assert time.monotonic() - begun > 4 * POLL


def test_nobody_waits_for_a_lock_to_steer_it(begin, tmp_path):
    """A window may steer what it follows, while the thread that follows waits for a lock."""
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    other = Child(tmp_path)
    others_steps = other.steps()
    until(others_steps, "training")
    begun = time.monotonic()
    with FileLock(tmp_path / TRYING):
        for each in (child, other):
            assert each.running
            each.pause()
            each.resume()
            each.stop()
            each.detach()
        child.kill()
    assert time.monotonic() - begun < 1


def test_what_cannot_be_paused_goes_on_and_says_why(begin, tmp_path):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    (tmp_path / CONTROL).mkdir()  # nothing can be written there
    child.pause()
    refused = next(progress for progress in steps if progress.news)
    assert refused.news == NotPaused()
    assert "Could not write" in refused.notice
    until(steps, "training", 3)
    (tmp_path / CONTROL).rmdir()
    child.pause()
    until(steps, "paused")


def test_a_full_disk_stops_no_stop(begin, tmp_path):
    child = begin(ENDLESS)
    steps = child.steps()
    until(steps, "training")
    (tmp_path / CONTROL).mkdir()
    assert stopped(steps)["reason"] == "stopped"
