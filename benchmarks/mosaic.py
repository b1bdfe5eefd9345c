"""A mosaic of real images of 16,384 x 16,384 pixels: memory, a kill in the middle, a lost worker.

Prints the peak memory of the process for the mosaic and for one of half the edge; whether a job
that was killed with SIGKILL in the middle and continued has the same labels; and whether a
dask.distributed cluster of two local workers, one of which is killed on the way, has them, too.

    python benchmarks/mosaic.py --images FOLDER --out FOLDER [--size 16384]
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path

from distributed import Client, LocalCluster
from large_images import differing, make_mosaic, run_child

from napari_unet import Progress, SegmentRequest, drive, read_zarr, segment_large_steps


def on_cluster(image: Path, out: Path, middle: int) -> tuple[float, int]:
    """Segment on two workers of one thread, kill one in the middle; return seconds and objects."""
    start = time.perf_counter()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        killed: list[int] = []

        def kill_one(progress: Progress) -> None:
            if not killed and progress.stage == "segmenting" and progress.done >= middle:
                killed.append(client.submit(os.getpid, pure=False).result())
                os.kill(killed[0], signal.SIGKILL)
                print(f"  killed worker {killed[0]} after {progress.done} blocks", flush=True)

        request = SegmentRequest(axes="YX")
        steps = segment_large_steps(read_zarr(image), "nuclei", out, request, client=client)
        result = drive(steps, kill_one)
    return time.perf_counter() - start, result.objects


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True, help="folder of real grey images")
    parser.add_argument("--out", type=Path, required=True, help="folder to work in; a new one")
    parser.add_argument("--size", type=int, default=16384)
    given = parser.parse_args()
    peaks, images = [], []
    for size in (given.size // 2, given.size):
        images.append(make_mosaic(given.images, given.out / f"mosaic{size}.zarr", size))
        took = run_child(images[-1], given.out / "whole")
        assert took is not None
        peaks.append(took.megabytes)
        print(
            f"{size} x {size}: {took.seconds:.0f} s, peak memory {took.megabytes:.0f} MB, "
            f"{took.objects} objects",
            flush=True,
        )
    print(f"peak memory, large against half the edge: {peaks[1] / peaks[0]:.3f} (at most 1.15)")
    name, middle = images[1].stem, (given.size // 1024) ** 2 // 2
    for stage in ("segmenting", "finding objects", "writing objects"):
        if run_child(images[1], given.out / "killed", f"{stage} {middle}") is not None:
            raise SystemExit(f"It ended before it was killed: {given.out} was used before.")
        print(f"killed while {stage}, after {middle} blocks", flush=True)
    run_child(images[1], given.out / "killed")
    seconds, _ = on_cluster(images[1], given.out / "cluster", middle)
    print(f"two workers, one killed: {seconds:.0f} s")
    for way in ("killed", "cluster"):
        for kind in ("instances", "semantic"):
            folder = f"{name}_{kind}.zarr"
            pixels = differing(given.out / "whole" / folder, given.out / way / folder)
            print(f"{way}, {kind}: {pixels} pixels differ from the job that nobody disturbed")


if __name__ == "__main__":
    main()
