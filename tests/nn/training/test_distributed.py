"""Two processes train as one does; they stop, fail and continue together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from safetensors.numpy import load_file

from napari_unet.cli.main import main
from napari_unet.core.config import ModelConfig
from napari_unet.core.progress import Progress
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training import distributed as together_module
from napari_unet.nn.training.distributed import SINGLE_PROCESS, NewStart, SingleProcess, join
from napari_unet.nn.training.train import train
from napari_unet.nn.training.trainer import Trainer
from napari_unet.processes.launch import RANK, RANKS
from napari_unet.runs.config import RunConfig
from napari_unet.runs.control import PID, is_running
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample
from shapes import make_image, make_labels

TINY = TrainConfig(epochs=2, steps=3, batch=4, patch=32, precision="float32", device="cpu")
CLOSE = 1e-4
"""Rounding differs with the share of a batch that is summed at once; training lets it grow."""

several = pytest.mark.skipif(os.name != "posix", reason="ends processes with signals")


def tiny_run(folder: Path, ndim: int = 2, **changes) -> Run:
    labels = make_labels(ndim)
    samples = [
        Sample(str(seed), make_image(labels, seed)[np.newaxis], np.roll(labels, seed, axis=0))
        for seed in range(4)
    ]
    shape = ModelConfig(ndim=ndim, features=2, depth=2)
    return create_run(folder, samples, RunConfig(model=shape, train=TINY.replace(**changes)))


def begin(run: Run, count: int = 2) -> subprocess.Popen:
    words = ["train", str(run.folder), "--devices", str(count), "--progress", "jsonl"]
    return subprocess.Popen(
        [sys.executable, "-m", "napari_unet", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_validated(process: subprocess.Popen) -> None:
    while '"learning_rate"' not in process.stdout.readline():
        assert process.poll() is None


def children_of(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def losses(told) -> list[float]:
    return [values["loss"] for values in told if values.keys() == {"loss", "epoch"}]


def losses_alone(run: Run) -> list[float]:
    told: list[Progress] = []
    train(run.folder, told.append)
    return losses(progress.values for progress in told)


def parameters(run: Run) -> np.ndarray:
    return np.concatenate([value.ravel() for _, value in sorted(load_file(run.last).items())])


@several
def test_two_processes_have_the_losses_and_the_parameters_of_one(tmp_path):
    alone, shared = tiny_run(tmp_path / "alone"), tiny_run(tmp_path / "shared")
    expected = losses_alone(alone)
    process = begin(shared)
    told, complaints = process.communicate(timeout=200)
    assert (process.returncode, complaints) == (0, "")
    *lines, last = [json.loads(line) for line in told.splitlines()]
    assert losses(line["values"] for line in lines) == pytest.approx(expected, abs=CLOSE)
    assert last["result"]["reason"] == "finished"
    assert parameters(shared) == pytest.approx(parameters(alone), abs=CLOSE)
    for record, one in zip(shared.records(), alone.records(), strict=True):
        assert record["dice"] == pytest.approx(one["dice"], abs=CLOSE)


@several
def test_when_one_is_killed_all_end_and_one_alone_continues(tmp_path):
    run, unbroken = (
        tiny_run(tmp_path / name, 3, epochs=6, patch=16) for name in ("run", "unbroken")
    )
    expected = losses_alone(unbroken)
    process = begin(run)
    until_validated(process)
    ranks = children_of(process.pid)
    first = int((run.folder / PID).read_text())
    os.kill(next(pid for pid in ranks if pid != first), signal.SIGKILL)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 2
    assert complaints.startswith("napari-unet: One of the 2 processes broke off (the system")
    assert complaints.count("\n") == 1
    assert not any(map(psutil.pid_exists, ranks))
    assert not is_running(run.folder)
    done = Run(run.folder).records()[-1]["step"]
    assert done < 18
    assert losses_alone(run) == pytest.approx(expected[done:], abs=10 * CLOSE)


@several
def test_a_signal_stops_all_of_them_calmly(tmp_path):
    run = tiny_run(tmp_path / "run", epochs=10_000)
    process = begin(run)
    until_validated(process)
    ranks = children_of(process.pid)
    process.terminate()
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert json.loads(told.splitlines()[-1])["result"]["reason"] == "stopped"
    assert run.checkpoint.exists()
    assert len(ranks) == 2
    for pid in ranks:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def complaint(capsys, *words: str) -> str:
    assert main(["train", *words]) == 2
    return capsys.readouterr().err


def test_a_batch_that_cannot_be_shared_out_is_refused(tmp_path, capsys, folders):
    run = tiny_run(tmp_path / "run")
    told = complaint(capsys, str(run.folder), "--devices", "3")
    assert "4 patches in a batch cannot be shared out equally among 3 processes" in told
    assert "train with 1, 2, 4" in told
    images, labels = map(str, folders)
    new = ["--images", images, "--labels", labels, "--run", str(tmp_path / "new")]
    assert "5 patches" in complaint(capsys, *new, "--batch", "5", "--devices", "2")
    assert not (tmp_path / "new").exists()


def test_what_cannot_be_is_said_before_anything_begins(tmp_path, capsys, monkeypatch):
    run = str(tiny_run(tmp_path / "run").folder)
    assert "must be 1 or more" in complaint(capsys, run, "--devices", "0")
    with monkeypatch.context() as patch:
        patch.setattr(together_module, "find_spec", lambda name: None)
        told = complaint(capsys, run, "--devices", "2")
    assert 'pip install "napari-unet-studio[cluster]"' in told
    monkeypatch.setenv(RANK, "0")
    monkeypatch.setenv(RANKS, "2")
    assert "leave --devices away" in complaint(capsys, run, "--devices", "2")


def test_every_process_needs_a_gpu_of_its_own(tmp_path, capsys, monkeypatch):
    device = together_module.choose_device("cpu")
    there = type(device)("cuda", "NVIDIA GPU (one)", "It is the fastest.", bfloat16=True)
    monkeypatch.setattr(together_module, "choose_device", lambda name: there)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    told = complaint(capsys, str(tiny_run(tmp_path / "run").folder), "--devices", "2")
    assert "2 processes need 2 GPUs, and there is 1 (NVIDIA GPU (one))" in told


class Pretended(SingleProcess):
    """One of two processes, as far as it knows."""

    count = 2


def test_where_memory_runs_out_all_start_again_with_less(tmp_path, monkeypatch):
    run = tiny_run(tmp_path / "run", batch=6)

    def learn(trainer, patches):
        raise MemoryError

    monkeypatch.setattr(Trainer, "learn", learn)
    with pytest.raises(NewStart, match="Memory ran out: going on with 2 patches at a time"):
        train(run.folder, together=Pretended())
    assert run.config().train.batch == 2


def test_one_process_knows_nothing_of_others():
    assert join("auto") is SINGLE_PROCESS
    code = "import sys, napari_unet.nn.training.train; sys.exit('lightning_fabric' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
