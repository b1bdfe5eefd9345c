"""What a file gives: the array, and what is known about its axes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np


@dataclass(frozen=True)
class Picture:
    """An image or a label image as it was read.

    Parameters
    ----------
    data
        The array, in the file's own dtype and axis order: numpy, or lazy where it is large.
    axes
        One letter of T, Z, C, Y, X per array axis; None where the file does not say.
    spacing
        Size of a pixel along each of the array's Z, Y and X axes, in the array's order; None
        where the file does not say.
    unit
        Unit of the spacing: ``"µm"``, or ``"px"`` where there is none.
    name
        The file's name without its ending.
    levels
        The arrays of a pyramid that is read part by part, the finest first; empty for an image
        in memory.
    origin
        Place of the first pixel along the axes of `spacing`, in `unit`; None where the file does
        not say.
    labels
        Whether the file says that its numbers are labels.
    """

    data: Any
    axes: str | None = None
    spacing: tuple[float, ...] | None = None
    unit: str = "px"
    name: str = ""
    levels: tuple[Any, ...] = ()
    origin: tuple[float, ...] | None = None
    labels: bool = False

    def loaded(self) -> Self:
        """Return the picture with all of its data in memory."""
        return replace(self, data=np.asarray(self.data), levels=())
