"""How the bundled models but `nuclei` were made: ``python recipes/models.py KIND DATA RUN``.

DATA holds a folder for each set that a kind learns from, as `sets` reads them. There are two
trainings, in ``RUN/KIND/varied`` and ``RUN/KIND/calm``: the second goes on from the first on less
varied images. Run again, it continues. Threshold and split are then chosen on the images held out,
and ``RUN/KIND.safetensors`` is the model, its convolutions in half precision, with its figures on
them as the program gives them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path

import numpy as np
from empty_ground import empty_samples
from sets import DIAMETER, Source, at_size, factor, samples
from slides import slides
from training import trained

from napari_unet import (
    ClassReport,
    DecodeConfig,
    Model,
    ModelConfig,
    Report,
    Run,
    RunConfig,
    Sample,
    Segmentation,
    TargetConfig,
    TrainConfig,
    evaluate,
    evaluate_classes,
    load_model,
    load_sample,
    pool,
    save_model,
    segment,
)
from napari_unet.core.decoding.known import Known

VARIED = TrainConfig(epochs=25, steps=150, zoom=1.5)
CALM = {
    "epochs": 4,
    "learning_rate": 6e-4,
    "zoom": 1.2,
    "elastic": 3.0,
    "noise": 0.04,
    "blur": 0.5,
    "seed": 2,
}
TRIED = tuple(product((0.3, 0.4, 0.5, 0.6), (0.1, 0.15, 0.2, 0.3, 0.4)))
"""Thresholds and splits."""
EDGE = {2: 256, 3: 64}
"""Of fields without any object, in px, by number of axes."""
REPORTED = (0.5, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Kind:
    """What a model learns from, and how.

    Parameters
    ----------
    sources
        What it learns from.
    config
        Of the first training.
    sample
        The bundled sample of this kind, which nothing is learnt from; empty where there is none.
    sized
        Whether images are brought to the size of its objects; not where objects lie in others, for
        the quick pass then measures now these, now those.
    empty
        How many fields without any object the second training learns from, too.
    """

    sources: tuple[Source, ...]
    config: RunConfig
    sample: str = ""
    sized: bool = True
    empty: int = 0


def kind(
    name: str,
    sources: Sequence[Source],
    config: RunConfig,
    sample: str = "",
    sized: bool = True,
    empty: int = 0,
    **about: str,
) -> Kind:
    """Return a kind of which the model file says what it is for, and of what data it is."""
    told = about | {"recipe": "recipes/models.py"}
    return Kind(tuple(sources), config.replace(name=name, about=told), sample, sized, empty)


def general(
    folder: str, truth: str = "objects", scale: float | None = None, every: int = 1, often: int = 1
) -> Source:
    """Return a set as the model that sees all kinds learns from it."""
    return Source(folder, truth, scale, often, grey=True, every=every)


FREE = {"data_licence": "CC0 1.0", "licence": "CC0 1.0"}
KINDS = {
    "cells-phase": kind(
        "cells-phase",
        [Source("usiigaci_pc")],
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
        [Source("dsb2018_tissue", glass=True)],
        RunConfig(
            model=ModelConfig(in_channels=3, classes=("nucleus",)), train=VARIED.replace(epochs=24)
        ),
        sample="tissue_rgb",
        description="Nuclei in stained tissue, in colour",
        data="58 images of BBBC038v1 (2018 Data Science Bowl, stage 1, stained tissue; "
        "Caicedo et al. 2019, Nature Methods 16:1247), labels corrected by lopuhin and others",
        **FREE,
    ),
    "nuclei-3d": kind(
        "nuclei-3d",
        [Source("bbbc050"), Source("gonuclear3d", often=8)],
        RunConfig(
            model=ModelConfig(ndim=3, depth=3, classes=("nucleus",)),
            targets=TargetConfig(spacing=(1.2, 1.0, 1.0)),
            train=VARIED.replace(epochs=16, steps=300, batch=2, patch=48, elastic=3.0),
        ),
        sample="nuclei3d",
        empty=24,
        description="Nuclei in 3D fluorescence microscopy",
        data="33 volumes of BBBC050v1 (mouse embryos; Tokuoka et al. 2020, npj Systems Biology and "
        "Applications 6:32) and a part of one of GoNuclear (ovule of Arabidopsis; Vijayan et al. "
        "2024, Development 151:dev202800)",
        **FREE,
    ),
    "axons-em": kind(
        "axons-em",
        [Source("axon_tem", "fibres", 0.5), Source("axon_sem", "fibres")],
        RunConfig(
            model=ModelConfig(classes=("axon", "myelin")), train=VARIED.replace(epochs=6, batch=6)
        ),
        sized=False,
        description="Axons and their myelin in electron microscopy of nerves",
        data="13 images of TEM (AxonDeepSeg, srf_testing) and 6 of SEM (Zaimi et al. 2018, "
        "Scientific Reports 8:3816)",
        data_licence="MIT, (c) 2020 ivadomed, (c) 2025 AxonDeepSeg",
        licence="MIT",
    ),
    "neurites": kind(
        "neurites",
        [Source("pfc_neurons", "classes")],
        RunConfig(
            model=ModelConfig(classes=("neuron",), height=False),
            semantic=True,
            train=VARIED.replace(epochs=5, batch=6),
        ),
        sample="neuron",
        description="Neurons with thin neurites in bright field",
        data="40 images of living pyramidal neurons of the rat's prefrontal cortex "
        "(Erendiravp/pfc-pn-microscopy-dataset), at half their size",
        **FREE,
    ),
    "cells": kind(
        "cells",
        [
            general("dsb2018_fluo", every=8),
            general("bbbc039", every=8),
            general("bbbc050", every=2),
            general("gonuclear3d"),
            general("dsb2018_tissue", every=2),
            general("usiigaci_pc", often=3),
            general("axon_tem", "axons"),
            general("axon_sem", "axons"),
            general("pfc_neurons", "parts", scale=0.5, every=2),
        ],
        RunConfig(
            model=ModelConfig(classes=("object",)),
            train=VARIED.replace(epochs=10, patch=144, intensity=0.5),
        ),
        description="Objects of any kind, in grey: where no other model fits, and to learn from",
        data="160 images and planes of all the sets that the other bundled models learn from",
        data_licence="CC0 1.0; MIT, (c) 2018 OIST, (c) 2020 ivadomed, (c) 2025 AxonDeepSeg",
        licence="MIT",
    ),
}


def without(of: Kind, folders: Sequence[str]) -> Kind:
    """Return a kind that learns nothing of some folders of DATA."""
    return replace(of, sources=tuple(each for each in of.sources if each.folder not in folders))


def repeated(given: Sequence[Sample], often: int) -> Iterator[Sample]:
    """Yield samples, and those that are learnt from several times."""
    for number in range(often):
        for each in given:
            if not number or not each.validation:
                yield replace(each, name=f"{each.name} {number}" if number else each.name)


def halved(model: Model) -> Model:
    """Return a model with convolutions in half precision, as it is written to its file."""
    network = deepcopy(model.network)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            parameter.data = parameter.data.half()
    return replace(model, network=network)


def publish(run: Run, held_out: Sequence[Sample], of: Kind, path: Path) -> None:
    """Write the model of the last epoch, with what was chosen and measured on held-out images."""
    model = load_model(run.last)
    if not of.sized:
        model = replace(model, sizes=replace(model.sizes, object=None, spread=None))
    elif any(source.scale is None for source in of.sources):
        # all were brought to one size, but what hangs together in neurites has none
        seen = replace(model.sizes, object=DIAMETER, spread=(DIAMETER, DIAMETER))
        model = replace(model, sizes=seen)
    save_model(halved(model), path)
    axes = "CZYX" if model.config.ndim == 3 else "CYX"
    found = [segment(each.image, load_model(path), axes=axes) for each in held_out]
    chosen = model.decode
    if model.config.height:
        tried = [chosen.replace(threshold=at, split=split) for at, split in TRIED]
        chosen = max(tried, key=lambda each: mean_ap(scores(found, held_out, each)))
    known = {"known": model.about["validation"]["known"]}
    if any(source.glass for source in of.sources):
        known = known_with_glass(found, held_out, load_model(path))
    noted = known | figures(found, held_out, chosen)
    about = {**model.about, "validation": noted}
    if of.sample:
        about["sample"] = on_sample(of.sample, replace(load_model(path), decode=chosen))
    save_model(halved(replace(model, decode=chosen, about=about)), path)
    print(chosen, noted, about.get("sample"))


def known_with_glass(
    found: Sequence[Segmentation], held_out: Sequence[Sample], model: Model
) -> Mapping[str, object]:
    """Return what is usual, of the images held out and of the same with clear glass."""
    shown = slides([replace(each, validation=False) for each in held_out], seed=0)
    more = [segment(each.image, model, axes="CYX").seen for each in shown]
    return Known.of([*(each.seen for each in found), *more]).to_dict()


def on_sample(name: str, model: Model) -> Mapping[str, float]:
    """Return the AP on a bundled picture, or the Dice."""
    image, truth = load_sample(name)
    found = segment(image.data, model, axes=image.axes)
    if found.height is None:
        report = evaluate_classes(found.semantic, truth.data, len(found.probabilities))
        return {"dice": round(report.dice[1] or 0.0, 3)}
    matchings = evaluate(found.instances, truth.data, thresholds=REPORTED).matchings
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
) -> dict[str, object]:
    """Return what the model file says of its quality."""
    if found[0].height is None:
        return {"dice": pool(class_reports(found, held_out)).dice}
    pooled = scores(found, held_out, decode)
    return {f"ap{100 * at:.0f}": round(pooled.at(at).ap, 3) for at in REPORTED} | {
        "ap": round(mean_ap(pooled), 3)
    }


def class_reports(found: Sequence[Segmentation], held_out: Sequence[Sample]) -> list[ClassReport]:
    """Score the classes of each image."""
    return [
        evaluate_classes(each.semantic, sample.labels, len(each.probabilities))
        for each, sample in zip(found, held_out, strict=True)
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--without", nargs="+", default=[], help="folders that are left out")
    parser.add_argument("--epochs", type=int, help="length of the first training")
    options = parser.parse_args()
    chosen, folder = KINDS[options.kind], options.run / options.kind
    chosen = without(chosen, options.without)
    if options.epochs:
        first = chosen.config.train.replace(epochs=options.epochs)
        chosen = replace(chosen, config=chosen.config.replace(train=first))
    own_size = {source: list(samples(source, options.data)) for source in chosen.sources}
    given = {
        source: [at_size(each, factor(each, source)) for each in found]
        for source, found in own_size.items()
    }
    for source, found in given.items():
        found.extend(slides([*found], seed=0) if source.glass else ())
    varied = trained(folder / "varied", [*chain(*given.values())], chosen.config)
    calmly = chosen.config.train.replace(**CALM)
    again = chosen.config.replace(train=calmly, start_from=str(varied.last))
    often = (each for source in given for each in repeated(given[source], source.often))
    shape = (EDGE[again.model.ndim],) * again.model.ndim
    nothing = empty_samples(chosen.empty, shape, seed=0)
    calm = trained(folder / "calm", [*often, *nothing], again)
    held_out = [each for each in chain(*own_size.values()) if each.validation]
    publish(calm, held_out, chosen, options.run / f"{options.kind}.safetensors")
