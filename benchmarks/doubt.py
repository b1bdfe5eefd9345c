"""The doubt of objects: how many wrong ones are among the first that it leads to.

``python benchmarks/doubt.py DATA SET:MODEL... [--images 24] [--first 100]``

DATA has a folder for each SET, with ``images``, ``labels`` and, where there is one, ``val.txt``, to
whose images it keeps. Wrong is an object that overlaps no true one with an IoU of at least 0.7. As
many objects are looked at as are wrong, or the first so many of the queue of proof-reading, in the
order of doubt and in that of size.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import Evidence, load_model, measure_objects, segment
from napari_unet.core.review.queue import Queue

LEAST = 0.7


def main() -> None:
    """Print a row for each set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--first", type=int, help="how many are looked at; as many as are wrong")
    options = parser.parse_args()
    print("| set | objects | wrong | looked at | by doubt | smallest first | by chance | AUC |")
    print("|---|---|---|---|---|---|---|---|")
    for name, _, model in (each.partition(":") for each in options.sets):
        wrong, doubt, size = judged(options.data / name, model, options.images)
        bad = np.count_nonzero(wrong)
        most = min(options.first or bad, len(wrong))
        rows = np.arange(len(wrong))
        queues = Queue.by(rows, doubt, doubt), Queue.by(rows, size, lowest_first=True)
        by_doubt, by_size = (wrong[list(queue.numbers[:most])].sum() for queue in queues)
        chance = round(most * bad / len(wrong))
        cells = (name, len(wrong), bad, most, by_doubt, by_size, chance)
        print("|", *(f"{cell} |" for cell in cells), f"{area(doubt, wrong):.3f} |")


def judged(folder: Path, model: str, images: int) -> tuple[NDArray[np.bool_], ...]:
    """Segment the images of a set; return of each object if it is wrong, its doubt and size."""
    found, loaded = [], load_model(model)
    for image, truth in pictures(folder, images):
        result = segment(image, loaded, axes="YXC" if image.ndim > 2 else "YX")
        table = measure_objects(result.instances, evidence=Evidence.of(result))
        found.append((best_iou(result.instances, truth) < LEAST, table["doubt"], table["pixels"]))
    return tuple(map(np.concatenate, zip(*found, strict=True)))


def pictures(folder: Path, most: int) -> Iterator[tuple[NDArray[np.generic], NDArray[np.int64]]]:
    files = {file.stem: file for file in sorted((folder / "images").iterdir())}
    split = folder / "val.txt"
    names = [Path(each).stem for each in split.read_text().split()] if split.exists() else files
    for name in list(names)[:most]:
        labels = next((folder / "labels").glob(f"{name}.*"))
        yield tifffile.imread(files[name]), tifffile.imread(labels).astype(np.int64)


def best_iou(labels: NDArray[np.integer], truth: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return with which IoU each object overlaps a true one at best."""
    shape = int(labels.max()) + 1, int(truth.max()) + 1
    both = np.zeros(shape)
    np.add.at(both, (labels.ravel(), truth.ravel()), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / np.maximum(either, 1))[1:, 1:].max(axis=1, initial=0)


def area(score: NDArray[np.float64], wrong: NDArray[np.bool_]) -> float:
    """Return the chance that a wrong object has a higher score than a right one."""
    rank = np.argsort(np.argsort(score))
    bad, good = np.count_nonzero(wrong), np.count_nonzero(~wrong)
    return float((rank[wrong].sum() - bad * (bad - 1) / 2) / (bad * good))


if __name__ == "__main__":
    main()
