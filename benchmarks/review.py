"""Review of an annotation with many objects left out, against one distance transform of it."""

from __future__ import annotations

from functools import partial

import numpy as np
from scipy import ndimage
from timing import best

from napari_unet import AnnotatedImage, Annotation
from napari_unet.core.review.review import review

SIZES = (512, 2048)
PITCH, RADIUS = 14, 4


def cells(size: int) -> AnnotatedImage:
    """Draw a lattice of bright discs, and paint every other one."""
    chance = np.random.default_rng(0)
    rows, columns = np.indices((size, size)) % PITCH - PITCH // 2
    place = np.indices((size, size)) // PITCH
    whole = np.all((place + 1) * PITCH <= size, axis=0)
    disc = (rows**2 + columns**2 <= RADIUS**2) & whole
    numbers = 1 + place[0] * (size // PITCH) + place[1]
    image = (60 + 120 * disc + chance.normal(0, 10, disc.shape)).astype(np.float32)
    painted = disc & (place.sum(axis=0) % 2 == 0)
    return AnnotatedImage("cells", image, "YX", Annotation(np.where(painted, numbers, 0)))


def main() -> None:
    for size in SIZES:
        annotated = cells(size)
        painted = annotated.annotation.instances > 0
        seconds = best(partial(review, [annotated]))
        edt = best(partial(ndimage.distance_transform_edt, painted))
        print(f"{size} x {size}: review {seconds:.3f} s, {seconds / edt:.1f} EDTs of {edt:.3f} s")
        for finding in review([annotated]):
            print(f"  {finding.in_words()}")


if __name__ == "__main__":
    main()
