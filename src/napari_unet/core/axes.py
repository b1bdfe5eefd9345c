"""Which array axis is which, and images cut into planes that a network takes.

Axes are letters, one per array axis: T time, Z depth, C channel, Y row, X column. A network of
two spatial axes takes YX planes and treats T and Z as planes; one of three takes ZYX.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from napari_unet.core.errors import UserError

SPATIAL = {2: "YX", 3: "ZYX"}
COLOUR = (1, 3, 4)
"""Lengths of a last axis that is taken for grey, RGB or RGBA."""


def guess_axes(shape: Sequence[int], ndim: int, channels: int) -> str:
    """Name the axes of an array that says nothing about them.

    Parameters
    ----------
    shape
        The array's shape.
    ndim
        Number of spatial axes of the model, 2 or 3.
    channels
        Number of channels that the model takes.

    Returns
    -------
    One letter per axis. A last axis as short as grey, RGB or RGBA is colour; otherwise an axis
    as long as a model's several channels is the channel; then come Y, X, Z and T, from the end.
    """
    size = len(shape)
    channel = _guess_channel(shape, ndim, channels)
    others = size - (channel is not None)
    letters = list("TZYX")[max(0, 4 - others) :]
    if others > len(letters):
        raise UserError(
            f"An image with {size} axes is more than time, depth, channel, row and column: "
            "choose a part of it."
        )
    if channel is not None:
        letters.insert(channel, "C")
    return "".join(letters)


def _guess_channel(shape: Sequence[int], ndim: int, channels: int) -> int | None:
    if len(shape) < 3:
        return None
    last = len(shape) - 1
    places = (last, 0, 1) if channels in COLOUR else (0, last, 1)
    if channels > 1 and len(shape) > ndim:
        fitting = next((axis for axis in places if shape[axis] == channels), None)
        if fitting is not None:
            return fitting
    colour = shape[-1] in COLOUR and min(shape[-3:-1]) > max(COLOUR)
    return last if colour else None


@dataclass(frozen=True)
class Planes:
    """An image as a sequence of what a network takes, read only when asked for.

    Parameters
    ----------
    image
        The array.
    order
        Its axes: leading ones, channel (or -1 where there is none), spatial ones.
    lead
        Sizes of the leading axes.
    """

    image: Any
    order: tuple[int, ...]
    lead: tuple[int, ...]

    @property
    def spatial(self) -> tuple[int, ...]:
        """Sizes of the spatial axes."""
        return tuple(self.image.shape[axis] for axis in self.order[len(self.lead) + 1 :])

    def __len__(self) -> int:
        return prod(self.lead)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> np.ndarray:
        """Return one plane, ``(C, *spatial)``, in memory."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        where: list[Any] = [slice(None)] * len(self.image.shape)
        for axis, position in zip(self.order, np.unravel_index(index, self.lead), strict=False):
            where[axis] = int(position)
        plane = np.asarray(self.image[tuple(where)])
        kept = [axis for axis in self.order[len(self.lead) :] if axis >= 0]
        plane = plane.transpose([sorted(kept).index(axis) for axis in kept])
        return plane if self.order[len(self.lead)] >= 0 else plane[np.newaxis]


def arrange(image: Any, axes: str | None, ndim: int, channels: int) -> Planes:
    """Cut an image into planes for a network.

    Parameters
    ----------
    image
        numpy, dask or zarr array.
    axes
        One letter of TZCYX per array axis, or None to guess.
    ndim
        Number of spatial axes of the network, 2 or 3.
    channels
        Number of channels that it takes.

    Raises
    ------
    UserError
        If the axes do not fit the array or the channels do not fit the network.
    """
    shape = image.shape
    axes = (axes or guess_axes(shape, ndim, channels)).upper()
    if len(axes) != len(shape) or len(set(axes)) != len(axes) or set(axes) - set("TZCYX"):
        raise UserError(
            f"The axes {axes!r} do not fit an image with {len(shape)} axes: "
            "give one of the letters T, Z, C, Y and X for each."
        )
    spatial = SPATIAL[ndim]
    missing = [letter for letter in spatial if letter not in axes]
    if missing:
        raise UserError(
            f"This model works in {ndim}D, and the image (axes {axes}) has no {missing[0]} axis."
        )
    found = shape[axes.index("C")] if "C" in axes else 1
    if found != channels:
        raise UserError(
            f"The image has {_count(found)}, but the model was trained on {_count(channels)}: "
            "choose an image or a model that fits."
        )
    lead = [axis for axis, letter in enumerate(axes) if letter not in spatial + "C"]
    order = (*lead, axes.find("C"), *(axes.index(letter) for letter in spatial))
    return Planes(image, order, tuple(shape[axis] for axis in lead))


def _count(channels: int) -> str:
    return "1 channel" if channels == 1 else f"{channels} channels"
