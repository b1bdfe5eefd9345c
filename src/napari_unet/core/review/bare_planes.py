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

LIKE = 0.6
"""Share of the contrast of painted planes from which on a plane looks as if it held objects.

Of 399 planes of 44 volumes of nuclei that hold none, and three fields without nuclei among 113 with
some, none has more than 0.43 of it.
"""
_ANNOTATED = 0.5
"""Share of a plane that counts, at least, for what is not painted on it to be told."""
_MOST = 16
"""About so many planes of each kind are looked at."""
_BLUR = 1.5


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
    """Find planes that are learnt as nothing but background, and have as much contrast as others.

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

    def contrast(index: int) -> float:
        return _contrast(images[index], ~out[index][0], across)

    usual = np.median([contrast(index) for index in _some(painted)])
    found = next((index for index in _some(bare) if contrast(index) > LIKE * usual), None)
    if found is None:
        return None
    lead = map(int, np.unravel_index(found, labels.lead))
    middle = (size // 2 for size in labels.spatial)
    at = dict(zip(labels.axes, (*lead, *middle), strict=True))
    noun = "frame" if labels.axes == "TYX" else "plane"
    return BarePlanes(len(painted), len(counts), noun, tuple(at[letter] for letter in axes))


def _some(indices: Sequence[int]) -> Sequence[int]:
    return indices[:: -(-len(indices) // _MOST)]


def _contrast(image: NDArray[Any], counts: NDArray[np.bool_], across: float) -> float:
    """Return how much grey values differ over a few objects, without noise and uneven light."""
    grey = scipy.ndimage.gaussian_filter(image.mean(axis=0, dtype=np.float32), _BLUR)
    grey -= scipy.ndimage.uniform_filter(grey, 2 * round(across) + 1)
    return float(grey[counts].std())
