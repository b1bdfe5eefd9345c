"""Copies for the recipes in which the cells around nuclei glow, as they do with many dyes.

What surrounds a nucleus is dimmer than it, of any shape and grain, and no object; and nuclei show
what is in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.segmentation import find_boundaries
from spoils import between, perhaps_dim, stored, stretched

from napari_unet import Sample

_LEVEL = 0.08, 0.7
"""How bright cytoplasm is, of its nucleus."""
_REACH = 0.3, 2.5
"""How far it reaches, in radii of its nucleus."""
_EDGE = 0.03, 0.3
"""How far its edge fades, in the same."""

Plane = NDArray[np.float64]
Labels = NDArray[np.integer]


def glowing(given: Sequence[Sample], copies: int, seed: int) -> Iterator[Sample]:
    """Yield copies of each image that is learnt from, with cytoplasm around its nuclei.

    Parameters
    ----------
    given
        Planes of one channel, ``(1, Y, X)``; those of the validation and without objects are passed
        over.
    copies
        How many of each.
    seed
        What all chance comes from.
    """
    chance = np.random.default_rng(seed)
    for number, each in product(range(copies), given):
        if not each.validation and each.labels.any():
            plane = stretched(each.image[0])
            if chance.random() < 0.4:
                plane = _mottled(chance, plane, each.labels)
            plane = perhaps_dim(chance, plane + _cytoplasm(chance, plane, each.labels))
            yield replace(each, name=f"{each.name}, glowing {number}", image=stored(plane))


def _cytoplasm(chance: np.random.Generator, plane: Plane, labels: Labels) -> Plane:
    """Return the light that cells add around and above their nuclei."""
    distance, nearest = distance_transform_edt(labels == 0, return_indices=True)
    owner = labels[tuple(nearest)]
    area = np.bincount(labels.ravel())
    radius = np.sqrt(area / np.pi)
    typical = float(np.median(radius[1:][area[1:] > 0]))
    shone = np.bincount(labels.ravel(), weights=plane.ravel()) / np.maximum(area, 1)
    level = between(chance, *_LEVEL) * shone * np.exp(chance.normal(0, 0.4, area.size))
    level[chance.random(area.size) < 0.1] = 0

    ragged = chance.uniform(0.1, 0.5) * _noise(
        chance, plane.shape, chance.uniform(0.3, 1) * typical
    )
    reach = between(chance, *_REACH) * (1 + ragged) * radius[owner]
    fading = (distance - reach) / (between(chance, *_EDGE) * radius[owner])
    inside = 1 / (1 + np.exp(fading.clip(-30, 30)))
    inside[labels > 0] *= chance.uniform(0.3, 1)
    if chance.random() < 0.5:
        gaps = gaussian_filter(find_boundaries(owner).astype(float), 1)
        inside *= 1 - (2 * gaps).clip(0, chance.uniform(0.3, 0.9))
    light = gaussian_filter(level[owner] * inside, 0.6) * _grain(chance, plane.shape, typical)
    return np.asarray(light)


def _grain(chance: np.random.Generator, shape: tuple[int, ...], radius: float) -> Plane:
    """Return how the brightness of cytoplasm varies: smooth or grainy, some of it with vesicles."""
    grain = 1 + chance.uniform(0, 0.5) * _noise(chance, shape, between(chance, 0.5, radius / 2))
    if chance.random() < 0.3:
        dots = chance.random(shape) < chance.uniform(0.2, 2) / radius**2
        grain += gaussian_filter(dots * chance.uniform(4, 25), between(chance, 0.7, 1.5))
    return np.asarray(grain.clip(0.1, 3))


def _mottled(chance: np.random.Generator, plane: Plane, labels: Labels) -> Plane:
    """Show nucleoli, or chromatin, in the nuclei."""
    radius = np.sqrt(np.count_nonzero(labels) / (np.unique(labels).size - 1) / np.pi)
    spots = _noise(chance, plane.shape, max(radius * chance.uniform(0.12, 0.3), 0.7))
    spots = gaussian_filter((spots > chance.uniform(0.5, 1.5)).astype(float), 0.7)
    deep = distance_transform_edt(labels > 0) / max(radius, 1)
    return np.asarray(plane * (1 - chance.uniform(-0.5, 0.8) * spots * (2 * deep).clip(0, 1)))


def _noise(chance: np.random.Generator, shape: tuple[int, ...], sigma: float) -> Plane:
    smooth = gaussian_filter(chance.normal(0, 1, shape), sigma)
    return np.asarray(smooth / smooth.std())
