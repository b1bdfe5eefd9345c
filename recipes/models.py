"""How the bundled models but `nuclei` were made: ``python recipes/models.py KIND DATA RUN``.

DATA holds a folder for each set that a kind learns from, with ``images/NAME.tif``,
``labels/NAME.tif``, and the splits ``train.txt`` and ``val.txt``, a NAME per line. There are two
trainings, in ``RUN/KIND/varied`` and ``RUN/KIND/calm``: the second goes on from the first on less
varied images. Run again, it continues. Threshold and split are then chosen on the images of
``val.txt``, and ``RUN/KIND.safetensors`` is the model, its convolutions in half precision, with its
figures on them as the program gives them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import tifffile

from napari_unet import (
    DecodeConfig,
    Model,
    ModelConfig,
    Progress,
    Report,
    Run,
    RunConfig,
    Sample,
    Segmentation,
    TrainConfig,
    create_run,
    evaluate,
    load_model,
    load_sample,
    pool,
    save_model,
    segment,
    train,
)

VARIED = TrainConfig(epochs=25, steps=150, zoom=1.5)
CALM = VARIED.replace(
    epochs=4, learning_rate=6e-4, zoom=1.2, elastic=3.0, noise=0.04, blur=0.5, seed=2
)
TRIED = tuple(product((0.3, 0.4, 0.5, 0.6), (0.1, 0.15, 0.2, 0.3, 0.4)))
"""Thresholds and splits."""
REPORTED = (0.5, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Kind:
    """What a model learns from, and how.

    Parameters
    ----------
    sets
        Folders of DATA.
    config
        Of the first training.
    sample
        The bundled sample of this kind, which nothing is learnt from; empty where there is none.
    """

    sets: tuple[str, ...]
    config: RunConfig
    sample: str = ""


def kind(name: str, sets: Sequence[str], config: RunConfig, sample: str = "", **about: str) -> Kind:
    """Return a kind of which the model file says what it is for, and of what data it is."""
    told = about | {"recipe": "recipes/models.py"}
    return Kind(tuple(sets), config.replace(name=name, about=told), sample)


FREE = {"data_licence": "CC0 1.0", "licence": "CC0 1.0"}
KINDS = {
    "cells-phase": kind(
        "cells-phase",
        ["usiigaci_pc"],
        RunConfig(
            model=ModelConfig(classes=("cell",)), train=VARIED.replace(batch=6), working=(0.4, 0.4)
        ),
        description="Whole cells in phase contrast",
        data="9 images of Usiigaci (T98G and 3T3 cells; Tsai et al. 2019, SoftwareX 9:230)",
        data_licence="MIT, (c) 2018 OIST",
        licence="MIT",
    ),
    "nuclei-tissue": kind(
        "nuclei-tissue",
        ["dsb2018_tissue"],
        RunConfig(
            model=ModelConfig(in_channels=3, classes=("nucleus",)), train=VARIED.replace(epochs=10)
        ),
        sample="tissue_rgb",
        description="Nuclei in stained tissue, in colour",
        data="58 images of BBBC038v1 (2018 Data Science Bowl, stage 1, stained tissue; "
        "Caicedo et al. 2019, Nature Methods 16:1247), labels corrected by lopuhin and others",
        **FREE,
    ),
}


def samples(of: Kind, data: Path) -> Iterator[Sample]:
    """Read both splits of all sets."""
    for folder, split in product(of.sets, ("train", "val")):
        truth = data / folder / "labels"
        for name in (data / folder / f"{split}.txt").read_text().split():
            image = tifffile.imread(data / folder / "images" / f"{name}.tif")
            image = np.moveaxis(image, -1, 0) if image.ndim > 2 else image[None]
            yield Sample(name, image, tifffile.imread(truth / f"{name}.tif"), split == "val")


def trained(folder: Path, given: Sequence[Sample], config: RunConfig) -> Run:
    """Train, or continue, and return the run."""
    if not folder.exists():
        create_run(folder, given, config)
    print(train(folder, report))
    return Run(folder)


def report(progress: Progress) -> None:
    """Print the figures of every epoch."""
    if "score" in progress.values:
        print(dict(progress.values), flush=True)


def halved(model: Model) -> Model:
    """Return a model with convolutions in half precision, as it is written to its file."""
    network = deepcopy(model.network)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            parameter.data = parameter.data.half()
    return replace(model, network=network)


def publish(run: Run, held_out: Sequence[Sample], sample: str, path: Path) -> None:
    """Write the model of the last epoch, with what was chosen and measured on held-out images."""
    model = load_model(run.last)
    save_model(halved(model), path)
    found = [segment(each.image, load_model(path), axes="CYX") for each in held_out]
    tried = [model.decode.replace(threshold=at, split=split) for at, split in TRIED]
    chosen = max(tried, key=lambda each: mean_ap(scores(found, held_out, each)))
    known = {"known": model.about["validation"]["known"]}
    noted = known | figures(found, held_out, chosen)
    about = {**model.about, "validation": noted}
    if sample:
        about["sample"] = on_sample(sample, replace(load_model(path), decode=chosen))
    save_model(halved(replace(model, decode=chosen, about=about)), path)
    print(chosen, noted)


def on_sample(name: str, model: Model) -> Mapping[str, float]:
    """Return the AP on a bundled picture."""
    image, truth = load_sample(name)
    found = segment(image.data, model, axes=image.axes).instances
    matchings = evaluate(found, truth.data, thresholds=REPORTED).matchings
    return {f"ap{100 * each.threshold:.0f}": round(each.ap, 3) for each in matchings}


def scores(
    found: Sequence[Segmentation], held_out: Sequence[Sample], decode: DecodeConfig
) -> Report:
    """Score the instances of all images together."""
    return pool(
        [
            evaluate(each.decoded(decode).instances, sample.labels, thresholds=REPORTED)
            for each, sample in zip(found, held_out, strict=True)
        ]
    )


def mean_ap(pooled: Report) -> float:
    """Return the mean AP over the thresholds."""
    return float(np.mean([pooled.at(at).ap for at in REPORTED]))


def figures(
    found: Sequence[Segmentation], held_out: Sequence[Sample], decode: DecodeConfig
) -> Mapping[str, object]:
    """Return what the model file says of its quality."""
    pooled = scores(found, held_out, decode)
    return {f"ap{100 * at:.0f}": round(pooled.at(at).ap, 3) for at in REPORTED} | {
        "ap": round(mean_ap(pooled), 3)
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    options = parser.parse_args()
    chosen, folder = KINDS[options.kind], options.run / options.kind
    given = list(samples(chosen, options.data))
    varied = trained(folder / "varied", given, chosen.config)
    calmly = CALM.replace(batch=chosen.config.train.batch)
    again = chosen.config.replace(train=calmly, start_from=str(varied.last))
    calm = trained(folder / "calm", given, again)
    held_out = [each for each in given if each.validation]
    publish(calm, held_out, chosen.sample, options.run / f"{options.kind}.safetensors")
