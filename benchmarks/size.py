"""How matching sizes helps images that are smaller or larger than what a model was trained on.

``python benchmarks/size.py IMAGES LABELS [--names FILE] [--model M] [--factors 0.5 1 2.5]``

Every image and its labels are brought to each factor of their size; then the image is segmented as
it is, with its size matched automatically, with its objects matched in any case (their size is
estimated by the quick pass), and with its pixels matched (each image is said to have pixels of
1 µm at factor 1, and so is the model).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_unet import Model, SizeConfig, evaluate, find_pairs, load_model, pool, segment
from napari_unet.core.image.resample import resampled

MATCHES = ("off", "automatic", "object size", "pixel size")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--names", type=Path, help="a file with the names to take, one per line")
    parser.add_argument("--model", default="nuclei")
    parser.add_argument("--factors", type=float, nargs="+", default=[0.5, 1.0, 2.5])
    arguments = parser.parse_args()
    model = load_model(arguments.model)
    sizes = replace(model.sizes, pixel=(1.0,) * model.config.ndim)
    names = arguments.names and arguments.names.read_text().split()
    pairs = find_pairs(arguments.images, arguments.labels, names).pairs
    print(f"| size of the image | {' | '.join(f'AP, {match}' for match in MATCHES)} | seconds |")
    print("|---" * (len(MATCHES) + 2) + "|")
    for factor in arguments.factors:
        scores, seconds = zip(
            *(score(pairs, replace(model, sizes=sizes), factor, match) for match in MATCHES),
            strict=True,
        )
        told = " | ".join(f"{each:.3f}" for each in scores)
        print(f"| {factor:g} x | {told} | {', '.join(f'{each:.0f}' for each in seconds)} |")


def score(pairs: Any, model: Model, factor: float, match: str) -> tuple[float, float]:
    """Return the pooled AP at an IoU of 0.5, and the seconds that segmenting took."""
    found, seconds = [], 0.0
    for pair in pairs:
        shape = [round(length * factor) for length in pair.labels.shape]
        image = resampled(pair.image, shape)
        start = time.perf_counter()
        result = segment(
            image,
            model,
            axes="C" + "ZYX"[-model.config.ndim :],
            spacing=(1 / factor,) * model.config.ndim,
            size=SizeConfig(match=match),
        )
        seconds += time.perf_counter() - start
        found.append(evaluate(result.instances, nearest(pair.labels, shape)))
    return pool(found).at(0.5).ap, seconds


def nearest(labels: np.ndarray, shape: list[int]) -> np.ndarray:
    """Return labels at another size."""
    places = [
        ((np.arange(new) + 0.5) * old / new).astype(int)
        for old, new in zip(labels.shape, shape, strict=True)
    ]
    return labels[np.ix_(*places)]


if __name__ == "__main__":
    main()
