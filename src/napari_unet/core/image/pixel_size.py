"""How far an image is from the size that a model was trained at, and how it is brought there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_unet.core.errors import UserError

LIMITS = 0.1, 10.0
"""The smallest and the largest factor that an image is resampled by."""
CLOSE = 0.05
"""A factor this near 1 is none."""


@dataclass(frozen=True)
class Sizes:
    """How large pixels and objects are, as far as that is known.

    Parameters
    ----------
    pixel
        Size of a pixel in µm along each axis that the network sees; None for unknown.
    object
        Diameter in pixels of the disc or ball that is as large as the median object; None for
        unknown.
    working
        Of a model that was trained on images at a working size: pixels that it saw per pixel of
        those images, per axis. Pixel and object are those that it saw. None for their own size.
    spread
        From which to which diameter the median objects of single images went; None for unknown.
    sides
        Of a model: sides of a pixel that it saw, of which only the relation is known; None for
        unknown, or where the size of its pixels is known.
    """

    pixel: tuple[float, ...] | None = None
    object: float | None = None
    working: tuple[float, ...] | None = None
    spread: tuple[float, float] | None = None
    sides: tuple[float, ...] | None = None

    @property
    def shape(self) -> tuple[float, ...] | None:
        """Sides of a pixel, of which the relation counts; None for unknown."""
        return self.pixel or self.sides


def factors(match: str, model: Sizes, image: Sizes, ndim: int) -> tuple[float, ...]:
    """Return by what an image is resampled, for a model to see it at the size that it knows.

    Parameters
    ----------
    match
        ``"off"``, ``"pixel size"`` or ``"object size"``, as in `SizeConfig`.
    model, image
        The sizes at which the model was trained, and those of the image.
    ndim
        Number of axes that the network sees.

    Returns
    -------
    Pixels of the resampled image per pixel of the image, per axis; 1 along all axes where none
    is further from it than 5 %. Matching objects, there is one factor for all axes, unless the
    shape of both their pixels is known: then these get the same shape, too. Where they do not, an
    image is taken to have pixels of the shape of those that the model was trained on.

    Raises
    ------
    UserError
        If a size is not known or is no size, or a factor is not from 0.1 to 10.
    """
    if match == "off":
        return (1.0,) * ndim
    if model.pixel is None and model.object is None:
        raise UserError(
            "Neither the size of the pixels nor that of the objects is known that this model was "
            "trained on, so no image can be brought to it: switch the matching of sizes off.",
            about="match off",
        )
    by = _by_pixels if match == "pixel size" else _by_objects
    found = by(model, image, ndim)
    worst = max(found, key=lambda factor: abs(math.log(factor)))
    if not LIMITS[0] <= worst <= LIMITS[1]:
        raise UserError(
            f"To match the model's {match}, the image would be brought to {worst:.3g} times its "
            f"size, and only {LIMITS[0]:g} to {LIMITS[1]:g} times make sense: check the {match} "
            "of the image, or choose another model."
        )
    close = all(abs(factor - 1) <= CLOSE for factor in found)
    return (1.0,) * ndim if close else found


def _by_pixels(model: Sizes, image: Sizes, ndim: int) -> tuple[float, ...]:
    if model.pixel is None:
        raise UserError(
            "This model does not know the pixel size that it was trained at: match the object "
            "size instead, or nothing."
        )
    if image.pixel is None:
        raise UserError(
            "The size of the image's pixels is not known: give it in µm, or match the object "
            "size instead."
        )
    if not _valid(image.pixel):
        told = ", ".join(f"{size:g}" for size in image.pixel)
        raise UserError(
            f"The size of the image's pixels is {told} µm, and each must be above 0: correct it, "
            "or match the object size instead."
        )
    return tuple(own / known for own, known in zip(image.pixel, model.pixel, strict=True))


def _by_objects(model: Sizes, image: Sizes, ndim: int) -> tuple[float, ...]:
    if model.object is None:
        raise UserError(
            "This model does not know the size of the objects that it was trained on: match the "
            "pixel size instead, or nothing."
        )
    if image.object is None:
        raise UserError("The size of the image's objects is not known: give their diameter.")
    factor = model.object / image.object
    shape = np.asarray(model.working or (1.0,) * ndim)
    unlike = unlike_pixels(model, image.pixel)
    if unlike:
        shape = np.asarray(unlike)
    together = factor * shape / np.prod(shape) ** (1 / ndim)
    return tuple(together.tolist())


def unlike_pixels(model: Sizes, pixel: tuple[float, ...] | None) -> tuple[float, ...]:
    """Return how much longer an image's pixels are along each axis than those that a model saw.

    Parameters
    ----------
    model
        The sizes at which the model was trained.
    pixel
        Size of the image's pixels; None for unknown.

    Returns
    -------
    One number per axis, along the last one 1; empty where a shape is not known.
    """
    if model.shape is None or pixel is None or not _valid(pixel):
        return ()
    longer = np.divide(pixel, model.shape)
    return tuple((longer / longer[-1]).tolist())


def _valid(pixel: Sequence[float]) -> bool:
    return all(0 < size < math.inf for size in pixel)


def common_pixel(pixels: Sequence[tuple[float, ...] | None]) -> tuple[float, ...] | None:
    """Return the pixel size that images share.

    Parameters
    ----------
    pixels
        Each image's own, in µm per axis; None for unknown.

    Returns
    -------
    The median per axis; None if one is not known, is no size, or is further from it than 5 %.
    """
    known = [pixel for pixel in pixels if pixel is not None and _valid(pixel)]
    if not known or len(known) < len(pixels):
        return None
    median = np.median(known, axis=0)
    alike = np.abs(np.divide(known, median) - 1).max() <= CLOSE
    return tuple(median.tolist()) if alike else None


def resized(shape: Sequence[int], factors: Sequence[float]) -> tuple[int, ...]:
    """Return an image's size after resampling, at least one pixel per axis."""
    return tuple(max(1, round(size * factor)) for size, factor in zip(shape, factors, strict=True))
