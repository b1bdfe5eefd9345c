"""Fields without any object for the recipes: what a camera, a lens and a file make of nothing.

Noise is seldom white: it was blurred, enlarged or compressed, ground is uneven, sensors have rows.
Brought between its percentiles, all of it fills the range of grey values as objects do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, uniform_filter, zoom

from napari_unet import Sample

_FINE, _COARSE = (0.3, 6.0), (8.0, 64.0)
"""Between which sigmas, in px, the grains of noise and the clouds of uneven ground lie."""
_GREY = 100.0

Field = NDArray[np.float64]
Shape = tuple[int, ...]
Sizes = tuple[float, float]
Draw = Callable[[np.random.Generator, Shape], Field]


def empty_samples(count: int, shape: Shape, seed: int) -> Iterator[Sample]:
    """Yield fields of noise and uneven ground, uint16 ``(1, *shape)``, in which nothing is.

    Parameters
    ----------
    count
        How many.
    shape
        Pixels along each axis.
    seed
        What all chance comes from.
    """
    chance, nothing = np.random.default_rng(seed), np.zeros(shape, np.int32)
    for number in range(count):
        field = _DRAWN[number % len(_DRAWN)](chance, shape)
        image = (20 * field).clip(0, 65535).round().astype(np.uint16)
        yield Sample(f"empty {number}", image[np.newaxis], nothing)


def _noise(chance: np.random.Generator, shape: Shape) -> Field:
    return chance.normal(0, 1, shape)


def _between(low_high: Sizes, chance: np.random.Generator) -> float:
    """Draw a number, all powers alike."""
    low, high = np.log(low_high)
    return float(np.exp(chance.uniform(low, high)))


def _grains(chance: np.random.Generator, shape: Shape, sizes: Sizes = _FINE) -> Field:
    """Return smooth noise of one size, of standard deviation 1."""
    size = min(_between(sizes, chance), min(shape) / 4)
    smooth = gaussian_filter(_noise(chance, shape), size, mode="wrap")
    return np.asarray((smooth - smooth.mean()) / smooth.std())


def _white(chance: np.random.Generator, shape: Shape) -> Field:
    return _GREY + 20 * _noise(chance, shape)


def _photons(chance: np.random.Generator, shape: Shape) -> Field:
    ground = np.exp(0.3 * _grains(chance, shape, _COARSE))
    return chance.poisson(_between((0.5, 100), chance) * ground).astype(float)


def _blurred(chance: np.random.Generator, shape: Shape) -> Field:
    return _GREY + 20 * _grains(chance, shape) + 5 * chance.random() * _noise(chance, shape)


def _enlarged(chance: np.random.Generator, shape: Shape) -> Field:
    by = chance.uniform(1.2, 5)
    small = _noise(chance, tuple(int(length / by) + 2 for length in shape))
    large = zoom(small, by, order=int(chance.integers(0, 4)))
    return np.asarray(_GREY + 20 * large[tuple(map(slice, shape))])


def _averaged(chance: np.random.Generator, shape: Shape) -> Field:
    mean = uniform_filter(_noise(chance, shape), int(chance.integers(2, 9)))
    return np.asarray(_GREY + 40 * mean)


def _clouds(chance: np.random.Generator, shape: Shape) -> Field:
    noise = 10 * chance.random() * _noise(chance, shape)
    return _GREY + 20 * _grains(chance, shape, _COARSE) + noise


def _light(chance: np.random.Generator, shape: Shape) -> Field:
    """Return a lens that darkens towards its rim, or light from one side."""
    middle = chance.uniform(0, 1, len(shape))
    along = zip(_positions(shape), shape, middle, strict=True)
    squares = sum((at / length - there) ** 2 for at, length, there in along)
    light = np.cos(chance.uniform(0.5, 1.0) * np.sqrt(squares)) ** 4
    return chance.poisson(_between((3, 150), chance) * light).astype(float)


def _rows(chance: np.random.Generator, shape: Shape) -> Field:
    axis = int(chance.integers(len(shape)))
    rows = chance.normal(0, 8, [1 if each == axis else n for each, n in enumerate(shape)])
    return _GREY + rows + chance.uniform(0, 8) * _noise(chance, shape)


def _blocks(chance: np.random.Generator, shape: Shape) -> Field:
    edge = int(chance.choice([2, 4, 8, 16]))
    coarse = _noise(chance, tuple(-(-length // edge) for length in shape))
    large = np.kron(coarse, np.ones([edge] * len(shape)))[tuple(map(slice, shape))]
    return _GREY + 20 * large + 8 * chance.random() * _noise(chance, shape)


def _waves(chance: np.random.Generator, shape: Shape) -> Field:
    way = _noise(chance, (len(shape),))
    along = sum(step * at for step, at in zip(way, _positions(shape), strict=True))
    phase = along * 2 * np.pi / _between((4, 120), chance) / np.linalg.norm(way)
    return _GREY + 15 * np.sin(phase) + 10 * chance.random() * _noise(chance, shape)


def _positions(shape: Shape) -> Iterator[Field]:
    """Yield where each pixel lies along each axis, in px."""
    yield from np.indices(shape, float)


_DRAWN: tuple[Draw, ...] = (
    _blurred,
    _enlarged,
    _clouds,
    _white,
    _blurred,
    _photons,
    _averaged,
    _light,
    _blurred,
    _rows,
    _blocks,
    _waves,
)
