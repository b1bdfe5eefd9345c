"""From the network's output to objects, the same whatever the blocks it is worked out in.

Every step is exactly local, or a table over the few things that are not: smoothing and the uphill
pointers look at a pixel's neighbourhood, basins are joined in a graph of basins. Ties are broken by
the pixels' place in the whole image, never by the block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.decoding.basins import contacts, join_basins, number_objects
from napari_unet.core.decoding.hills import blocks_of, follow_uphill, smoothed_hills
from napari_unet.core.errors import UserError
from napari_unet.core.progress import stop_point

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_unet.core.config import DecodeConfig

    Floats = NDArray[np.float32]


def decode(
    probabilities: Floats,
    height: Floats | None,
    config: DecodeConfig,
    block: int | Sequence[int] | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.unsignedinteger]]:
    """Make instances and classes from the network's output for one plane or volume.

    Parameters
    ----------
    probabilities
        ``(K + 1, *spatial)`` float32, background first.
    height
        ``(*spatial)``; None takes the foreground probability.
    config
        Threshold, split strength and smallest size.
    block
        As in `instances_from_height`.

    Returns
    -------
    instances
        ``(*spatial)`` int32, numbered 1..N in scan order of their first pixels.
    semantic
        ``(*spatial)`` most probable class, the lowest of equals, in the smallest unsigned integer.
    """
    foreground = 1 - probabilities[0]
    instances = instances_from_height(
        foreground if height is None else height, foreground >= config.threshold, config, block
    )
    return instances, most_probable(probabilities)


def instances_from_height(
    height: Floats,
    foreground: NDArray[np.bool_],
    config: DecodeConfig,
    block: int | Sequence[int] | None = None,
) -> NDArray[np.int32]:
    """Part the foreground into objects, one per summit of the height.

    The height is smoothed (Gaussian, sigma 1 px). Each foreground pixel points to the highest
    pixel of its 3^n neighbourhood, ties to the first in scan order; pointers end at summits. The
    basins of two summits are joined, highest saddle first, where the lower summit rises less than
    ``config.split`` above the saddle. Objects below ``config.min_size`` pixels are dropped.

    Parameters
    ----------
    height
        ``(*spatial)``, high inside an object, low at its border.
    foreground
        ``(*spatial)`` bool. Parts that are not connected never share a number.
    config
        Split strength and smallest size.
    block
        Edge of the blocks to work in, one for all axes or one per axis; None for blocks that stay
        in the cache. The result does not depend on it.

    Returns
    -------
    ``(*spatial)`` int32, numbered 1..N in scan order of their first pixels, 0 elsewhere.

    Raises
    ------
    UserError
        If the shapes differ or the height is not finite.
    """
    _check(height, foreground)
    if not foreground.any():
        return np.zeros(foreground.shape, np.int32)
    blocks = blocks_of(foreground.shape, block)
    hills = smoothed_hills(height, foreground, blocks)
    pixels = np.flatnonzero(hills > -np.inf)
    roots = follow_uphill(hills, pixels, blocks)
    stop_point()
    basins, summits = _number_basins(hills, pixels, roots)
    contact = contacts(hills, basins, summits, config.split, blocks)
    stop_point()
    joined = join_basins(contact, summits, config.split)
    stop_point()
    number = number_objects(joined, *_sizes(basins.take(pixels), len(summits)), config.min_size)
    return number.astype(np.int32).take(basins[(slice(1, -1),) * basins.ndim])


def _check(height: Floats, foreground: NDArray[np.bool_]) -> None:
    if height.shape != foreground.shape:
        raise UserError(
            f"The height has shape {height.shape} but the foreground {foreground.shape}: "
            "give both the same shape."
        )
    if height.size and not np.isfinite([height.min(), height.max()]).all():
        raise UserError("The height has NaN or infinite values: check the image and the model.")


def most_probable(probabilities: Floats) -> NDArray[np.unsignedinteger]:
    """Return the most probable class of each pixel, the lowest of equals.

    Parameters
    ----------
    probabilities
        ``(K + 1, *spatial)`` float32, background first.

    Returns
    -------
    ``(*spatial)`` in the smallest unsigned integer that holds the classes.
    """
    # a running best: `argmax` along the first axis takes longer, and 8 bytes a pixel
    best = probabilities[0].copy()
    semantic = np.zeros(best.shape, np.min_scalar_type(len(probabilities) - 1))
    for number, probability in enumerate(probabilities[1:], start=1):
        np.copyto(semantic, number, where=probability > best, casting="unsafe")
        np.maximum(best, probability, out=best)
    return semantic


def _sizes(basin: NDArray[np.int32], count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return by basin number how many pixels it has and which one is the first, in scan order."""
    first = np.zeros(count, np.intp)
    first[basin[::-1]] = np.arange(len(basin))[::-1]
    return np.bincount(basin, minlength=count), first


def _number_basins(
    hills: Floats, pixels: NDArray[np.intp], roots: NDArray[np.intp]
) -> tuple[NDArray[np.int32], Floats]:
    """Give each pixel its basin's number, from 1 in the summits' scan order, and their heights."""
    tops = pixels[roots == pixels]
    number = np.zeros(hills.size, np.int32)
    number[tops] = np.arange(1, len(tops) + 1)
    basins = np.zeros(hills.shape, np.int32)
    basins.ravel()[pixels] = number.take(roots)
    return basins, np.append(np.float32(-np.inf), hills.take(tops))
