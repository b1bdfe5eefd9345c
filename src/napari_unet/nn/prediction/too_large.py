"""Whether an image can be segmented in memory, or only block by block."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from napari_unet.core.config import ModelConfig
from napari_unet.core.image.axes import SPATIAL, check_count
from napari_unet.processes.memory import free_memory

SMALL = 2**24
"""Images with no more pixels are not worth the detour over blocks."""
_DECODING = 32
"""Bytes per pixel of one plane that finding its objects takes for a while, as measured."""


def bytes_needed(shape: Sequence[int], axes: str, config: ModelConfig, views: str = "one") -> int:
    """Estimate the main memory that `segment` takes besides the image and the network.

    Parameters
    ----------
    shape, axes
        Size of the image, and one of the letters T, Z, C, Y and X per axis.
    config
        Of the model.
    views
        Over which views of the image is averaged, as in `TileConfig`.
    """
    sizes = dict(zip(axes, shape, strict=True)) | {"C": 1}
    plane = prod(sizes.get(letter, 1) for letter in SPATIAL[config.ndim])
    channels = config.num_classes + config.height + (views != "one")
    classes = np.min_scalar_type(config.num_classes - 1)
    labels = np.dtype(np.int32).itemsize + classes.itemsize
    float32 = np.dtype(np.float32).itemsize
    kept = prod(sizes.values()) * (channels * float32 + labels)
    return kept + plane * (_DECODING + config.in_channels * float32)


def exceeds_memory(
    shape: Sequence[int], axes: str, config: ModelConfig, views: str = "one"
) -> bool:
    """Tell whether an image is too large to be segmented in the memory that is free.

    Parameters
    ----------
    shape, axes, config, views
        As in `bytes_needed`.

    Raises
    ------
    UserError
        If there are more or fewer axes than the image has.
    """
    check_count(axes, shape)
    pixels = prod(size for letter, size in zip(axes, shape, strict=True) if letter != "C")
    # the network takes up to half of what is free
    return pixels > SMALL and bytes_needed(shape, axes, config, views) > free_memory() / 2
