"""How the bundled model `nuclei` was made: ``python recipes/nuclei.py DATA RUN``.

DATA is a folder with ``images/NAME.tif``, ``labels/NAME.tif`` (the 447 training images of
StarDist's subset of the 2018 Data Science Bowl, BBBC038v1) and the splits ``train.txt`` and
``val.txt``, a NAME per line. Run again, it continues. ``RUN/nuclei.safetensors`` is the
model of the last epoch with its score on the bundled sample, which it has not learnt from.
``--without border-weights`` and ``--without height`` leave a part away, for the ablation.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import tifffile

from napari_unet.core.config import DecodeConfig, ModelConfig, TargetConfig, TrainConfig
from napari_unet.core.metrics import evaluate
from napari_unet.core.progress import Progress
from napari_unet.core.report import pool
from napari_unet.io.samples import load_sample
from napari_unet.nn.model import load_model, save_model
from napari_unet.nn.run import Run, RunConfig, Sample, create_run
from napari_unet.nn.segment import segment
from napari_unet.nn.train import train

ABOUT = {
    "description": "Nuclei in 2D fluorescence microscopy",
    "data": "396 images of BBBC038v1 (2018 Data Science Bowl, stage 1, fluorescence; "
    "Caicedo et al. 2019, Nature Methods 16:1247), in StarDist's selection",
    "data_licence": "CC0 1.0",
    "licence": "CC0 1.0",
    "recipe": "recipes/nuclei.py",
}
CONFIG = RunConfig(
    model=ModelConfig(classes=("nucleus",)),
    decode=DecodeConfig(threshold=0.4, split=0.25, min_size=25),
    train=TrainConfig(epochs=30, steps=200, zoom=1.5),
    name="nuclei",
    about=ABOUT,
)
WITHOUT = {
    "nothing": CONFIG,
    "border-weights": CONFIG.replace(targets=TargetConfig(border="none")),
    "height": CONFIG.replace(model=CONFIG.model.replace(height=False)),
}


def samples(data: Path) -> list[Sample]:
    """Read both splits."""
    return [
        Sample(
            name,
            tifffile.imread(data / "images" / f"{name}.tif")[None],
            tifffile.imread(data / "labels" / f"{name}.tif"),
            validation=split == "val",
        )
        for split in ("train", "val")
        for name in (data / f"{split}.txt").read_text().split()
    ]


def publish(run: Run) -> None:
    """Write the model of the last epoch with its figures."""
    model = load_model(run.last)
    images, truth = (picture.data for picture in load_sample("nuclei2d"))
    found = segment(images, model).instances
    pooled = pool([evaluate(one, other) for one, other in zip(found, truth, strict=True)])
    figures = {
        "sample": {
            f"ap{matching.threshold * 100:.0f}": matching.ap for matching in pooled.matchings
        }
    }
    save_model(replace(model, about={**model.about, **figures}), run.folder / "nuclei.safetensors")


def report(progress: Progress) -> None:
    """Print the figures of every epoch."""
    if "score" in progress.values:
        print(dict(progress.values), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--without", choices=WITHOUT, default="nothing")
    parser.add_argument("--epochs", type=int, default=CONFIG.train.epochs)
    options = parser.parse_args()
    if not options.run.exists():
        config = WITHOUT[options.without]
        config = config.replace(train=config.train.replace(epochs=options.epochs))
        create_run(options.run, samples(options.data), config)
    print(train(options.run, report))
    publish(Run(options.run))
