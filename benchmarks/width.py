"""How good a network is for its cost: AP against seconds per megapixel, over its shape.

``python benchmarks/width.py DATA OUT [--steps 600] [--shapes 16x4 24x4 ...]``

DATA has ``images/``, ``labels/`` and the lists ``train.txt`` and ``val.txt``. Networks of different
features, depth and convolutions at the finest level learn from the same patches, from scratch, for
the same number of steps; the AP is that on the images of ``val.txt``. OUT keeps what was trained:
run again on a quiet machine, only the time is measured anew, of the whole of `segment` and beside
it as a ratio to that of the default, `compact`. Networks that learn this shortly rank as to how
fast they learn, too: the table compares shapes, and says little of what each can reach.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import (
    ModelConfig,
    Report,
    Run,
    RunConfig,
    Sample,
    SizeConfig,
    TrainConfig,
    create_run,
    evaluate,
    load_model,
    pool,
    segment,
    train,
)
from napari_unet.core.config import PRESETS

USUAL = PRESETS["compact"]
SHAPES = {
    "8x4": USUAL.replace(features=8),
    "12x4": USUAL.replace(features=12),
    "16x4": USUAL,
    "24x4": USUAL.replace(features=24),
    "16x3": USUAL.replace(depth=3),
    "16x4, at most 128": USUAL.replace(max_features=128),
    "16x4, 1 x 1 at the finest": USUAL.replace(kernel=((1, 1), *((3, 3),) * 4)),
}
"""Features times levels."""
REPORTED = (0.5, 0.7, 0.8, 0.9)
EDGE = 1024


def samples(folder: Path, split: str) -> list[Sample]:
    """Read a split."""
    names = (folder / f"{split}.txt").read_text().split()
    read = (
        (tifffile.imread(folder / kind / f"{name}.tif") for kind in ("images", "labels"))
        for name in names
    )
    return [
        Sample(name, image[np.newaxis], labels, split == "val")
        for name, (image, labels) in zip(names, read, strict=True)
    ]


def trained(folder: Path, given: list[Sample], shape: ModelConfig, steps: int) -> Path:
    """Train a network of a shape, or take the one that was trained."""
    if not (folder / "run.json").exists():
        config = TrainConfig(epochs=1, steps=steps, patch=144, seed=1)
        create_run(folder, given, RunConfig(model=shape, train=config))
    train(folder)
    return Run(folder).last


def score(path: Path, held_out: list[Sample]) -> Report:
    """Score the last model of a training."""
    model = load_model(path)
    found = (segment(each.image[0], model, axes="YX").instances for each in held_out)
    return pool(
        [
            evaluate(labels, each.labels, thresholds=REPORTED)
            for labels, each in zip(found, held_out, strict=True)
        ]
    )


def seconds(path: Path, image: NDArray[np.generic]) -> float:
    """Return the shortest time of three that segmenting an image took, per megapixel."""
    model, taken = load_model(path), []
    for _ in range(3):
        begin = time.perf_counter()
        segment(image, model, axes="YX", size=SizeConfig(match="off"))
        taken.append(time.perf_counter() - begin)
    return min(taken) * 2**20 / image.size


def mosaic(given: list[Sample]) -> NDArray[np.generic]:
    """Return a picture of `EDGE` x `EDGE`, tiled with one that was held out."""
    one = max((each.image[0] for each in given), key=np.size)
    times = [-(-EDGE // size) for size in one.shape]
    return np.tile(one, times)[:EDGE, :EDGE]


def main() -> None:
    """Train what is not there yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--shapes", nargs="+", default=list(SHAPES), choices=SHAPES)
    options = parser.parse_args()
    learnt, held_out = (samples(options.data, split) for split in ("train", "val"))
    runs = [options.out / shape.replace(" ", "") for shape in options.shapes]
    paths = []
    for shape, run in zip(options.shapes, runs, strict=True):
        # what is held out plays no part in the training, so it is not looked at there
        given = [*learnt, replace(held_out[0], validation=True)]
        paths.append(trained(run, given, SHAPES[shape], options.steps))
        print(f"{shape}: trained", flush=True)
    image = mosaic(held_out)
    times = [seconds(path, image) for path in paths]
    usual = times[options.shapes.index("16x4")] if "16x4" in options.shapes else float("nan")
    print("| shape | parameters | AP at .5 | .7 | .8 | .9 | s per megapixel | of compact |")
    print("|---|---|---|---|---|---|---|---|")
    for shape, path, took in zip(options.shapes, paths, times, strict=True):
        report = score(path, held_out)
        count = sum(each.numel() for each in load_model(path).network.parameters())
        figures = [f"{report.at(at).ap:.3f}" for at in REPORTED]
        cells = [shape, f"{count:,}", *figures, f"{took:.2f}", f"{took / usual:.2f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
