"""How a network for volumes is halved level by level: by the size of a voxel, and of an object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import ModelConfig
from napari_unet.nn.network.geometry import Geometry

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_HALVABLE = 8
"""An axis with fewer voxels is not halved."""
_NEAR, _SEEN = 1.5, 2.0
"""Below how many times the finest side an axis is halved, and seen by convolutions."""


def for_volumes(
    config: ModelConfig, spacing: Sequence[float], extent: Sequence[int], diameter: float
) -> ModelConfig:
    """Choose depth, pooling and kernels of a 3D network.

    Voxels are mostly longer in depth. Only the axes with the finest voxels are halved until all
    are about as coarse; until then, the network does not look along a coarse axis either. An axis
    that is too short is not halved. There are as many levels as are needed to see a whole object
    from its border, and no more than the configuration has.

    Parameters
    ----------
    config
        Everything else, and the most levels.
    spacing
        Size of a voxel along each axis, in any unit; empty for 1.
    extent
        Size of the smallest image in voxels.
    diameter
        Of a usual object, in voxels of the finest side.
    """
    step = np.asarray(spacing or (1.0,) * config.ndim, dtype=np.float64)
    size = np.asarray(extent)
    shape = config.replace(depth=1, pool=(), kernel=())
    pool: list[tuple[int, ...]] = []
    kernel = [_kernel(step, size)]
    for _ in range(config.depth):
        factors = _factors(step, size)
        pool.append(tuple(factors.tolist()))
        step, size = step * factors, -(-size // factors)
        kernel.append(_kernel(step, size))
        shape = shape.replace(depth=len(pool), pool=tuple(pool), kernel=tuple(kernel))
        if _sight(shape) >= diameter or max(_factors(step, size)) == 1:
            break
    return _plain(shape)


def _kernel(step: Floats, size: Integers) -> tuple[int, ...]:
    return tuple(np.where(step < _SEEN * _finest(step, size), 3, 1).tolist())


def _factors(step: Floats, size: Integers) -> Integers:
    halved = (size >= _HALVABLE) & (step < _NEAR * _finest(step, size))
    return np.where(halved, 2, 1)


def _finest(step: Floats, size: Integers) -> float:
    """Return the finest side that can still be halved; infinity where none can."""
    return float(step.min(where=size >= _HALVABLE, initial=np.inf))


def _sight(config: ModelConfig) -> int:
    """Return how far the network sees, in voxels of the finest side."""
    return max(Geometry.of(config, axis).halo for axis in range(config.ndim))


def _plain(config: ModelConfig) -> ModelConfig:
    """Leave away what says no more than the default."""
    alike = min(map(min, config.pooling)) == 2, min(map(min, config.kernels)) == 3
    return config.replace(
        pool=() if alike[0] else config.pool, kernel=() if alike[1] else config.kernel
    )
