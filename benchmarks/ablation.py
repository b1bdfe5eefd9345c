"""What the border weights and the height are good for, on touching nuclei.

``python benchmarks/ablation.py DATA RUN...`` for runs of ``recipes/nuclei.py`` that were trained
alike, with and without them. Prints, on the validation images, AP, splits and merges, and the share
of the touching nuclei (another one within two pixels) that are found at an IoU of 0.5.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy import ndimage

from napari_unet import evaluate, load_model, pool, segment


def touching(labels: NDArray[np.integer]) -> NDArray[np.integer]:
    """Return the numbers of the objects that have another within two pixels."""
    largest = ndimage.maximum_filter(labels, 5)
    smallest = ndimage.minimum_filter(np.where(labels > 0, labels, labels.max() + 1), 5)
    near = (labels > 0) & ((largest != labels) | (smallest != labels))
    return np.unique(labels[near])


def found(prediction: NDArray[np.integer], truth: NDArray[np.integer], number: int) -> bool:
    """Return whether an object of the truth was found with an IoU of at least 0.5."""
    inside = truth == number
    hit = np.bincount(prediction[inside])
    hit[0] = 0
    best = int(hit.argmax())
    overlap = hit[best] / (inside.sum() + (prediction == best).sum() - hit[best])
    return bool(best and overlap >= 0.5)


if __name__ == "__main__":
    data, *runs = map(Path, sys.argv[1:])
    names = (data / "val.txt").read_text().split()
    print("| training | AP 0.5 | AP 0.8 | splits | merges | touching nuclei found |")
    for run in runs:
        model = load_model(run / "last.safetensors")
        reports, close = [], []
        for name in names:
            truth = tifffile.imread(data / "labels" / f"{name}.tif")
            result = segment(tifffile.imread(data / "images" / f"{name}.tif"), model).instances
            reports.append(evaluate(result, truth))
            close += [found(result, truth, number) for number in touching(truth).tolist()]
        pooled = pool(reports)
        figures = [pooled.at(0.5).ap, pooled.at(0.8).ap]
        shown = " | ".join(f"{figure:.3f}" for figure in figures)
        print(
            f"| {run.name} | {shown} | {pooled.splits} | {pooled.merges} | "
            f"{np.mean(close):.3f} of {len(close)} |",
            flush=True,
        )
