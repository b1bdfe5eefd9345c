"""What a file gives: the array, and what is known about its axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Picture:
    """An image or a label image as it was read.

    Parameters
    ----------
    data
        The array, in the file's own dtype and axis order.
    axes
        One letter of T, Z, C, Y, X per array axis; None where the file does not say.
    spacing
        Size of a pixel along each of the array's Z, Y and X axes; None where the file does not say.
    unit
        Unit of the spacing: ``"µm"``, or ``"px"`` where there is none.
    name
        The file's name without its ending.
    """

    data: NDArray[Any]
    axes: str | None = None
    spacing: tuple[float, ...] | None = None
    unit: str = "px"
    name: str = ""
