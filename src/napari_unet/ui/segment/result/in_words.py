"""What was found, in words: how many objects, and in what."""

from __future__ import annotations

from collections.abc import Sequence

from napari_unet.core.words import counted
from napari_unet.ui.segment.result.shown import Shown


def found_in_words(shown: Shown, place: Sequence[int] | None, beside: Sequence[Shown]) -> str:
    """Say how many objects a result has in the plane in view, and in all of its planes.

    Parameters
    ----------
    shown
        The result.
    place
        Which pixel of its layer is in view; None where none of its planes is.
    beside
        The results of single planes in its layer.
    """
    result, name, noun = shown.result, f"“{shown.job.source.name}”", _noun(shown)
    total, planes = shown.total, shown.counts.size
    if shown.planes:
        total, planes = sum(int(each.counts.sum()) for each in beside), len(beside)
    of_all = f"in {counted(planes, noun)} of {name}"
    if planes == 1:
        part = f"this {noun} of " if shown.planes else ""
        told = f"{counted(int(shown.counts.sum()), 'object')} in {part}{name}"
    elif not shown.planes and (result.link.planes or result.link.frames):
        told = f"{counted(total, 'object')} {of_all}, {_joined(shown)}"
        told += f"; {_count_at(shown, place):,} in this {noun}" if place is not None else ""
    elif place is None:
        told = f"{counted(total, 'object')} {of_all}"
    else:
        told = f"{counted(_count_at(shown, place), 'object')} in this {noun}, {total:,} {of_all}"
    parted = _PARTED.format(noun=noun) if shown.parted else ""
    return " ".join(filter(None, (f"{told}.", parted, result.note)))


def _count_at(shown: Shown, place: Sequence[int]) -> int:
    """Return how many objects a result has in the plane of a pixel of its layer."""
    axes = shown.job.source.result_axes
    return int(shown.counts[tuple(place[axes.index(letter)] for letter in shown.lead)])


_PARTED = (
    "The objects of this {noun} are no longer joined to those of the others: "
    "Whole stack joins them again."
)


def _noun(shown: Shown) -> str:
    axes = shown.job.source.result_axes
    through_time = "T" in axes and ("Z" not in axes or shown.result.ndim > 2)
    return "frame" if through_time else "plane"


def _joined(shown: Shown) -> str:
    link = shown.result.link
    words = ["joined in 3D"] * bool(link.planes) + ["followed through time"] * link.frames
    return " and ".join(words)
