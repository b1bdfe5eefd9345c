"""How long each export takes for 2,000, 20,000 and 200,000 objects, and whether one is quadratic.

    python benchmarks/export.py [OBJECTS ...] [--formats roi,coco]

Each format runs in a process of its own, so that its peak of memory is its own, too. Ten times the
objects lie on ten times the pixels: 200,000 on 16,384 x 16,384. The last column is the time per
object against that of the first row, where 1 means that time grows as the objects do.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from napari_unet.core.instances.outlines import outlines
from napari_unet.core.progress import drive
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.exchange.formats import FORMATS

OBJECTS = (2_000, 20_000, 200_000)
LARGEST = 16_384
KB_PER_GB = 2**20


def discs(count: int) -> np.ndarray:
    """Discs of about 30 px that fill a third of the plane, uint32."""
    side = round(LARGEST * (count / OBJECTS[-1]) ** 0.5)
    across = int(np.ceil(count**0.5))
    step = side // across
    y, x = np.indices((step, step)) - step / 2
    disc = y**2 + x**2 < (0.36 * step) ** 2
    labels = np.zeros((side, side), np.uint32)
    for number in range(count):
        row, column = (place * step for place in divmod(number, across))
        labels[row : row + step, column : column + step][disc] = number + 1
    return labels


def one(word: str, count: int) -> None:
    labels = discs(count)
    start, used = time.perf_counter(), time.process_time()
    size = 0
    if word == "outlines":
        size = outlines(labels).points.nbytes
    else:
        with tempfile.TemporaryDirectory() as folder:
            content = Content(labels, "YX", "discs", spacing=(0.5, 0.5), unit="µm")
            drive(export_steps(Export(content, [word], Path(folder))))
            size = sum(file.stat().st_size for file in Path(folder).rglob("*"))
    figures = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - used,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KB_PER_GB,
        "size": size / 1e6,
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("objects", nargs="*", type=int, default=OBJECTS)
    parser.add_argument("--formats", default=",".join(["outlines", *FORMATS]))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one, arguments.objects[0])
        return
    heads = ("objects", "seconds", "CPU", "GB", "MB file", "ratio")
    widths = (10, 10, 8, 7, 9, 7)
    print(
        "format    ",
        *(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)),
        sep="",
    )
    for word in arguments.formats.split(","):
        first = None
        for count in arguments.objects:
            command = [sys.executable, __file__, "--one", word, str(count)]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found = json.loads(told)
            each = found["cpu"] / count
            first = first or each
            print(
                f"{word:10}{count:10,}{found['seconds']:10.1f}{found['cpu']:8.1f}"
                f"{found['peak']:7.2f}{found['size']:9.1f}{each / first:7.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
