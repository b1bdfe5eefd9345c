"""Refuse images that cannot be segmented, in one sentence each, before any long work."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_unet.core.errors import UserError

_MOST = float(np.finfo(np.float32).max) / 2
"""Farther from 0, the difference of two values may be none in float32."""


def check_image(image: Any, *, blank_allowed: bool = False) -> None:
    """Check that an array is an image.

    Parameters
    ----------
    image
        Any array with ``shape`` and numpy's ``dtype``. Lazy arrays are not computed here; their
        values are checked when they are read.
    blank_allowed
        Whether all pixels may have the same value: there is nothing to learn from such an image,
        but nothing wrong with it either.

    Raises
    ------
    UserError
        If it is no array, or has fewer than two axes, no pixels, masked ones or no real numbers;
        for arrays in memory also as `check_values` says.
    """
    dtype = _dtype(image)
    if len(image.shape) < 2:
        raise UserError(
            f"An image needs at least two axes, but this one has {len(image.shape)}: "
            "choose a picture or a stack of pictures."
        )
    if 0 in image.shape:
        raise UserError("The image is empty: it has no pixels.")
    if dtype.kind == "b":
        raise UserError(
            "The image holds only true and false, which is a mask: choose the microscope's image."
        )
    if dtype.kind not in "iuf":
        raise UserError(f"The image holds {dtype} values: convert it to integers or real numbers.")
    refuse_masked(image, "The image")
    if isinstance(image, np.ndarray):
        check_values(image, blank_allowed=blank_allowed)


def refuse_masked(array: Any, what: str) -> None:
    """Refuse an array of which some pixels are masked, as a network cannot leave them out.

    Parameters
    ----------
    array
        Any array.
    what
        How the sentence names it.

    Raises
    ------
    UserError
        If one of its pixels is masked.
    """
    if np.ma.is_masked(array):
        raise UserError(
            f"{what} has masked pixels, and its mask would be lost: fill them first (filled())."
        )


def _dtype(image: Any) -> np.dtype[Any]:
    try:
        len(image.shape)
        dtype: np.dtype[Any] = np.dtype(image.dtype)
    except (AttributeError, TypeError) as error:
        raise UserError(
            f"An image must be a numpy, dask or zarr array, not {type(image).__name__}: "
            "read it from its file or convert it first."
        ) from error
    return dtype


def check_values(image: np.ndarray, *, blank_allowed: bool = False) -> None:
    """Check the grey values of an image, any shape.

    Parameters
    ----------
    image
        The values.
    blank_allowed
        Whether all may be the same, as in an empty slice of a stack.

    Raises
    ------
    UserError
        If it holds NaN, infinity, values that float32 cannot calculate with, or the same value
        everywhere.
    """
    low, high = image.min(), image.max()
    if not np.isfinite(low) or not np.isfinite(high):
        raise UserError(
            "The image holds pixels without a value (NaN or infinity): replace them first."
        )
    farthest = max(float(low), float(high), key=abs)
    if abs(farthest) > _MOST:
        raise UserError(
            f"The image holds values as far from 0 as {farthest:g}, too far to calculate with: "
            "replace them, or divide all values by the same number first."
        )
    if low == high and not blank_allowed:
        raise UserError(
            f"Every pixel of the image has the same value ({low:g}): there is nothing to see in it."
        )
