"""What `nuclei-tissue` learns from besides: slides that show clear glass, and compressed pictures.

Clear glass is brighter than all tissue, so that with it the colours of the tissue lie lower in the
range that all grey values are brought to.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from napari_unet import Sample

_BRIGHT = 225.0, 255.0
"""Grey values of clear glass."""
_HOLES, _BESIDE = (0.003, 0.15), (0.03, 0.5)
"""Which share of a picture holes in the tissue are, and glass beside it."""
_QUALITY = 10, 60
"""Of JPEG: half of the pictures are compressed."""

Share = NDArray[np.float64]


def slides(given: Sequence[Sample], seed: int) -> Iterator[Sample]:
    """Yield a copy of each picture that is learnt from, with clear glass in it.

    Parameters
    ----------
    given
        Pictures in colour, uint8 ``(3, Y, X)``; those of the validation are passed over.
    seed
        What all chance comes from.
    """
    chance = np.random.default_rng(seed)
    for each in given:
        if each.validation:
            continue
        glass = _holes(chance, each.labels.shape)
        if chance.random() < 0.5:
            glass = _beside(chance, each.labels.shape)
        image = _compressed(chance, _on_glass(chance, each.image, glass))
        labels = np.where(glass < 0.5, each.labels, 0).astype(each.labels.dtype)
        yield replace(each, name=f"{each.name}, glass", image=image, labels=labels)


def _on_glass(chance: np.random.Generator, image: NDArray[Any], glass: Share) -> NDArray[np.uint8]:
    """Lay clear glass, nearly white and nearly even, over a share of each pixel."""
    white = chance.uniform(*_BRIGHT) + chance.normal(0, 2, (len(image), 1, 1))
    clear = white + chance.normal(0, 2, image.shape)
    return np.asarray(image + glass * (clear - image)).clip(0, 255).round().astype(np.uint8)


def _holes(chance: np.random.Generator, shape: tuple[int, ...]) -> Share:
    """Return some rounded areas anywhere."""
    clouds = gaussian_filter(chance.normal(0, 1, shape), chance.uniform(6, 30))
    return _highest(clouds, chance.uniform(*_HOLES))


def _beside(chance: np.random.Generator, shape: tuple[int, ...]) -> Share:
    """Return all that lies beyond a wavy line."""
    way = chance.uniform(0, 2 * np.pi)
    rows, columns = np.indices(shape)
    waves = gaussian_filter(chance.normal(0, 1, shape), 20)
    ramp = rows * np.sin(way) + columns * np.cos(way) + 10 * waves / waves.std()
    return _highest(ramp, chance.uniform(*_BESIDE))


def _highest(values: Share, share: float) -> Share:
    """Return where a share of the values lies that is the highest, with a soft edge."""
    return np.asarray(gaussian_filter((values > np.quantile(values, 1 - share)).astype(float), 1))


def _compressed(chance: np.random.Generator, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return half of the pictures as JPEG keeps them."""
    if chance.random() < 0.5:
        return image
    file = io.BytesIO()
    picture = Image.fromarray(np.moveaxis(image, 0, -1))
    picture.save(file, "JPEG", quality=int(chance.integers(*_QUALITY)))
    return np.moveaxis(np.asarray(Image.open(file)), -1, 0)
