"""Refuse images that cannot be segmented, in one sentence each, before any long work."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_unet.core.errors import UserError


def check_image(image: Any) -> None:
    """Check that an array is an image.

    Parameters
    ----------
    image
        Any array with ``shape`` and ``dtype``. Lazy arrays are not computed here; their values
        are checked when they are read.

    Raises
    ------
    UserError
        If it has fewer than two axes, no pixels or no real numbers; for arrays in memory also
        if it holds NaN or infinity or is constant.
    """
    dtype = np.dtype(image.dtype)
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
    if isinstance(image, np.ndarray):
        check_values(image)


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
        If it holds NaN or infinity, or the same value everywhere.
    """
    low, high = image.min(), image.max()
    if not np.isfinite(low) or not np.isfinite(high):
        raise UserError(
            "The image holds pixels without a value (NaN or infinity): replace them first."
        )
    if low == high and not blank_allowed:
        raise UserError(
            f"Every pixel of the image has the same value ({low:g}): there is nothing to see in it."
        )
