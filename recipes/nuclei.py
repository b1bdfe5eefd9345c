"""How the bundled model `nuclei` was made: ``python recipes/nuclei.py DATA RUN``.

DATA holds a folder for each set, as `sets` reads them; ``dsb2018_fluo`` is the 447 training images
of StarDist's subset of the 2018 Data Science Bowl, BBBC038v1. There are six trainings, each from
the last epoch of the one before: ``RUN/varied`` on strongly varied images; ``RUN/crowded`` on less
varied images and on as many that were made more crowded; ``RUN/wide`` on these, and on other sizes,
microscopes and tissues, and on fields of nothing; ``RUN/again`` on the same; from the mean of these
two, ``RUN/spoiled`` on the same and on spoiled copies; and, from the mean of three epochs of it,
``RUN/glowing`` on these and on cells that glow around their nuclei. Run again, it continues.
``RUN/nuclei.safetensors`` is the mean of where the last one began and of its last five epochs, with
its score on images that it has not learnt from: those held out, and the bundled sample. ``--only
varied`` ends after the first training; with it, ``--without border-weights`` and ``--without
height`` leave a part away, for the ablation.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from crowding import crowded
from cytoplasm import glowing
from numpy.typing import NDArray
from sets import Source, samples
from spoils import spoiled
from training import of_epoch, trained
from wide import screened, wide

from napari_unet import (
    DecodeConfig,
    Model,
    ModelConfig,
    RunConfig,
    Sample,
    TargetConfig,
    TrainConfig,
    evaluate,
    load_model,
    load_sample,
    pool,
    save_model,
    segment,
)
from napari_unet.core.decoding.known import Known

Labels = NDArray[np.integer[Any]]

ABOUT = {
    "description": "Nuclei in 2D fluorescence microscopy",
    "data": "396 images of BBBC038v1 (2018 Data Science Bowl, stage 1, fluorescence; "
    "Caicedo et al. 2019, Nature Methods 16:1247), in StarDist's selection; 101 fields of "
    "BBBC039v1 (Caicedo et al. 2019, Cytometry A 95:952), and planes of BBBC050v1 and GoNuclear",
    "data_licence": "CC0 1.0",
    "licence": "CC0 1.0",
    "recipe": "recipes/nuclei.py",
}
VARIED = RunConfig(
    model=ModelConfig(classes=("nucleus",)),
    decode=DecodeConfig(threshold=0.4, split=0.34, min_size=28),
    train=TrainConfig(epochs=30, steps=200, zoom=1.5),
    name="nuclei",
    about=ABOUT,
)
CROWDED = TrainConfig(
    epochs=3,
    steps=500,
    learning_rate=1e-3,
    intensity=0.08,
    noise=0.02,
    blur=0.4,
    zoom=1.25,
    elastic=3.0,
    seed=2,
)
WIDE = TrainConfig(
    epochs=12,
    steps=500,
    patch=144,
    learning_rate=1.5e-3,
    intensity=0.12,
    noise=0.03,
    blur=0.6,
    elastic=4.0,
    seed=11,
)
AGAIN = WIDE.replace(epochs=16, seed=23)
SPOILED = WIDE.replace(epochs=12, seed=37)
GLOWING = WIDE.replace(epochs=12, seed=53)
SPOILED_MEAN, GLOWING_MEAN = (5, 10, 12), (8, 9, 10, 11, 12)
"""Epochs of which the mean is taken."""
REPORTED = (0.5, 0.7, 0.8, 0.9)
WITHOUT = {
    "nothing": VARIED,
    "border-weights": VARIED.replace(targets=TargetConfig(border="none")),
    "height": VARIED.replace(model=VARIED.model.replace(height=False)),
}


def with_crowded(given: list[Sample]) -> list[Sample]:
    """Add a more crowded copy of every image that is learnt from."""
    chance = np.random.default_rng(0)
    added = []
    for sample in given:
        if not sample.validation:
            image, labels = crowded(sample.image[0], sample.labels, chance)
            name = f"{sample.name}, crowded"
            added.append(replace(sample, name=name, image=image[None], labels=labels))
    return [*given, *added]


def publish(paths: Sequence[Path], sized: Path, held_out: Sequence[Sample], path: Path) -> None:
    """Write the mean of some models, for the sizes of another, with its score."""
    sizes = load_model(sized).sizes
    # images of larger objects are brought to the usual size, too: they gain by it
    sizes = replace(sizes, spread=(sizes.spread[0], sizes.object))
    model = replace(mean_of(paths), sizes=sizes)
    known, pairs = [], []
    for each in held_out:
        found = segment(each.image[0], model)
        known.append(found.seen)
        pairs.append((found.instances, each.labels))
    images, truth = (picture.data for picture in load_sample("nuclei2d"))
    sample = zip(segment(images, model).instances, truth, strict=True)
    figures = {
        "validation": Known.of(known).to_dict() | scores(pairs),
        "sample": scores(sample),
    }
    save_model(replace(model, about={**model.about, **figures}), path)


def mean_of(paths: Sequence[Path]) -> Model:
    """Return the last of some models with the mean of the parameters of all."""
    models = [load_model(path) for path in paths]
    states = [each.network.state_dict() for each in models]
    network = deepcopy(models[-1].network)
    network.load_state_dict(
        {
            name: sum(state[name] for state in states) / len(states)
            if last.is_floating_point()
            else last
            for name, last in states[-1].items()
        }
    )
    return replace(models[-1], network=network)


def scores(pairs: Iterable[tuple[Labels, Labels]]) -> dict[str, float]:
    """Return the AP of found labels, pooled over images."""
    pooled = pool([evaluate(found, truth, thresholds=REPORTED) for found, truth in pairs])
    return {f"ap{100 * at:.0f}": round(pooled.at(at).ap, 3) for at in REPORTED}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--only", choices=("varied",))
    parser.add_argument("--without", choices=WITHOUT, default="nothing")
    parser.add_argument("--epochs", type=int, default=VARIED.train.epochs)
    options = parser.parse_args()
    images = list(samples(Source("dsb2018_fluo"), options.data))
    first = WITHOUT[options.without]
    first = first.replace(train=first.train.replace(epochs=options.epochs))
    run = sized = trained(options.run / "varied", images, first)
    paths = [run.last]
    if options.only is None:
        second = first.replace(train=CROWDED, start_from=str(run.last))
        more = with_crowded(images)
        sized = trained(options.run / "crowded", more, second)
        third = first.replace(train=WIDE, start_from=str(sized.last))
        more = [*more, *wide(images, options.data)]
        run = trained(options.run / "wide", more, third)
        fourth = first.replace(train=AGAIN, start_from=str(run.last))
        again = trained(options.run / "again", more, fourth)
        start = options.run / "mean.safetensors"
        save_model(mean_of([run.last, again.last]), start)
        fifth = first.replace(train=SPOILED, start_from=str(start))
        fields = list(screened(options.data))[::2]
        more = [*more, *spoiled(images, 2, seed=5), *spoiled(fields, 1, seed=6)]
        run = trained(options.run / "spoiled", more, fifth, kept=SPOILED_MEAN)
        start = options.run / "spoiled.safetensors"
        save_model(mean_of([of_epoch(run, each) for each in SPOILED_MEAN]), start)
        sixth = first.replace(train=GLOWING, start_from=str(start))
        more = [*more, *glowing(images, 2, seed=9), *glowing(fields, 1, seed=8)]
        run = trained(options.run / "glowing", more, sixth, kept=GLOWING_MEAN)
        paths = [start, *(of_epoch(run, each) for each in GLOWING_MEAN)]
    held_out = [each for each in images if each.validation]
    publish(paths, sized.last, held_out, options.run / "nuclei.safetensors")
