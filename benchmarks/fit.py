"""Whether models are told to fit the images they fit, and not the others.

``python benchmarks/fit.py DATA [--every 1] [MODEL ...]``

Without a MODEL, all that are bundled. DATA holds folders with ``images``. Each model meets the
images of each folder, as they are and with dark and bright exchanged; a quick look says whether its
labels may be wrong. A model of one channel sees the mean of colours, a model of three sees grey
three times. The table has how often it says so, of how many images, and between which doubts (it
says so above 1.25). A second table has what *Auto* takes, of the bundled models, and how often that
is doubted.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import GreyConfig, Model, SegmentRequest, UserError, drive, load_model
from napari_unet.core.decoding.fit import Fit
from napari_unet.nn.prediction.best_model import best_model_steps
from napari_unet.nn.prediction.fit import fit_steps
from napari_unet.storage.model_header import bundled_models


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("models", nargs="*", default=list(bundled_models()))
    parser.add_argument("--every", type=int, default=1, help="take each so many-th image only")
    options = parser.parse_args()
    print("| model | images | doubted as they are | doubts | exchanged | doubts |")
    print("|---|---|---|---|---|---|")
    for model in map(load_model, options.models):
        for folder, files in images(options):
            told = [in_words(fits(model, files, invert)) for invert in (False, True)]
            if all(told):
                print(f"| {model.name} | {folder} | {' | '.join(told)} |", flush=True)
    print("\n| images | Auto takes (doubted) |\n|---|---|")
    for folder, files in images(options):
        print(f"| {folder} | {', '.join(taken(files))} |", flush=True)


def images(options: argparse.Namespace) -> Iterator[tuple[str, list[Path]]]:
    """Yield the name of each folder and its images."""
    for folder in sorted(options.data.glob("*/images")):
        yield folder.parent.name, sorted(folder.glob("*.tif"))[:: options.every]


def taken(files: list[Path]) -> list[str]:
    """Say which model is taken for how many of the images, and how many of these are doubted."""
    counts, doubted = Counter[str](), Counter[str]()
    for file in files:
        image = tifffile.imread(file)
        colour = image.ndim == 3 and image.shape[-1] == 3
        axes = "YXC" if colour else "ZYX"[-image.ndim :]
        try:
            best = drive(best_model_steps(image, SegmentRequest(axes=axes)))
        except UserError:
            continue
        counts[best.name] += 1
        doubted[best.name] += bool(best.fit.told)
    return [f"{name} {count} ({doubted[name]})" for name, count in counts.items()]


def fits(model: Model, files: list[Path], invert: bool) -> list[Fit]:
    """Return how well a model fits each image; those are left out that it cannot see."""
    found = []
    for file in files:
        image, spatial = seen_by(model, tifffile.imread(file)), "ZYX"[-model.config.ndim :]
        request = SegmentRequest(axes=f"C{spatial}", grey=GreyConfig(invert=invert))
        try:
            found.append(drive(fit_steps(image, model, request)))
        except UserError:
            continue
    return found


def seen_by(model: Model, image: NDArray[np.generic]) -> NDArray[np.generic]:
    """Return an image, ``(C, *spatial)``, with as many channels as a model takes."""
    colour = image.ndim == 3 and image.shape[-1] in (3, 4)
    planes = np.moveaxis(image[..., :3], -1, 0) if colour else image[np.newaxis]
    if model.config.in_channels == 1:
        return planes.mean(0, keepdims=True).astype(image.dtype)
    return planes if colour else planes.repeat(model.config.in_channels, 0)


def in_words(found: list[Fit]) -> str:
    """Return two cells of the table: how many are doubted, and between which doubts."""
    doubts = [each.doubts for each in found]
    told = sum(bool(each.told) for each in found)
    return f"{told} of {len(found)} | {min(doubts):.1f} to {max(doubts):.1f}" if found else ""


if __name__ == "__main__":
    main()
