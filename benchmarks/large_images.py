"""What the benchmarks of large images share: a mosaic of real images, and measured child processes.

Run as a program, it segments one zarr folder, tells its progress line by line, and at the end the
seconds and the peak memory of its process.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zarr

from napari_unet import (
    Progress,
    SegmentRequest,
    drive,
    image_files,
    read_image,
    read_zarr,
    segment_large_steps,
)

TILE = 256


def make_mosaic(images: Path, path: Path, size: int) -> Path:
    """Lay real grey images side by side, in an order drawn with a fixed seed.

    Parameters
    ----------
    images
        Folder of images of at least 256 x 256 pixels, of which the corners are taken.
    path
        The zarr folder to make; kept if it is there.
    size
        Edge of the mosaic.
    """
    if path.exists():
        return path
    tiles = [_grey(read_image(file).data) for file in image_files([images])]
    tiles = [tile[:TILE, :TILE] for tile in tiles if min(tile.shape) >= TILE]
    rng = np.random.default_rng(0)
    chunk = min(size, 1024)
    array = zarr.create_array(path, shape=(size, size), chunks=(chunk, chunk), dtype="uint8")
    for top in range(0, size, chunk):
        rows = [
            np.concatenate([tiles[i] for i in rng.integers(len(tiles), size=-(-size // TILE))], 1)
            for _ in range(0, chunk, TILE)
        ]
        array[top : top + chunk] = np.concatenate(rows)[:chunk, :size]
    return path


def _grey(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 2 else image[..., :3].mean(axis=-1).astype(np.uint8)


@dataclass(frozen=True)
class Measured:
    """What a child process took: seconds, peak memory in MB, and how many objects it found."""

    seconds: float
    megabytes: float
    objects: int


def run_child(image: Path, out: Path, kill_at: str = "") -> Measured | None:
    """Segment in a process of its own; kill it as soon as it tells a certain line.

    Parameters
    ----------
    image
        The zarr folder.
    out
        Folder for the results.
    kill_at
        A line of its progress, such as ``"segmenting 12"``; empty to let it end.

    Returns
    -------
    What it took, or None if it was killed.
    """
    command = [sys.executable, __file__, str(image), str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        last = ""
        for line in child.stdout or ():
            last = line.strip()
            if kill_at and last == kill_at:
                os.kill(child.pid, signal.SIGKILL)
                return None
    if child.returncode:
        raise SystemExit(f"The child failed: {last}")
    seconds, megabytes, objects = last.split()
    return Measured(float(seconds), float(megabytes), int(objects))


def differing(one: Path, other: Path) -> int:
    """Return how many pixels differ between the finest levels of two label images."""
    first, second = (read_zarr(path).data for path in (one, other))
    return sum(int((first[cut] != second[cut]).sum()) for cut in _rows(first.shape[0]))


def _rows(size: int) -> Iterator[slice]:
    return (slice(start, start + 1024) for start in range(0, size, 1024))


def _tell(progress: Progress) -> None:
    print(progress.stage, progress.done, flush=True)


def main() -> None:
    """Segment one zarr folder and tell what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    start = time.perf_counter()
    request = SegmentRequest(axes="YX")
    steps = segment_large_steps(read_zarr(given.image), "nuclei", given.out, request)
    result = drive(steps, _tell)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{seconds:.2f} {peak:.0f} {result.objects}")


if __name__ == "__main__":
    main()
