"""Training in two processes against one, at the same batch: the losses, and the time of a step.

``python benchmarks/two_processes.py DATA [--steps 40] [--ndim 2] [--learning-rate 1e-4]``

DATA has ``images/`` and ``labels/``; the first eight are learnt from. All is computed in float32
on the CPU. One process with two threads shows what rounding alone does to the losses: sums are
rounded in another order, and the larger the steps, the faster that grows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from napari_unet import (
    ModelConfig,
    RunConfig,
    Sample,
    TrainConfig,
    annotated,
    create_run,
    find_pairs,
    to_samples,
)

IMAGES = 8
WAYS = ((1, 1), (1, 2), (2, 1))
"""Processes, and threads in each."""


def samples(data: Path, ndim: int) -> list[Sample]:
    """Read the first images of a folder."""
    pairs = find_pairs(data / "images", data / "labels").pairs[:IMAGES]
    images = [annotated(pair) for pair in pairs]
    return list(to_samples(images, ndim, images[0].channels))


def trained(folder: Path, processes: int, threads: int) -> tuple[list[float], float]:
    """Train a run; return the loss of every step, and the median of the seconds between them."""
    words = ["train", str(folder), "--devices", str(processes), "--progress", "jsonl"]
    child = subprocess.Popen(
        [sys.executable, "-m", "napari_unet", *words],
        stdout=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
    )
    losses, times = [], []
    for line in child.stdout or ():
        values = json.loads(line).get("values", {})
        if values.keys() == {"loss", "epoch"}:
            losses.append(values["loss"])
            times.append(time.monotonic())
    assert child.wait() == 0
    taken = sorted(after - before for before, after in pairwise(times))
    return losses, taken[len(taken) // 2]


def main() -> None:
    """Print a line for each way to train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--ndim", type=int, choices=(2, 3), default=2)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    options = parser.parse_args()
    train = TrainConfig(
        epochs=1,
        steps=options.steps,
        batch=4 if options.ndim == 2 else 2,
        patch=128 if options.ndim == 2 else 48,
        learning_rate=options.learning_rate,
        precision="float32",
        device="cpu",
    )
    config = RunConfig(model=ModelConfig(ndim=options.ndim), train=train)
    found = samples(options.data, options.ndim)
    first: list[float] = []
    print("| processes x threads | first and last loss | largest difference | s a step |")
    for processes, threads in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            run = create_run(Path(folder) / "run", found, config)
            losses, seconds = trained(run.folder, processes, threads)
        first = first or losses
        difference = max(abs(a - b) for a, b in zip(first, losses, strict=True))
        ends = f"{losses[0]:.4f} -> {losses[-1]:.4f}"
        print(
            f"| {processes} x {threads} | {ends} | {difference:.1e} | {seconds:.3f} |", flush=True
        )


if __name__ == "__main__":
    main()
