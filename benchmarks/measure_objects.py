"""Measuring objects, against scikit-image's `regionprops_table` over the same columns.

``python benchmarks/measure_objects.py [--compare 20000] [--large 2000 20000 200000]``

Prints, for a field of ellipses with two channels, the time of `measure_objects` and of
`regionprops_table` with percentiles, and how far any value differs. Then, for each number after
``--large``, time and memory for as many objects, 36 px apart, with one channel of 16 bits.
"""

from __future__ import annotations

import argparse
import math
import resource
import time

import numpy as np
from numpy.typing import NDArray
from skimage.measure import regionprops_table

from napari_unet import measure_objects

PITCH = 36
SHARED = {
    "area": "area",
    "centroid-0": "centroid_y",
    "centroid-1": "centroid_x",
    "equivalent_diameter_area": "equivalent_diameter",
    "axis_major_length": "axis_major_length",
    "axis_minor_length": "axis_minor_length",
    "eccentricity": "eccentricity",
    "orientation": "orientation",
    "perimeter": "perimeter",
    "solidity": "solidity",
    "euler_number": "euler_number",
}
"""Names of scikit-image, and ours."""
GREYS = {"intensity_mean": "mean", "intensity_std": "std", "percentiles": "p"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compare", type=int, default=20_000)
    parser.add_argument("--large", type=int, nargs="*", default=[2_000, 20_000, 200_000])
    options = parser.parse_args()
    if options.compare:
        compare(options.compare)
    for objects in options.large:
        labels, image = field(objects, 1)
        start = time.perf_counter()
        found = measure_objects(labels, image)
        seconds = time.perf_counter() - start
        # of the whole process, the arrays that are measured among it
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        size = " x ".join(map(str, labels.shape))
        print(f"{len(found['label']):7d} objects on {size}: {seconds:.1f} s, {memory:.1f} GB")
        del labels, image


def field(objects: int, channels: int) -> tuple[NDArray[np.int32], NDArray[np.uint16]]:
    """Draw ellipses of many sizes on a grid; return labels and noisy channels."""
    rng = np.random.default_rng(0)
    side = math.ceil(math.sqrt(objects))
    size = max(side * PITCH, math.isqrt(objects * 1342))
    labels = np.zeros((size, size), np.int32)
    rows, columns = np.ogrid[-17:18, -17:18]
    shapes = []
    for _ in range(64):
        long, short, turn = rng.uniform(11, 17), rng.uniform(7, 11), rng.uniform(0, np.pi)
        along = rows * np.cos(turn) + columns * np.sin(turn)
        across = columns * np.cos(turn) - rows * np.sin(turn)
        shapes.append((along / long) ** 2 + (across / short) ** 2 < 1)
    for number in range(objects):
        corner = [PITCH * at for at in divmod(number, side)]
        window = tuple(slice(at, at + 35) for at in corner)
        labels[window][shapes[number % 64]] = number + 1
    image = rng.integers(0, 500, (channels, *labels.shape), np.uint16)
    for channel in image:
        channel[labels > 0] += 700
    return labels, image


def percentiles(region: NDArray[np.bool_], image: NDArray[np.generic]) -> NDArray[np.float64]:
    return np.percentile(image[region], (5, 50, 95))


def compare(objects: int) -> None:
    labels, image = field(objects, 2)
    start = time.process_time()
    found = measure_objects(labels, image)
    ours = time.process_time() - start
    start = time.process_time()
    names = ("label", *dict.fromkeys(name.partition("-")[0] for name in SHARED))
    reference = regionprops_table(
        labels,
        np.moveaxis(image, 0, -1),
        (*names, "intensity_mean", "intensity_std"),
        extra_properties=(percentiles,),
    )
    theirs = time.process_time() - start
    pairs = [(reference[name], found[own]) for name, own in SHARED.items()]
    for channel in range(2):
        for kind in ("mean", "std"):
            own = found[f"intensity_{kind}_c{channel}"]
            pairs.append((reference[f"intensity_{kind}-{channel}"], own))
        for place, share in enumerate((5, 50, 95)):
            own = found[f"intensity_p{share}_c{channel}"]
            pairs.append((reference[f"percentiles-{place}-{channel}"], own))
    pairs = [pair for pair in pairs if pair[0] is not reference["orientation"]]
    turned = (reference["orientation"] - found["orientation"]) % np.pi  # half a turn is none
    pairs.append((np.minimum(turned, np.pi - turned), np.zeros(len(turned))))
    differs = max(float(np.abs(one - other).max()) for one, other in pairs)
    print(f"{objects} objects, two channels: measure_objects {ours:.2f} s, ", end="")
    print(f"regionprops_table {theirs:.2f} s, {theirs / ours:.1f} times as long (at least 5)")
    print(f"largest difference of a value: {differs:.1e} (at most 1e-6)")


if __name__ == "__main__":
    main()
