"""A training in another process: followed, paused, stopped, killed, let go and taken over."""

from __future__ import annotations

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop, drive
from napari_unet.processes import spawn
from napari_unet.processes.spawn import POLL
from napari_unet.runs.control import CONTROL, PAUSE, PID, PROGRESS, ask, is_running, training_lock
from napari_unet.runs.training_process import Child

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
    with pytest.raises(UserError, match=r"memory ran out.*click Continue"):
        drive(steps)


def test_a_crash_is_told_with_its_cause(begin):
    with pytest.raises(UserError, match=r"RuntimeError: the network fell over.*click Continue"):
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


def test_a_folder_is_trained_by_one_at_a_time(begin, tmp_path):
    with training_lock(tmp_path):
        assert is_running(tmp_path)
        with (
            pytest.raises(UserError, match="being trained already"),
            training_lock(tmp_path),
        ):
            pytest.fail("two trainings at once")
    assert not is_running(tmp_path)


def test_half_written_files_are_cleared_away(tmp_path):
    left = [tmp_path / ".12-log.jsonl", tmp_path / ".best.safetensors.12"]
    kept = [tmp_path / "run.json", tmp_path / ".hidden"]
    for path in left + kept:
        path.touch()
    with training_lock(tmp_path):
        pass
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(UserError, match="Nothing can be written"), training_lock(tmp_path):
        pytest.fail("trained without a lock")


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


def test_many_may_look_at_the_same_time(tmp_path):
    with training_lock(tmp_path):
        assert is_running(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: is_running(tmp_path), range(200)))


def test_those_who_look_do_not_keep_a_training_from_beginning(tmp_path):
    with training_lock(tmp_path):
        pass
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(is_running, tmp_path) for _ in range(400)]
        while not all(look.done() for look in looks):
            with training_lock(tmp_path):
                assert is_running(tmp_path)
    assert not is_running(tmp_path)
