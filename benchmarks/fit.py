"""Whether models are told to fit the images they fit, and not the others.

``python benchmarks/fit.py DATA [--every 1] MODEL [MODEL ...]``

DATA holds folders with ``images``. Each model meets the images of each folder, as they are and with
dark and bright exchanged; a quick look says whether its labels may be wrong. A model of one channel
sees the mean of colours, a model of three sees grey three times. The table has how often it says
so, of how many images, and between which doubts (it says so above 1.25).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import GreyConfig, Model, SegmentRequest, UserError, drive, load_model
from napari_unet.core.decoding.fit import Fit
from napari_unet.nn.prediction.fit import fit_steps


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--every", type=int, default=1, help="take each so many-th image only")
    options = parser.parse_args()
    print("| model | images | doubted as they are | doubts | exchanged | doubts |")
    print("|---|---|---|---|---|---|")
    for model in map(load_model, options.models):
        for folder in sorted(options.data.glob("*/images")):
            files = sorted(folder.glob("*.tif"))[:: options.every]
            told = [in_words(fits(model, files, invert)) for invert in (False, True)]
            if all(told):
                print(f"| {model.name} | {folder.parent.name} | {' | '.join(told)} |", flush=True)


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
