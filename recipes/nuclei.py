"""How the bundled model `nuclei` was made: ``python recipes/nuclei.py DATA RUN``.

DATA is a folder with ``images/NAME.tif``, ``labels/NAME.tif`` (the 447 training images of
StarDist's subset of the 2018 Data Science Bowl, BBBC038v1) and the splits ``train.txt`` and
``val.txt``, a NAME per line. Run again, it continues. ``RUN/best.safetensors`` is the model.
``--without border-weights`` and ``--without height`` leave a part away, for the ablation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import tifffile

from napari_unet.core.config import DecodeConfig, ModelConfig, TargetConfig, TrainConfig
from napari_unet.core.progress import Progress
from napari_unet.nn.run import RunConfig, Sample, create_run
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
    decode=DecodeConfig(min_size=25),
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
