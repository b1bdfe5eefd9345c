"""A few images learnt from, by what the training starts from.

``python benchmarks/few_shot.py DATA OUT [--sets A B] [--images 1 2 4 8] [--minutes 2]
[--starts automatic nuclei cells scratch] [--cells 'RUNS/without-{}/cells.safetensors'] [--grey]
[--replay .1]``

DATA has a folder for each set, with ``images/``, ``labels/`` (objects) or ``masks/`` (classes) and
the lists ``train.txt`` and ``val.txt``. The first images of ``train.txt`` are learnt from, of which
the training itself holds some out; it never sees those of ``val.txt``, and the table has the AP at
an IoU of .5 on them (of classes the Dice), of the best model and of the last; below it stands how
well the best still finds what its start knew. Minutes are the time that one core has worked, so
that a busy machine changes nothing.

Each set is new to all starts: a bundled model that has learnt from it takes no part, and `cells` is
the file that ``--cells`` names, with the set's name for {}, which has learnt nothing of that set.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

import napari_unet.nn.training.budget as budget_module
import napari_unet.nn.training.start.candidates as candidates_module
import napari_unet.nn.training.train as train_module
from napari_unet import (
    AnnotatedImage,
    ModelConfig,
    Run,
    RunConfig,
    TrainConfig,
    annotated,
    create_run,
    drive,
    evaluate,
    evaluate_classes,
    find_pairs,
    load_model,
    pool,
    prepare,
    segment,
    train,
)
from napari_unet.nn.training.start.replay import remembered_steps
from napari_unet.storage.model_header import bundled_models

KNOWS = {
    "dsb2018_fluo": "nuclei",
    "dsb2018_tissue": "nuclei-tissue",
    "usiigaci_pc": "cells-phase",
    "axon_tem": "axons-em",
    "axon_sem": "axons-em",
    "pfc_neurons": "neurites",
}
"""The bundled model that has learnt from a set."""


def images(folder: Path, split: str, count: int | None, *, grey: bool) -> list[AnnotatedImage]:
    """Read the first images of a split."""
    names = (folder / f"{split}.txt").read_text().split()[:count]
    semantic = not (folder / "labels").exists()
    labels = folder / ("masks" if semantic else "labels")
    pairs = find_pairs(folder / "images", labels, names, semantic=semantic).pairs
    found = [annotated(pair) for pair in pairs]
    return [as_grey(each) for each in found] if grey else found


def as_grey(image: AnnotatedImage) -> AnnotatedImage:
    """Return the mean of an image's channels."""
    if "C" not in image.axes:
        return image
    mean = np.mean(image.image, axis=image.axes.index("C"))
    return replace(image, image=mean, axes=image.axes.replace("C", ""))


def starts_of(name: str, options: argparse.Namespace) -> dict[str, Path]:
    """Return the models to which a set is new, by what a run calls them."""
    known = {KNOWS.get(name), "cells"}
    found = {each: path for each, path in bundled_models().items() if each not in known}
    cells = options.cells.format(name)
    return found | ({cells: Path(cells)} if cells else {})


def base_of(start: str, options: argparse.Namespace) -> RunConfig:
    """Return what is settled of a training before its images are looked at."""
    names = {"scratch": None, "cells": options.cells.format(options.set)}
    return RunConfig(
        model=ModelConfig(height=not options.semantic),
        train=TrainConfig(minutes=options.minutes, device="cpu", replay=options.replay),
        semantic=options.semantic,
        start_from=names.get(start, start),
    )


def trained(folder: Path, given: list[AnnotatedImage], base: RunConfig) -> Run:
    """Train as the widget does, or go on where that has been begun."""
    train_module.training_time = budget_module.training_time = time.process_time
    if (folder / "run.json").exists():
        train(folder)
        return Run(folder)
    ready = prepare(given, base)
    run = create_run(folder, ready.samples, ready.settled())
    train(run.folder)
    return run


def score(model: Path, rest: list[AnnotatedImage], *, semantic: bool) -> float:
    """Return AP at .5, or the mean Dice of the classes."""
    network, reports = load_model(model), []
    for image in rest:
        found = segment(image.image, network, axes=image.axes)
        truth, ignored = image.annotation.instances, image.annotation.ignored()
        if semantic:
            classes = network.config.num_classes
            truth = np.where(ignored, 255, truth)
            reports.append(evaluate_classes(found.semantic, truth, classes))
        else:
            reports.append(evaluate(found.instances, truth, ignore=ignored))
    pooled = pool(reports)
    return float(np.nanmean(pooled.dice[1:])) if semantic else pooled.at(0.5).ap


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--sets", nargs="+", default=["dsb2018_tissue", "usiigaci_pc"])
    parser.add_argument("--images", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--starts", nargs="+", default=["automatic", "nuclei", "scratch"])
    parser.add_argument(
        "--cells", default="", help="path of the model that has not learnt from the set {}"
    )
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--replay", type=float, default=TrainConfig().replay)
    parser.add_argument("--grey", action="store_true", help="learn the mean of the channels")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| set | images | {' | '.join(options.starts)} | chosen |", flush=True)
    print("|---" * (len(options.starts) + 3) + "|", flush=True)
    for name in options.sets:
        folder = options.data / name
        options.semantic = not (folder / "labels").exists()
        options.set = name
        candidates_module.bundled_models = partial(starts_of, name, options)
        rest = images(folder, "val", None, grey=options.grey)
        for count in options.images:
            given = images(folder, "train", count, grey=options.grey)
            cells, chosen, remembered = [], "", []
            for start in options.starts:
                run = trained(
                    options.out / f"{name} {count} {start}", given, base_of(start, options)
                )
                both = [
                    score(model, rest, semantic=options.semantic) for model in (run.best, run.last)
                ]
                cells.append(" / ".join(f"{each:.3f}" for each in both))
                chosen = chosen or run.config().why
                told = drive(remembered_steps(run, run.config(), load_model(run.best)))
                remembered += [told] if told else []
            print(f"| {name} | {count} | {' | '.join(cells)} | {chosen} |", flush=True)
            print(*remembered, sep="\n", end="\n" if remembered else "", flush=True)
