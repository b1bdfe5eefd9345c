"""Real trainings in real processes: killed, stopped, let go, started twice, and continued."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.control import PID, is_running
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample
from napari_unet.runs.training_process import Child
from shapes import make_image, make_labels

TINY = TrainConfig(epochs=4, steps=5, batch=2, patch=32, precision="float32", device="cpu")
EPOCHS = 30
"""So many that a tiny training outlasts some looks at its progress, however fast the machine."""

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="kills with signals"),
    pytest.mark.timeout(900),
]


def tiny_run(folder: Path, **changes) -> Run:
    labels = make_labels(2)
    samples = [
        Sample(str(seed), make_image(labels, seed)[np.newaxis], np.roll(labels, seed, axis=0))
        for seed in range(3)
    ]
    shape = ModelConfig(features=2, depth=2)
    return create_run(folder, samples, RunConfig(model=shape, train=TINY.replace(**changes)))


def parameters(run: Run) -> list[bytes]:
    return [value.tobytes() for _, value in sorted(load_file(run.last).items())]


def process_of(run: Run) -> int:
    return int((run.folder / PID).read_text())


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def processes_of(run: Run) -> list[Path]:
    """Every process that was started with the run's folder."""
    started = bytes(run.folder)
    return [each for each in Path("/proc").glob("[0-9]*") if started in _words(each / "cmdline")]


def _words(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


def test_after_a_training_no_process_is_left(tmp_path):
    run = tiny_run(tmp_path / "run", epochs=EPOCHS)
    child = Child(run.folder)
    steps = child.steps()
    while next(steps).stage != "training":
        pass
    assert processes_of(run) or not Path("/proc").exists()
    assert drive(steps)["reason"] == "finished"
    assert not child.running
    assert not processes_of(run)


KILLED = """
import os, signal, sys
from napari_unet.nn.training.train import train_steps

seen = 0
for progress in train_steps(sys.argv[1]):
    seen += progress.stage == "training" and bool(progress.values)
    if seen == int(sys.argv[2]):
        assert "torch._dynamo" not in sys.modules, "seconds were lost in loading a compiler"
        os.kill(os.getpid(), signal.SIGKILL)
"""
"""A training that is killed at a report of its own: who looks on may be late for it."""


def test_killed_at_random_moments_it_ends_with_the_same_parameters(tmp_path):
    epochs = 8  # of six reports each: more than all that the three may come to
    unbroken = tiny_run(tmp_path / "unbroken", epochs=epochs)
    killed = tiny_run(tmp_path / "killed", epochs=epochs)
    train(unbroken.folder)
    chance = np.random.default_rng(0)
    for _ in range(3):
        words = [sys.executable, "-c", KILLED, str(killed.folder), str(chance.integers(1, 12))]
        assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
        assert not is_running(killed.folder)
    result = drive(Child(killed.folder).steps())
    assert (result["reason"], result["epoch"]) == ("finished", epochs)
    assert parameters(killed) == parameters(unbroken)
    assert killed.records() == unbroken.records()


@pytest.mark.alone
def test_a_stop_is_answered_soon_and_nothing_is_left(tmp_path):
    run = tiny_run(tmp_path / "run", epochs=10_000)
    child = Child(run.folder)
    steps = child.steps()
    while next(steps).stage != "training":
        pass
    pid, asked = process_of(run), time.monotonic()
    result = drive(steps, stop_requested=lambda: True)
    taken = time.monotonic() - asked
    print(f"stopped after {taken:.2f} s")
    assert result["reason"] == "stopped"
    assert Path(result["model"]).exists()
    assert taken < 2
    assert not child.running
    assert not is_there(pid)
    assert not processes_of(run)


def test_while_it_pauses_no_step_is_taken_and_no_other_training_starts(tmp_path):
    """Who follows it is told how to go on once it is killed."""
    run = tiny_run(tmp_path / "run", epochs=10_000)
    child = Child(run.folder)
    steps = child.steps()
    while next(steps).stage != "training":
        pass
    child.pause()
    while next(steps).stage != "paused":
        pass
    log = run.log.read_text() if run.log.exists() else ""
    other = [sys.executable, "-m", "napari_unet", "train", str(run.folder), "--progress", "none"]
    refused = subprocess.run(other, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "is being trained already" in refused.stderr
    assert next(steps).stage == "paused"
    assert (run.log.read_text() if run.log.exists() else "") == log
    child.resume()
    while next(steps).stage != "training":
        pass
    os.kill(process_of(run), signal.SIGKILL)
    with pytest.raises(UserError, match="continue it from its last epoch"):
        drive(steps)
    assert not is_running(run.folder)


def test_it_goes_on_without_its_starter_and_is_followed_again(tmp_path):
    unbroken, left = tiny_run(tmp_path / "unbroken"), tiny_run(tmp_path / "left")
    train(unbroken.folder)
    steps = Child(left.folder).steps()
    while not is_running(left.folder):
        next(steps)
    steps.close()
    again = Child(left.folder).steps()
    assert drive(again)["reason"] == "finished"
    assert parameters(left) == parameters(unbroken)


def test_a_training_of_the_shell_is_followed(tmp_path):
    run = tiny_run(tmp_path / "run", epochs=EPOCHS)
    words = [sys.executable, "-m", "napari_unet", "train", str(run.folder), "--progress", "jsonl"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as shell:
        assert shell.stdout.readline()
        told = []
        result = drive(Child(run.folder).steps(), told.append)
        assert shell.wait() == 0
    assert result["reason"] == "finished"
    assert {"loss", "ap50"} <= {name for progress in told for name in progress.values}


def test_its_sentence_comes_over(tmp_path):
    run = tiny_run(tmp_path / "run")
    (run.folder / "samples" / "0000.npz").write_bytes(b"PK half of a")
    with pytest.raises(UserError, match=r"0000.npz is damaged: make the run again"):
        drive(Child(run.folder).steps())
