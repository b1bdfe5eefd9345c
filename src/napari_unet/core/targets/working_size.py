"""At what size images are learnt from: their own, or smaller where their objects are large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import LIMITS, Sizes, factors
from napari_unet.core.instances.measure import diameters, mean_chords, thickness

USUAL = 24.0
"""Diameter in pixels that the objects of larger ones are brought to, where nothing is known."""
_MUCH = 1.5
"""How many times as large objects have to be: below, nothing is gained that is worth it."""
_THIN = 5.0
"""What is thin is not made thinner than this many pixels."""


def working_size(
    labels: Sequence[NDArray[np.integer]], start: Sizes | None, pixel: tuple[float, ...] | None
) -> tuple[float, ...]:
    """Choose by what images are resampled to be learnt from.

    Parameters
    ----------
    labels
        Instance labels of the images, integer ``(*spatial)``, 0 = no object.
    start
        What the model to start from knows; None to start from scratch.
    pixel
        Size of the images' pixels in µm along each axis; None for unknown.

    Returns
    -------
    Pixels that the network sees per pixel of an image, per axis, none above 1. Nothing where the
    images keep their size: objects are not much larger than those that the start knows or,
    from scratch, than `USUAL`; they are thin; or nothing is known.
    """
    sizes = np.concatenate([diameters(each, specks=False) for each in labels])
    if not sizes.size or (start is not None and start.object is None):
        return ()
    median = float(np.median(sizes))
    if median <= _MUCH * (USUAL if start is None else start.object or 0):
        return ()
    chords = np.median(np.concatenate([mean_chords(each) for each in labels]), axis=0)
    by = _usual(median, chords) if start is None else _known(median, start, pixel, len(chords))
    thick = thickness(labels)
    thin = thick if len(thick) > 2 else thick.min()
    by = np.clip(by, np.clip(_THIN / thin, LIMITS[0], 1), 1)
    return () if by.min() > 1 / _MUCH else tuple(np.round(by, 3).tolist())


def _usual(median: float, chords: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what brings objects to the usual size; in volumes along each axis of its own."""
    if len(chords) < 3:
        return np.full(len(chords), USUAL / median)
    along = median * chords / np.prod(chords) ** (1 / len(chords))
    return np.asarray(USUAL / along, np.float64)


def _known(
    median: float, start: Sizes, pixel: tuple[float, ...] | None, ndim: int
) -> NDArray[np.float64]:
    """Return what brings objects to the size that a model knows, as when it segments them."""
    try:
        return np.asarray(factors("object size", start, Sizes(pixel, median), ndim))
    except UserError:  # beyond what makes sense
        return np.ones(ndim)


def sentence(seen: Sizes) -> str:
    """Return the sentence that says at what size is learnt; nothing for the images' own.

    Parameters
    ----------
    seen
        The sizes at which a network is trained.
    """
    by = seen.working
    if by is None or seen.object is None:
        return ""
    diameter = seen.object / float(np.prod(by)) ** (1 / len(by))
    times = " x ".join(f"{each:.2g}" for each in (by if len(set(by)) > 1 else by[:1]))
    return f"Objects are about {diameter:.3g} px across: learnt from at {times} of their size."
