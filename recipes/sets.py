"""The sets that bundled models are made from, read as samples.

DATA holds a folder for each set, with ``images/NAME.tif``, ``labels`` or ``masks/NAME.tif``, and
the splits ``train.txt`` and ``val.txt``, a NAME per line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import regionprops
from skimage.transform import resize

from napari_unet import Sample

AXONS, MYELIN = (1, 3), 2
"""Classes of the nerves' masks."""
BELOW = 50
"""Plane of the ovule from which on nothing is part of the bundled sample."""
SIDE = 65
"""Column of the ovule that parts what is learnt from and what is held out."""
DIAMETER = 24.0
"""Pixels across the median object, where all sets are brought to one size."""
FACTORS = 0.1, 2.0
"""By how much at most an image is made smaller or larger for that."""


_PARTS = {"axons": AXONS, "parts": (1,)}
"""Classes of which the pieces are objects."""


@dataclass(frozen=True)
class Source:
    """A set, and how it is learnt from.

    Parameters
    ----------
    folder
        Its folder in DATA.
    truth
        ``"objects"``, ``"classes"``, or ``"fibres"``, of which axons are objects of class 1 and the
        myelin around each is an object of class 2; ``"parts"`` are the pieces that class 1 is made
        of, and ``"axons"`` those of the axons.
    scale
        Size at which it is learnt from, of its own; None to bring its objects to `DIAMETER`.
    often
        How often each is there in the second training, where a set is small.
    grey
        Whether it is learnt from in grey planes, of which every other has dark and bright
        exchanged: the mean of colours, the middle of volumes.
    every
        Each so many-th image is learnt from, where a set is large.
    glass
        Whether each is learnt from with clear glass in it, too.
    """

    folder: str
    truth: str = "objects"
    scale: float | None = 1.0
    often: int = 1
    grey: bool = False
    every: int = 1
    glass: bool = False


def samples(source: Source, data: Path) -> Iterator[Sample]:
    """Read both splits of a set, at the images' own size."""
    folder = data / source.folder
    if source.folder == "gonuclear3d":
        found = ovule(folder)
    else:
        found = chain(_split(source, folder, "train"), _split(source, folder, "val"))
    for number, sample in enumerate(found):
        yield in_grey(sample, exchanged=number % 2 == 1) if source.grey else sample


def in_grey(sample: Sample, *, exchanged: bool) -> Sample:
    """Return a plane of a sample in grey, with dark and bright exchanged where asked for."""
    image, labels = np.mean(sample.image, axis=0, dtype=np.float32), sample.labels
    if image.ndim == 3:
        middle = len(image) // 2
        image, labels = image[middle], labels[middle]
    image = image.max() - image if exchanged else image
    return replace(sample, image=image[None], labels=labels)


def factor(sample: Sample, source: Source) -> float:
    """Return by how much a sample of a set is made larger before it is learnt from."""
    if source.scale is not None:
        return source.scale
    across = [each.equivalent_diameter_area for each in regionprops(sample.labels)]
    return float(np.clip(DIAMETER / np.median(across), *FACTORS)) if across else 1.0


def at_size(sample: Sample, scale: float) -> Sample:
    """Bring an image and its labels to another size."""
    if scale == 1:
        return sample
    shape = [round(scale * length) for length in sample.labels.shape]
    grey = [resize(each, shape, preserve_range=True) for each in sample.image]
    labels = resize(sample.labels, shape, order=0, preserve_range=True, anti_aliasing=False)
    image = np.stack(grey).astype(sample.image.dtype)
    return replace(sample, image=image, labels=labels.astype(sample.labels.dtype))


def ovule(folder: Path) -> Iterator[Sample]:
    """Read the part of the plant ovule that the bundled sample is not cut from.

    One side of it is learnt from, the other is held out, in two halves.
    """
    image, labels = (
        tifffile.imread(folder / kind / "1135.tif")[BELOW:] for kind in ("images", "labels")
    )
    yield Sample("ovule", image[None, ..., :SIDE], labels[..., :SIDE])
    for half, rows in enumerate((slice(50), slice(50, None))):
        place = (..., rows, slice(SIDE, None))
        yield Sample(f"ovule, half {half}", image[None][place], labels[place], validation=True)


def _split(source: Source, folder: Path, split: str) -> Iterator[Sample]:
    names = folder / f"{split}.txt"
    if not names.exists():
        return
    for name in names.read_text().split()[:: source.every]:
        image = tifffile.imread(folder / "images" / f"{name}.tif")
        image = np.moveaxis(image, -1, 0) if image.shape[-1] == 3 else image[None]
        labels, classes = _truth(source, folder, name)
        yield Sample(name, image, labels, split == "val", classes=classes)


def _truth(source: Source, folder: Path, name: str) -> tuple[NDArray[Any], dict[int, int]]:
    kind = "labels" if source.truth == "objects" else "masks"
    labels = tifffile.imread(folder / kind / f"{name}.tif")
    if source.truth == "fibres":
        return _fibres(labels)
    if source.truth in _PARTS:
        labels = ndimage.label(np.isin(labels, _PARTS[source.truth]))[0]
    return labels, {}


def _fibres(mask: NDArray[Any]) -> tuple[NDArray[np.int32], dict[int, int]]:
    """Return axons, and as objects of their own the myelin that is nearest to each."""
    axons = ndimage.label(np.isin(mask, AXONS))[0].astype(np.int32)
    nearest = ndimage.distance_transform_edt(
        axons == 0, return_distances=False, return_indices=True
    )
    count = int(axons.max())
    labels = np.where(mask == MYELIN, axons[tuple(nearest)] + count, axons)
    classes = {number: 1 + (number > count) for number in np.unique(labels).tolist() if number}
    return labels, classes
