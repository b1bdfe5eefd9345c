"""Time and peak memory of a process per size of image: 1, 4, 16, 64 and 256 megapixels.

Prints a table, and draws seconds per megapixel and peak megabytes over size into a picture.

    python benchmarks/per_megapixel.py --images FOLDER --out FOLDER [--plot FILE] [--size 16384]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from large_images import Measured, make_mosaic, run_child
from matplotlib.figure import Figure

SMALLEST = 1024


def draw(sizes: list[int], found: list[Measured], path: Path) -> None:
    """Draw two panels: both lines should be flat."""
    pixels = [size**2 / 2**20 for size in sizes]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    time, memory = figure.subplots(1, 2)
    time.plot(pixels, [one.seconds / size for one, size in zip(found, pixels, strict=True)], "o-")
    time.set_ylabel("seconds per megapixel")
    memory.plot(pixels, [one.megabytes for one in found], "o-")
    memory.set_ylabel("peak memory of the process (MB)")
    for axes in (time, memory):
        axes.set_xscale("log", base=4)
        axes.set_xticks(pixels, [f"{size:g}" for size in pixels])
        axes.set_xlabel("size of the image (megapixels)")
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Print the table and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of real grey images")
    parser.add_argument("--out", type=Path, required=True, help="folder to work in; a new one")
    parser.add_argument("--plot", type=Path, help="picture to write (PNG or SVG)")
    parser.add_argument("--size", type=int, default=16384, help="edge of the largest image")
    given = parser.parse_args()
    sizes, found = [], []
    size = SMALLEST
    print("| megapixels | seconds | seconds per megapixel | peak MB | objects |")
    print("|---:|---:|---:|---:|---:|")
    while size <= given.size:
        image = make_mosaic(given.images, given.out / f"mosaic{size}.zarr", size)
        took = run_child(image, given.out / "labels")
        assert took is not None
        sizes.append(size)
        found.append(took)
        pixels = size**2 / 2**20
        each = f"{took.seconds:.1f} | {took.seconds / pixels:.2f} | {took.megabytes:.0f}"
        print(f"| {pixels:g} | {each} | {took.objects} |", flush=True)
        size *= 2
    if given.plot:
        draw(sizes, found, given.plot)


if __name__ == "__main__":
    main()
