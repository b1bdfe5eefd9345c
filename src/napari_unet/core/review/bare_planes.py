"""Planes and frames on which nothing is painted, though they look as if they held objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from napari_unet.core.image.planes import arrange
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.core.annotation.annotation import AnnotatedImage
    from napari_unet.core.image.planes import Planes

LIKE, _BESIDE = 0.65, 1.0
"""Share of the fine detail of painted planes from which on a plane looks as if it held objects, and
for one next to the first or last painted plane, whose objects are blurred there.

Of 399 planes of 44 volumes of nuclei that hold none, none has more than 0.41 of it. Where nuclei
are blurred by a pixel more on each plane, the first out of focus has 0.79, the second 0.62.
"""
_ANNOTATED = 0.5
"""Share of a plane that counts, at least, for what is not painted on it to be told."""
_MOST = 16
"""About so many planes of each kind are looked at."""
_FINE, _BLUR = 0.05, 1.5
"""Fine detail as a share of an object's width, and the least sigma in pixels, against noise."""


@dataclass(frozen=True)
class BarePlanes:
    """What is told where planes without objects look like those that hold some.

    Parameters
    ----------
    painted, annotated
        On how many planes there are objects, of how many that are annotated.
    noun
        ``"plane"`` or ``"frame"``.
    where
        A pixel of one that only looks so, one index per axis of the annotation.
    """

    painted: int
    annotated: int
    noun: str
    where: tuple[int, ...]

    @property
    def bare(self) -> str:
        """How many have no objects, in words."""
        return counted(self.annotated - self.painted, self.noun)


def bare_planes(
    annotated: AnnotatedImage, ignored: NDArray[np.bool_], across: float
) -> BarePlanes | None:
    """Find planes that are learnt as nothing but background, and have as much detail as others.

    Parameters
    ----------
    annotated
        An image with objects.
    ignored
        Which pixels do not count, bool of the annotation's shape.
    across
        How large an object typically is along Y and X, in pixels.

    Returns
    -------
    None where every annotated plane has objects, or those without look empty.
    """
    axes = annotated.axes.replace("C", "")
    labels, out = (arrange(part, axes, 2, 1) for part in (annotated.annotation.instances, ignored))
    counts = [index for index in range(len(labels)) if 1 - out[index].mean() >= _ANNOTATED]
    painted = [index for index in counts if labels[index][~out[index]].any()]
    bare = sorted(set(counts) - set(painted))
    if not painted or not bare:
        return None
    images = arrange(annotated.image, annotated.axes, 2, annotated.channels)

    def detail(index: int) -> float:
        return _detail(images[index], ~out[index][0], across)

    usual = np.median([detail(index) for index in _some(painted)])
    beside = _beside(painted, labels)
    least = {index: _BESIDE if index in beside else LIKE for index in _some(bare)}
    found = next((index for index in least if detail(index) > least[index] * usual), None)
    if found is None:
        return None
    lead = map(int, np.unravel_index(found, labels.lead))
    middle = (size // 2 for size in labels.spatial)
    at = dict(zip(labels.axes, (*lead, *middle), strict=True))
    noun = "frame" if labels.axes == "TYX" else "plane"
    return BarePlanes(len(painted), len(counts), noun, tuple(at[letter] for letter in axes))


def _beside(painted: Sequence[int], planes: Planes) -> set[int]:
    """Return the planes before the first painted one along Z, and after the last."""
    if "Z" not in planes.axes:
        return set()
    numbers = np.arange(len(planes)).reshape(planes.lead)
    numbers = np.moveaxis(numbers, planes.axes.index("Z"), 0)
    held = np.isin(numbers, painted)
    begun, goes_on = np.logical_or.accumulate(held), np.logical_or.accumulate(held[::-1])[::-1]
    near = scipy.ndimage.maximum_filter1d(held.view(np.uint8), 3, axis=0, mode="nearest") > 0
    return set(numbers[near & (begun != goes_on)].tolist())


def _some(indices: Sequence[int]) -> Sequence[int]:
    return indices[:: -(-len(indices) // _MOST)]


def _detail(image: NDArray[Any], counts: NDArray[np.bool_], across: float) -> float:
    """Return how much sharp edges stand out; neither uneven light nor what is out of focus does."""
    grey = image.mean(axis=0, dtype=np.float32)
    edges = scipy.ndimage.gaussian_gradient_magnitude(grey, max(_BLUR, _FINE * across))
    return float(edges[counts].std())
