"""The size of a pixel by the letter of its axis, whatever order an array's axes have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Self

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL, spatial_in
from napari_unet.core.words import counted

_COUNTS = {1: "one number", 2: "two numbers", 3: "three numbers"}

_POSSIBLE = 1e-5, 1000.0
"""The smallest and the largest pixel in µm that an electron or a light microscope can have."""

Listed = tuple[float | None, ...]
"""A size for each spatial axis of an array, None for one that is not known."""


@dataclass(frozen=True)
class Spacing:
    """What is measured along Z, Y and X: the size of a pixel, or the place of the first one.

    Parameters
    ----------
    sizes
        By axis letter; what is not known is not there. For what writes a file, T may be among
        them: the seconds from one frame to the next.
    """

    sizes: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def along(cls, axes: str, sizes: Sequence[float | None] | Spacing | None) -> Self:
        """Pair sizes with the axes that they are measured along.

        Parameters
        ----------
        axes
            One letter of TZCYX per axis of an array.
        sizes
            One for each Z, Y and X among them, in their order, None for one that is not known;
            None or empty for unknown. Or sizes by letter, of which those of these axes are kept.

        Raises
        ------
        UserError
            If there is not one for each.
        """
        if isinstance(sizes, Spacing):
            return cls({letter: size for letter, size in sizes.sizes.items() if letter in axes})
        sizes = () if sizes is None else _listed(sizes)
        if len(sizes) == 0:
            return cls()
        letters = spatial_in(axes)
        if len(letters) != len(sizes):
            raise misfit(len(sizes), axes)
        pairs = zip(letters, sizes, strict=True)
        return cls({letter: float(size) for letter, size in pairs if size is not None})

    def __bool__(self) -> bool:
        return bool(self.sizes)

    def of_space(self) -> Self:
        """Return the sizes along Z, Y and X alone."""
        return type(self).along(SPATIAL[3], self)

    def timed(self, step: float | None) -> Self:
        """Return the same with the seconds from one frame to the next, where they are known."""
        return self if step is None else type(self)({**self.sizes, "T": step})

    def differs(self, other: Self) -> bool:
        """Return whether along an axis that both know they are not the same, to 1 in 100."""
        both = self.sizes.keys() & other.sizes.keys()
        pairs = ((self.sizes[letter], other.sizes[letter]) for letter in both)
        return not all(math.isclose(*pair, rel_tol=0.01) for pair in pairs)

    def believed(self) -> tuple[Self, tuple[str, ...]]:
        """Leave sizes of pixels in µm away that no microscope has.

        Returns
        -------
        The other sizes, and a sentence for those that are left away; none where all stay.
        """
        low, high = _POSSIBLE
        kept = {letter: size for letter, size in self.sizes.items() if low <= size <= high}
        left = type(self)({letter: self.sizes[letter] for letter in self.sizes.keys() - kept})
        if not left:
            return self, ()
        told = f"The file says that a pixel is {left.in_words('µm')}, which no microscope has"
        return type(self)(kept), (f"{told}: its size is taken as unknown unless you give it.",)

    def in_words(self, unit: str) -> str:
        """Return the sizes with a unit and their axes, such as ``"0.5 x 0.25 µm (Y, X)"``."""
        letters = [letter for letter in SPATIAL[3] if letter in self.sizes]
        sizes = " x ".join(f"{_in_figures(self.sizes[letter])}" for letter in letters)
        return f"{sizes} {unit} ({', '.join(letters)})"

    def of(self, axes: str) -> tuple[float, ...] | None:
        """Return the sizes along each Z, Y and X among some axes; None if one is not known."""
        letters = spatial_in(axes)
        known = bool(letters) and set(letters) <= set(self.sizes)
        return tuple(self.sizes[letter] for letter in letters) if known else None

    def listed(self, axes: str) -> Listed:
        """Return the sizes along each Z, Y and X among some axes, None for one that is not known.

        Nothing is returned where none is known.
        """
        sizes = tuple(map(self.sizes.get, spatial_in(axes)))
        return sizes if any(sizes) else ()

    def filled(self, axes: str, otherwise: float) -> tuple[float, ...]:
        """Return a number for each axis of any letter, another one where the size is not known."""
        return tuple(self.sizes.get(letter, otherwise) for letter in axes.upper())

    def relative(self, ndim: int) -> tuple[float, ...]:
        """Return the sides of a voxel relative to its shortest, as a 3D network is taught by.

        Parameters
        ----------
        ndim
            Number of spatial axes of the network.

        Returns
        -------
        One number of at least 1 along Z, Y and X; empty in 2D and where a size is not known.
        """
        sizes = self.of(SPATIAL[3]) if ndim > 2 else None
        return () if sizes is None else tuple(size / min(sizes) for size in sizes)


def check_sizes(sizes: Sequence[float | None]) -> None:
    """Refuse sizes in µm that no pixel can have.

    Raises
    ------
    UserError
        If one that is known is not a number above 0, or there is not one for each of Y and X, or
        of Z, Y and X.
    """
    listed: Sequence[float | None] = _listed(sizes)
    told = ", ".join(map(str, listed))
    known = [size for size in listed if size is not None]
    if not all(isinstance(size, Real) and 0 < size < math.inf for size in known):
        raise UserError(f"A pixel cannot be {told} µm large: give numbers above 0.")
    if len(listed) not in (0, *SPATIAL):
        raise UserError(
            f"The size of a pixel must be two or three numbers (Y, X or Z, Y, X), not {told}.",
            about="spacing",
        )


def one_for_each(spacing: Sequence[float] | None, ndim: int) -> tuple[float, ...]:
    """Return how far it is from one pixel to the next along each axis of labels.

    Parameters
    ----------
    spacing
        A number for each axis; None for 1.
    ndim
        The number of axes.

    Raises
    ------
    UserError
        If there is not one for each, or one is not above 0.
    """
    listed = (1.0,) * ndim if spacing is None else tuple(_listed(spacing))
    if len(listed) != ndim or not all(0 < step < math.inf for step in listed):
        told = ", ".join(map(str, listed))
        raise UserError(f"spacing must be {ndim} numbers above 0, one for each axis, not {told}.")
    return tuple(map(float, listed))


def _listed(sizes: Any) -> Any:
    """Return sizes as a list, also one number alone, which somebody meant for all axes."""
    return (sizes,) if isinstance(sizes, Real) else sizes


def _in_figures(size: float) -> str:
    return f"{size:.4g}" if size < 1000 else f"{size:.0f}"


def misfit(count: int, axes: str) -> UserError:
    """Return what is wrong with so many sizes for an image with these axes."""
    letters = spatial_in(axes)
    given = f"{counted(count, 'pixel size')} {'does' if count == 1 else 'do'}"
    return UserError(
        f"{given} not fit an image with the axes {axes.upper()}: give "
        f"{_COUNTS.get(len(letters), 'numbers')}, one for each of {', '.join(letters)}.",
        about=f"spacing {','.join(letters)}",
    )
