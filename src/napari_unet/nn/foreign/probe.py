"""How far a program sees, found by what becomes of pixels without a value.

A pixel without a value (NaN) makes all pixels without a value that depend on it: convolutions,
maxima and interpolation pass it on, and a norm over the whole tile passes it on to everywhere. So
one pass tells exactly how much context a tile needs, and whether any is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.tiles import read_window
from napari_unet.core.progress import stop_point
from napari_unet.nn.foreign.sizes import Size
from napari_unet.nn.network.program import ProgramNetwork
from napari_unet.nn.network.program_geometry import ProgramGeometry

_BYTES = 1e9
"""Memory that the largest input may take whose tiles are looked at."""
_PER_PIXEL = 32
"""Bytes per pixel and feature, as measured."""
_FIRST = 64
_LAST = {2: 512, 3: 128}
"""Edge of the inputs that are looked at, by number of spatial axes: the first and the last."""
_NEAR = 1e-4
"""How far tiles may be from one pass over all of them together."""


def features_of(program: nn.Module) -> int:
    """Return how many features the finest level has: those of the first convolution."""
    weights = (value for value in program.state_dict().values() if value.ndim > 3)
    return int(np.clip(next((len(value) for value in weights), 16), 1, 256))


def can_learn(network: ProgramNetwork, test: NDArray[np.float32]) -> bool:
    """Tell whether gradients reach the parameters of a network.

    Parameters
    ----------
    network
        The network.
    test
        An input, float32 ``(1, C, *spatial)``.
    """
    parameters = [each for each in network.parameters() if each.requires_grad]
    if not parameters:
        return False
    try:
        network(torch.from_numpy(test)).mean().backward()
    except (RuntimeError, UserError):
        return False
    found = any(each.grad is not None and bool(each.grad.any()) for each in parameters)
    network.zero_grad()
    return found


def geometry(
    config: ModelConfig, program: Any, sizes: Sequence[Size]
) -> tuple[ProgramGeometry, ...]:
    """Return how images are cut for a program.

    Parameters
    ----------
    config
        With all that is known of the program but this.
    program
        What `loaded_program` returned.
    sizes
        What its package tells.

    Returns
    -------
    Tiles that overlap by all that the program sees, where that is known and holds; tiles of one
    size otherwise.
    """
    fixed = tuple(map(_whole, sizes))
    if any(size.step == 0 for size in sizes):
        return fixed
    seen = _seen(config, program, sizes)
    return seen if seen and _holds(_with(config, program, seen)) else fixed


def _whole(size: Size) -> ProgramGeometry:
    """Return tiles of the size of the package's own test."""
    crop = size.halo or max(0, size.tested - 2 * size.lead) // 8
    return ProgramGeometry(size.tested, 0, size.lead, crop, 1)


def _with(config: ModelConfig, program: Any, axes: Sequence[ProgramGeometry]) -> ProgramNetwork:
    told = tuple(map(astuple, axes))
    known = config.program and config.program.replace(axes=told)
    return ProgramNetwork(config.replace(program=known), program)


def _seen(
    config: ModelConfig, program: Any, sizes: Sequence[Size]
) -> tuple[ProgramGeometry, ...] | None:
    """Return what is needed around a tile; None where there is no end of it."""
    axes = tuple(ProgramGeometry(size.least, size.step, size.lead) for size in sizes)
    network, edge = _with(config, program, axes), _FIRST
    while edge <= _LAST[config.ndim]:
        stop_point()
        shape = [axis.input_size(edge) for axis in axes]
        if np.prod(shape) * config.features * _PER_PIXEL > _BYTES:
            break
        reach = _reach(network, shape)
        if reach is not None:
            pairs = zip(axes, reach, strict=True)
            return tuple(
                ProgramGeometry(a.least, a.step, a.lead, max(0, far - a.lead)) for a, far in pairs
            )
        edge *= 2
    return None


def _reach(network: ProgramNetwork, shape: Sequence[int]) -> list[int] | None:
    """Return how far pixels in the middle are seen; None where that is beyond the end."""
    image = _noise((1, network.config.in_channels, *shape))
    # a whole step, as each pixel in it is seen from elsewhere
    middle = [
        (size // 2 // axis.step * axis.step, axis.step)
        for size, axis in zip(shape, network.geometry, strict=True)
    ]
    inside: Any = (..., *(slice(start, start + step) for start, step in middle))
    image[inside] = torch.nan
    try:
        with torch.inference_mode():
            lost = network.channels(image)[0].isnan().any(0)
    except UserError:
        return None
    if not lost.any() or any(
        there != axis.output_size(size)
        for there, size, axis in zip(lost.shape, shape, network.geometry, strict=True)
    ):
        return None
    reach = []
    for axis, (positions, (start, step), size) in enumerate(
        zip(lost.nonzero().T, middle, lost.shape, strict=True)
    ):
        first, last = int(positions.min()), int(positions.max()) + 1
        if first == 0 or last == size:
            return None
        lead = network.geometry[axis].lead
        reach.append(max(start - (first + lead), last + lead - (start + step)))
    return reach


def _holds(network: ProgramNetwork) -> bool:
    """Tell whether tiles give what one pass over all of them gives."""
    shape = [
        axis.input_size(2 * axis.crop + axis.step) + 2 * axis.step + 1 for axis in network.geometry
    ]
    if np.prod(shape) * network.config.features * _PER_PIXEL > 2 * _BYTES:
        return False
    image = _noise((network.config.in_channels, *shape)).numpy()
    whole = tuple((0, size) for size in shape)
    middle = tuple(
        (size // 2 // axis.step * axis.step, size // 2 // axis.step * axis.step + axis.step)
        for size, axis in zip(shape, network.geometry, strict=True)
    )
    try:
        one, part = (_given(network, image, region) for region in (whole, middle))
    except UserError:
        return False
    inside: Any = (..., *(slice(*interval) for interval in middle))
    return bool((one[inside] - part).abs().max() <= _NEAR)


def _given(
    network: ProgramNetwork, image: NDArray[np.float32], region: tuple[tuple[int, int], ...]
) -> Tensor:
    """Return what a network gives for a part of an image, ``(1, channels, *region)``."""
    axes = zip(network.geometry, region, image.shape[1:], strict=True)
    parts = [geometry.window(kept, size) for geometry, kept, size in axes]
    window = read_window(image, tuple(window for window, _ in parts))
    with torch.inference_mode():
        found = network.channels(torch.from_numpy(window[np.newaxis]))
    inside: Any = (..., *(slice(*kept) for _, kept in parts))
    return found[inside]


def _noise(shape: Sequence[int]) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).random(shape, dtype=np.float32))
