"""The sizes that a package tells, in its form 0.4 or 0.5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from napari_unet.core.errors import UserError

_UNKNOWN = 2**31
"""Stands for a smallest size that is not told: that of the test counts."""
_LETTERS = {"batch": "b", "channel": "c", "time": "t", "index": "i"}


@dataclass(frozen=True)
class Size:
    """What a network takes and gives along one spatial axis.

    Parameters
    ----------
    least
        Pixels of the smallest input.
    step
        Inputs are that, or larger by a multiple of it; 0 for one size only.
    tested
        Pixels of the input of the package's own test.
    lead
        How many pixels of input lie before the first output pixel.
    halo
        Pixels at both ends of the output that are better not used.
    """

    least: int
    step: int
    tested: int
    lead: int
    halo: int


def kinds(axes: Any) -> str:
    """Return a letter for each axis: of batch and channel the first, of others their name's."""
    if isinstance(axes, str):
        return axes
    return "".join(_LETTERS.get(axis["type"], str(axis.get("id"))[:1]) for axis in axes)


def sizes(
    given: Mapping[str, Any],
    comes: Mapping[str, Any],
    seen: Sequence[int],
    found: Sequence[int],
) -> tuple[Size, ...]:
    """Return the sizes along each spatial axis.

    Parameters
    ----------
    given, comes
        What the package tells of the image that goes in, and of what comes out.
    seen, found
        Pixels of those of its own test.

    Raises
    ------
    UserError
        If what comes out is no image of the same pixels.
    """
    told, halos = _inputs(given), _halos(comes, len(seen))
    made = []
    for (least, step), halo, before, after in zip(told, halos, seen, found, strict=True):
        lost = before - after
        if lost < 0 or lost % 2 or halo < 0 or 2 * halo >= after:
            raise UserError(
                f"Its output has {after} pixels where {before} go in, with a halo of {halo}: use "
                "it in the program that it was made for."
            )
        fits = before >= least and (before - least) % (step or before) == 0
        # else what it is tested with is what is sure
        made.append(Size(*((least, step) if fits else (before, 0)), before, lost // 2, halo))
    return tuple(made)


def _inputs(given: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the smallest size and the step of each spatial axis."""
    axes, shape = given["axes"], given.get("shape")
    if isinstance(axes, str):
        if isinstance(shape, Mapping):
            return list(zip(map(int, shape["min"][2:]), map(int, shape["step"][2:]), strict=True))
        return [(int(size), 0) for size in (shape or ())[2:]]
    return [_ranged(axis["size"]) for axis in axes[2:]]


def _ranged(size: Any) -> tuple[int, int]:
    if isinstance(size, Mapping):  # some are told by another axis
        return int(size.get("min", _UNKNOWN)), int(size.get("step", 1))
    return int(size), 0


def _halos(comes: Mapping[str, Any], ndim: int) -> list[int]:
    axes = comes["axes"]
    if isinstance(axes, str):
        return [int(halo) for halo in (comes.get("halo") or [0] * (ndim + 2))[2:]]
    return [int(axis.get("halo") or 0) for axis in axes[2:]]
