"""Kill a training at twenty random moments; it shall end with the very same parameters."""

from __future__ import annotations

import os
import random
import signal
import tempfile
from pathlib import Path

from safetensors.numpy import load_file

from napari_unet import (
    ModelConfig,
    Run,
    RunConfig,
    Sample,
    TrainConfig,
    UserError,
    create_run,
    load_sample,
    train,
)
from napari_unet.runs.control import PID, is_running
from napari_unet.runs.training_process import Child

TIMES = 20
TRAIN = TrainConfig(epochs=5, steps=6, batch=2, patch=64, precision="float32", device="cpu")


def make_run(folder: Path) -> Run:
    images, truth = (picture.data[:4, :128, :128] for picture in load_sample("nuclei2d"))
    samples = [
        Sample(str(index), image[None], labels)
        for index, (image, labels) in enumerate(zip(images, truth, strict=True))
    ]
    return create_run(folder, samples, RunConfig(ModelConfig(features=4, depth=3), train=TRAIN))


def parameters(run: Run) -> list[bytes]:
    return [value.tobytes() for _, value in sorted(load_file(run.last).items())]


def kill(run: Run, after: int) -> str:
    """Start a training in a process, kill it when it has told so much; say where it was."""
    told, where = 0, ""
    try:
        for progress in Child(run.folder).steps():
            told += progress.stage != "starting"
            where = f"{progress.stage} {progress.done}/{progress.total}"
            if told == after:
                os.kill(int((run.folder / PID).read_text()), signal.SIGKILL)
    except UserError:
        return where
    return "its end"


def main() -> None:
    """Print a line per kill."""
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        unbroken = make_run(Path(folder) / "unbroken")
        told: list[object] = []
        train(unbroken.folder, told.append)
        same = 0
        for index in range(TIMES):
            run = make_run(Path(folder) / str(index))
            where = kill(run, chance.randrange(1, len(told)))
            assert not is_running(run.folder)
            train(run.folder)
            equal = parameters(run) == parameters(unbroken) and run.records() == unbroken.records()
            same += equal
            print(f"{index + 1:2} killed at {where:18} same parameters, log: {equal}", flush=True)
        print(f"{same} of {TIMES} the same")


if __name__ == "__main__":
    main()
