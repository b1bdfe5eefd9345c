"""How far labels move in bfloat16, and between two machines in float32.

``python benchmarks/precision.py IMAGES``

IMAGES is a folder of single planes. Each way of computing segments them in a process of its own;
the table compares its labels with those of float32 with all that this processor can do. The second
way stands for an older machine: instructions above AVX2 are not used.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_unet import TileConfig, evaluate, pool, segment

OLDER = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
WAYS = {
    "float32": ("float32", {}),
    "float32, AVX2": ("float32", OLDER),
    "bfloat16": ("bfloat16", {}),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("PRECISION", "OUT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        write(options.images, options.one[0], Path(options.one[1]))
        return
    print("| computed in | time | images alike | pixels moved | objects | AP at 0.5 and 0.9 |")
    print("|---|---|---|---|---|---|")
    found = {name: labels(options.images, *way) for name, way in WAYS.items()}
    exact, seconds = found["float32"]
    for name, (other, taken) in found.items():
        print(f"| {name} | {taken / seconds:.2f} | {in_words(exact, other)} |")


def labels(
    images: Path, precision: str, variables: dict[str, str]
) -> tuple[list[NDArray[np.int32]], float]:
    """Segment in a process with some environment variables; return labels and seconds of CPU."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "labels.npz"
        one = [sys.executable, __file__, str(images), "--one", precision, str(out)]
        subprocess.run(one, env=os.environ | variables, check=True)
        with np.load(out) as found:
            return [found[name] for name in found.files if name != "seconds"], float(
                found["seconds"]
            )


def write(images: Path, precision: str, out: Path) -> None:
    """Segment all images and write their labels, and how much CPU time that took."""
    pictures = [tifffile.imread(file) for file in sorted(images.glob("*.tif"))]
    tiles = TileConfig(precision=precision)
    segment(pictures[0], axes="YX", tiles=tiles)  # what is loaded on first use does not count
    begun = time.process_time()
    found = [segment(each, axes="YX", tiles=tiles).instances for each in pictures]
    seconds = time.process_time() - begun
    np.savez_compressed(out, *found, seconds=seconds)


def in_words(exact: list[NDArray[np.int32]], other: list[NDArray[np.int32]]) -> str:
    """Return cells of the table: how far labels are from those that are compared with."""
    pairs = list(zip(exact, other, strict=True))
    alike = sum(np.array_equal(one, two) for one, two in pairs)
    moved = sum(int(((one > 0) != (two > 0)).sum()) for one, two in pairs)
    pixels = sum(int((one > 0).sum()) for one in exact)
    pooled = pool([evaluate(two, one) for one, two in pairs])
    scores = " and ".join(f"{pooled.at(at).ap:.4f}" for at in (0.5, 0.9))
    counts = f"{pooled.predicted} of {pooled.truth}"
    return f"{alike} of {len(pairs)} | {moved} of {pixels} | {counts} | {scores}"


if __name__ == "__main__":
    main()
