"""Two worker processes of one thread each against one, on a mosaic of real images.

Prints the megapixels per second of both, measured from the first task to the last, and their ratio
(at least 1.7 on two idle cores).

    python benchmarks/workers.py --images FOLDER --out FOLDER [--size 8192]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from distributed import Client, LocalCluster
from large_images import make_mosaic

from napari_unet import SegmentRequest, drive, read_zarr, segment_large_steps


def warm_up() -> None:
    """Load what a worker loads for its first task."""
    import napari_unet.scale.large.cluster  # noqa: F401, PLC0415


def seconds(image: Path, out: Path, count: int) -> float:
    """Return how long a number of workers takes, without their start."""
    with (
        LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        client.run(warm_up)
        start = time.perf_counter()
        request, folder = SegmentRequest(axes="YX"), out / f"workers{count}"
        drive(segment_large_steps(read_zarr(image), "nuclei", folder, request, client=client))
        return time.perf_counter() - start


def main() -> None:
    """Print both and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of real grey images")
    parser.add_argument("--out", type=Path, required=True, help="folder to work in; a new one")
    parser.add_argument("--size", type=int, default=8192)
    given = parser.parse_args()
    image = make_mosaic(given.images, given.out / f"mosaic{given.size}.zarr", given.size)
    took = {}
    for count in (1, 2):
        took[count] = seconds(image, given.out, count)
        rate = given.size**2 / 1e6 / took[count]
        print(f"{count} worker(s): {took[count]:.1f} s, {rate:.2f} megapixels per second")
    print(f"ratio {took[1] / took[2]:.2f} (at least 1.7)")


if __name__ == "__main__":
    main()
