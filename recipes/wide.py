"""What `nuclei` learns from at the end: other sizes, microscopes and tissues, and nothing at all.

DATA holds a folder for each set, as `sets` reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from empty_ground import empty_samples
from sets import Source, at_size, samples
from skimage.measure import regionprops

from napari_unet import Sample

SMALL, LARGE = 12.0, 18.0
"""Images of which the median nucleus has fewer or more px are shown at twice or half their size."""
HELD_OUT = 8
"""Each so many-th field of the chemical screen is not learnt from."""
FIELDS, EDGE = 500, 256
"""Of fields without any object: how many, and how many px wide."""


def wide(given: Sequence[Sample], data: Path) -> Iterator[Sample]:
    """Yield what is learnt from besides the images given.

    Parameters
    ----------
    given
        The images of nuclei; those of the validation are passed over.
    data
        Holds the folders ``bbbc039``, ``bbbc050`` and ``gonuclear3d``.
    """
    for each in given:
        yield from _resized(each)
    for field in screened(data):
        yield from _repeated(field, 2)
    for embryo in samples(Source("bbbc050"), data):
        yield from _planes(embryo, slice(6, None, 8))
    for part in samples(Source("gonuclear3d"), data):
        for plane in _planes(part, slice(None, None, 2)):
            yield from _repeated(plane, 8)
    yield from empty_samples(FIELDS, (EDGE, EDGE), seed=0)


def screened(data: Path) -> Iterator[Sample]:
    """Yield the fields of the chemical screen that are learnt from."""
    for number, field in enumerate(samples(Source("bbbc039"), data)):
        if number % HELD_OUT:
            yield field


def _resized(sample: Sample) -> Iterator[Sample]:
    across = [each.equivalent_diameter_area for each in regionprops(sample.labels)]
    if sample.validation or not across:
        return
    median = np.median(across)
    if median < SMALL or median > LARGE:
        by = 2.0 if median < SMALL else 0.5
        yield replace(at_size(sample, by), name=f"{sample.name}, {by:g} times as large")


def _planes(sample: Sample, which: slice) -> Iterator[Sample]:
    """Yield planes of a volume that have objects."""
    if sample.validation:
        return
    for number in range(sample.labels.shape[0])[which]:
        image, labels = sample.image[:, number], sample.labels[number]
        if labels.any():
            yield replace(sample, name=f"{sample.name}, plane {number}", image=image, labels=labels)


def _repeated(sample: Sample, often: int) -> Iterator[Sample]:
    for number in range(often):
        yield replace(sample, name=f"{sample.name}, copy {number}")
