"""How well outlines like those of the bundled sample can be learnt at all.

``python benchmarks/sample_limit.py DATA RUN``

The model `nuclei` goes on learning from nothing but the training images that look like the six of
the sample (256 x 256 pixels, dark, well filled), as they are. After every 150 steps it is measured
on the sample, on the very images that it learns from, and on all validation images. DATA is the
folder that ``recipes/nuclei.py`` takes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import (
    DecodeConfig,
    ModelConfig,
    RunConfig,
    Sample,
    TrainConfig,
    create_run,
    evaluate,
    find_model,
    load_model,
    load_sample,
    pool,
    read_header,
    segment,
    train_steps,
)

Pair = tuple[NDArray[Any], NDArray[Any]]
TRAIN = TrainConfig(
    epochs=6,
    steps=150,
    learning_rate=1e-3,
    rotate=False,
    zoom=1.0,
    elastic=0.0,
    intensity=0.0,
    blur=0.0,
    noise=0.0,
)


def pairs(data: Path, split: str) -> dict[str, Pair]:
    """Read the images and labels of a split."""
    return {
        name: tuple(tifffile.imread(data / part / f"{name}.tif") for part in ("images", "labels"))
        for name in (data / f"{split}.txt").read_text().split()
    }


def is_alike(image: NDArray[Any]) -> bool:
    """Tell whether an image looks like those of the sample."""
    middle, bright = np.percentile(image, [50, 90])
    return image.shape == (256, 256) and middle <= 6 and bright >= 18


def ap(path: Path, given: Iterable[Pair]) -> float:
    """Return a model's pooled AP at IoU 0.5."""
    model = load_model(path)
    return (
        pool([evaluate(segment(image, model).instances, truth) for image, truth in given])
        .at(0.5)
        .ap
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    options = parser.parse_args()
    start = find_model("nuclei")
    header = read_header(start)
    alike = {name: pair for name, pair in pairs(options.data, "train").items() if is_alike(pair[0])}
    held_out = pairs(options.data, "val")
    images, truth = (picture.data for picture in load_sample("nuclei2d"))
    sample = list(zip(images, truth, strict=True))
    samples = [
        Sample(name, image[np.newaxis], labels, validation=name in held_out)
        for name, (image, labels) in (alike | held_out).items()
    ]
    config = RunConfig(
        model=ModelConfig.from_dict(header["config"]),
        decode=DecodeConfig.from_dict(header["decode"]),
        train=TRAIN,
        start_from=str(start),
    )
    run = create_run(options.run, samples, config)
    print("| steps | the sample | its own images | validation |")
    for progress in train_steps(run.folder):
        if "ap50" in progress.values:
            path = run.last if progress.values["step"] else start
            figures = ap(path, sample), ap(path, alike.values()), progress.values["ap50"]
            shown = " | ".join(f"{figure:.3f}" for figure in figures)
            print(f"| {progress.values['step']} | {shown} |", flush=True)
