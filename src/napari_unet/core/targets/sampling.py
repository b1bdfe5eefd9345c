"""Where training patches are drawn: around pixels that somebody annotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import IGNORE
from napari_unet.core.errors import UserError

_MOST = 65_536
"""Candidate positions kept per image; of more, this many are drawn."""
_ON_OBJECTS = 0.5
"""Share of patches that are drawn around an object rather than around any annotated pixel."""


@dataclass(frozen=True)
class Candidates:
    """Pixels of one image that a patch may be drawn around.

    Parameters
    ----------
    shape
        Size of the image.
    annotated, objects
        Flat positions, integers ``(n,)``; `objects` may be empty.
    counts
        Number of annotated pixels and of those in objects, before thinning.
    """

    shape: tuple[int, ...]
    annotated: NDArray[np.int64]
    objects: NDArray[np.int64]
    counts: tuple[int, int]

    @classmethod
    def of(cls, semantic: NDArray[np.uint8]) -> Candidates:
        """Find the candidates of a semantic target, ``(*spatial)`` with `IGNORE`.

        Raises
        ------
        UserError
            If nothing is annotated.
        """
        flat = semantic.reshape(-1)
        annotated = np.flatnonzero(flat != IGNORE)
        if not annotated.size:
            raise UserError("Nothing is annotated in an image: every pixel is ignored.")
        objects = annotated[flat[annotated] > 0]
        counts = annotated.size, objects.size
        return cls(semantic.shape, _thinned(annotated), _thinned(objects), counts)

    def draw(self, patch: tuple[int, ...], chance: np.random.Generator) -> NDArray[np.float64]:
        """Return the centre of a patch, ``(ndim,)`` in pixels.

        The patch lies inside the image where it fits, on whole pixels, and holds the drawn one.
        """
        on_object = self.objects.size and chance.random() < _ON_OBJECTS
        chosen = self.objects if on_object else self.annotated
        position = np.unravel_index(chosen[chance.integers(chosen.size)], self.shape)
        # an even patch has its centre between two pixels
        centre = [
            np.clip(at - (1 - length % 2) / 2, (length - 1) / 2, size - 1 - (length - 1) / 2)
            if size > length
            else (size - 1) / 2
            for at, length, size in zip(position, patch, self.shape, strict=True)
        ]
        return np.asarray(centre, dtype=np.float64)


def image_shares(candidates: Sequence[Candidates]) -> NDArray[np.float64]:
    """Return how often patches are drawn from each image, so that all pixels count the same.

    Returns
    -------
    Float64 ``(n,)`` with sum 1: the image's share of all annotated pixels, and of those in
    objects, mixed as patches are.
    """
    counts = np.array([each.counts for each in candidates], dtype=np.float64)
    annotated, objects = (counts / np.maximum(counts.sum(axis=0), 1)).T
    shares = (1 - _ON_OBJECTS) * annotated + _ON_OBJECTS * objects
    return np.asarray(shares / shares.sum())


def _thinned(positions: NDArray[np.int64]) -> NDArray[np.int64]:
    if positions.size <= _MOST:
        return positions
    # always the same ones, so that a run that is continued draws as if it had never stopped
    return np.random.default_rng(0).choice(positions, _MOST, replace=False)
