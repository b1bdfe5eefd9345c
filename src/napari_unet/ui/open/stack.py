"""Several files as one stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from napari.utils.notifications import show_warning

from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from napari_unet.io.picture import Picture

_ONE_BY_ONE = "Open them one by one."


def stack_of(pictures: Sequence[Picture]) -> Picture:
    """Return images or volumes of one size as one stack, and say what they are taken for.

    Parameters
    ----------
    pictures
        The images, in their order.

    Raises
    ------
    UserError
        If one is a movie, or is not like the first.
    """
    first = pictures[0]
    for each in pictures:
        _check_alike(each, first)
    axes = first.axes or ""
    if axes:
        show_warning(
            f"{len(pictures)} files are opened as one stack, and follow each other in time: if it "
            "is depth, say so under Axes."
        )
    return replace(
        first,
        data=np.stack([each.data for each in pictures]),
        axes=f"T{axes}" if axes else None,
        levels=(),
    )


def _check_alike(one: Picture, first: Picture) -> None:
    """Refuse a picture that does not belong into one stack with the first of it."""
    if "T" in (one.axes or ""):
        raise UserError(f"“{one.name}” is a movie, and several are no stack. {_ONE_BY_ONE}")
    if one.data.shape != first.data.shape:
        raise UserError(
            f"“{one.name}” has the size {one.data.shape} and “{first.name}” "
            f"{first.data.shape}: only images of one size are a stack. {_ONE_BY_ONE}"
        )
    meant, others = ((each.axes, each.negative, each.signed) for each in (one, first))
    if meant != others:
        raise UserError(
            f"The files of “{one.name}” and “{first.name}” do not say the same of their axes and "
            f"grey values: save them in one way, such as with Fiji. {_ONE_BY_ONE}"
        )
    if one.pixel.differs(first.pixel):
        raise UserError(
            f"Pixels of “{one.name}” are {one.pixel.in_words(one.unit)} and those of "
            f"“{first.name}” {first.pixel.in_words(first.unit)}: only images with one size of "
            f"pixels are a stack. {_ONE_BY_ONE}"
        )
