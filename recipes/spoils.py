"""Spoiled copies for the recipes: what lenses, stages, cameras and files do to good images.

The truth stays as it is, so that the network learns what an object looks like that is out of
focus, moved, coarse, dim, compressed, or half on another tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np
from imageio.v3 import imread, imwrite
from numpy.typing import NDArray
from scipy.ndimage import convolve, gaussian_filter, zoom
from skimage.transform import resize

from napari_unet import Sample

_HIGH = 99.8
"""Percentile that is the brightest of an image."""
_GROUND = 0.1
"""Photons of the ground, of those of the brightest pixels."""

Plane = NDArray[np.float64]
Spoil = Callable[[np.random.Generator, Plane], Plane]


def spoiled(given: Sequence[Sample], copies: int, seed: int) -> Iterator[Sample]:
    """Yield copies of each image that is learnt from, each spoiled in another way.

    Parameters
    ----------
    given
        Planes of one channel, ``(1, Y, X)``; those of the validation are passed over.
    copies
        How many of each.
    seed
        What all chance comes from.
    """
    chance = np.random.default_rng(seed)
    for each in given:
        if each.validation:
            continue
        ways = chance.permutation(len(_WAYS))[:copies]
        for way in ways:
            plane = perhaps_dim(chance, _WAYS[way](chance, stretched(each.image[0])))
            yield replace(each, name=f"{each.name}, spoiled {way}", image=stored(plane))


def stretched(image: NDArray[np.number]) -> Plane:
    """Return grey values of which nearly all lie from 0 to 1."""
    low, high = np.percentile(image, [1, _HIGH])
    return np.asarray((image - low) / max(high - low, 1e-6), float)


def stored(plane: Plane) -> NDArray[np.uint16]:
    """Return grey values as the image of a sample, ``(1, Y, X)``."""
    return (1000 * plane).clip(0, 65535).round().astype(np.uint16)[None]


def between(chance: np.random.Generator, low: float, high: float) -> float:
    """Draw a number, all powers alike."""
    return float(np.exp(chance.uniform(np.log(low), np.log(high))))


def _coarse(chance: np.random.Generator, plane: Plane) -> Plane:
    """See a plane by fewer pixels, as if it had been enlarged to this size."""
    by = chance.uniform(0.35, 0.75)
    small = resize(plane, [round(by * length) for length in plane.shape])
    order = int(chance.choice([1, 3]))
    return np.asarray(resize(perhaps_dim(chance, small), plane.shape, order=order))


def _out_of_focus(chance: np.random.Generator, plane: Plane) -> Plane:
    return np.asarray(gaussian_filter(plane, between(chance, 0.8, 3.5)))


def _moved(chance: np.random.Generator, plane: Plane) -> Plane:
    """Move the stage while the shutter is open."""
    length, way = chance.uniform(3, 11), chance.uniform(0, np.pi)
    kernel = np.zeros((13, 13))
    for at in np.linspace(-length / 2, length / 2, 40):
        kernel[round(6 + at * np.sin(way)), round(6 + at * np.cos(way))] += 1
    return np.asarray(convolve(plane, gaussian_filter(kernel, 0.5) / kernel.sum(), mode="reflect"))


def _compressed(chance: np.random.Generator, plane: Plane) -> Plane:
    file = BytesIO()
    grey = (255 * plane.clip(0, 1)).astype(np.uint8)
    imwrite(file, grey, extension=".jpg", quality=int(chance.integers(5, 40)))
    return np.asarray(imread(file.getvalue(), extension=".jpg") / 255)


def _dim(chance: np.random.Generator, plane: Plane) -> Plane:
    photons = between(chance, 3, 60)
    return np.asarray(chance.poisson(photons * (plane + _GROUND).clip(0)) / photons)


def perhaps_dim(chance: np.random.Generator, plane: Plane) -> Plane:
    """Take most of the light away from some planes."""
    return _dim(chance, plane) if chance.random() < 0.3 else plane


def _tiled(chance: np.random.Generator, plane: Plane) -> Plane:
    """Lay the image together from tiles of another ground and another light each."""
    edges = [np.sort(chance.integers(0, length, 2)) for length in plane.shape]
    rows, columns = (
        np.searchsorted(at, np.arange(length), side="right")
        for at, length in zip(edges, plane.shape, strict=True)
    )
    ground = chance.uniform(0, between(chance, 0.05, 0.6), (3, 3))
    light = chance.uniform(0.6, 1.0, (3, 3))
    place = np.ix_(rows, columns)
    return np.asarray(light[place] * plane + ground[place])


def _hazy(chance: np.random.Generator, plane: Plane) -> Plane:
    """Add the light of what lies above and below, and of uneven ground."""
    haze = gaussian_filter(plane, between(chance, 8, 40))
    clouds = zoom(chance.random((4, 4)), [length / 4 for length in plane.shape], order=3)
    return np.asarray(
        plane + chance.uniform(0.3, 1.5) * haze + chance.uniform(0, 0.5) * clouds.clip(0)
    )


# few pixels are what costs most, so that they are there twice
_WAYS: tuple[Spoil, ...] = (
    _coarse,
    _out_of_focus,
    _moved,
    _compressed,
    _dim,
    _tiled,
    _hazy,
    _coarse,
)
