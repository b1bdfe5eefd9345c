"""Does a model know images like this one? What it made of it is put beside what is usual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from napari_unet.core.decoding.known import LEAST_SURE, Known, Range
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.image.look import gaps
from napari_unet.core.instances.looks import NO_IMAGE

_FEW = 3
"""Of fewer images nobody knows how far others of their kind are from them."""
_LESS_SURE = {True: 0.06, False: 0.025}
_SOFTER = {True: 0.3, False: 0.1}
"""What counts as one doubt, where a model knows few images and where it knows more: how much less
sure it is, and by which share edges are softer.
"""
_OTHER_GREY = 0.25
"""So far from the usual grey values counts as one doubt each."""
_MUCH_MORE = 0.33
"""So much more of an image that is found counts as one doubt, too."""
_SATURATED = 0.3
"""Of the bright pixels of an image with dark ground, from this share on it is told.

None of the 805 images of the shared sets has more than .05. Nuclei of four images, twice, four and
six times as bright as their range: .49 to .87 (once .35), AP at .5 from .96 to .91, .69 and .42.
"""
_DRAWN, _HOT, _OVEREXPOSED = 0.0005, 0.001, 0.5
"""Shares of an image that is drawn over, of its pixels that are hot, and of the values of a colour
image that are saturated, from which on they are told.

In no image of the shared sets are there more than .0001, .0004 and .033. With .002 of hot pixels,
four times as bright as nuclei, the AP at .5 of three images is .89, .88 and .80, for .96, .97 and
.95; with a scale bar and text that of four is .82, for .98; and that of two of tissue of which .7
is saturated is .73, for .83.
"""
_STAND_OFF = 6.0
"""Rows that stand off this much from those beside them are told.

In no plane of the shared sets do they more than 1.4. With every other row of three images shifted
by 6 px it is 35 or more, with rows of four shifted at random by up to 5 px 7 or more: AP at .5 .46
to .85 and .57 to .81, for .91 to 1.
"""
_MIDDLE = 0.5
"""Grey value below which ground is dark."""
_RARE = 0.5
"""A class that has less than this much of its least usual share is beginning to be missed."""
_MISSED = 1.5
"""Doubts where nothing is found of a class that is usually there."""
GENERAL = "cells"
"""The bundled model that has seen all kinds of images: a last resort where no other fits."""
DOUBTFUL = 1.25
"""Doubts from which on a result is doubtful."""


@dataclass(frozen=True)
class Fit:
    """How well a model fits an image.

    Parameters
    ----------
    doubts
        0 for an image like those that the model knows; the more, the less it is like them.
    told
        A sentence where they are, otherwise nothing.
    inverted
        Whether the image would be more usual with dark and bright exchanged.
    found
        Whether the network found anything.
    spoilt
        How many of the doubts are not about the model: a blurred or noisy image is so for all.
    """

    doubts: float = 0.0
    told: str = ""
    inverted: bool = False
    found: bool = True
    spoilt: float = 0.0

    @property
    def doubtful(self) -> bool:
        """Whether another model or other grey values may do better; for a margin they do not."""
        return self.doubts > DOUBTFUL

    @property
    def beside_others(self) -> float:
        """Doubts to compare models by: who finds nothing comes after who fits."""
        doubts = self.doubts - self.spoilt
        return doubts if self.found else max(DOUBTFUL, doubts)

    @classmethod
    def of(cls, seen: Seen, known: Known, *, exchanged: bool = False) -> Self:
        """Compare what a network made of an image with what is usual.

        Parameters
        ----------
        seen, known
            What it made of it, and what is usual.
        exchanged
            Whether it saw the image with dark and bright exchanged.
        """
        if seen.grey is None:
            return cls(found=False)
        found = seen.sureness is not None
        doubts = _Doubts.of(seen, known)
        image = " ".join(_of_the_image(seen, known, exchanged=exchanged))
        if doubts.all <= DOUBTFUL:
            return cls(doubts.all, image, found=found, spoilt=doubts.spoilt)
        off = _off(seen.grey, known.grey)
        inverted = off > _OTHER_GREY and _off(1 - seen.grey, known.grey) < off - _OTHER_GREY
        why = (
            _ground(seen.grey, known, exchanged=exchanged)
            if inverted
            else _other(doubts, seen, known)
        )
        wrong = _WRONG if found else _FEWER
        told = f"{image} {wrong}: {why}.".strip()
        return cls(doubts.all, told, inverted, found, doubts.spoilt)


@dataclass(frozen=True)
class _Doubts:
    """How far an image is from what is usual, figure by figure."""

    unsure: float
    soft: float
    grey: float
    missed: float
    more: float
    spoilt: float

    @classmethod
    def of(cls, seen: Seen, known: Known) -> Self:
        few = known.images < _FEW
        less_sure = 0.0 if seen.sureness is None else max(0.0, known.sureness - seen.sureness)
        softer = max(0.0, 1 - seen.sharpness / known.sharpness) if known.sharpness else 0.0
        grey = 0.0 if seen.grey is None else _off(seen.grey, known.grey)
        apart = 0.0 if seen.contrast is None else _off(seen.contrast, known.contrast)
        unsure, soft = less_sure / _LESS_SURE[few], softer / _SOFTER[few]
        return cls(
            unsure,
            soft,
            (grey + apart) / _OTHER_GREY,
            _MISSED * _missed(seen.mix, known.mix),
            max(0.0, seen.covered - known.covered) / _MUCH_MORE,
            spoilt=soft + unsure - less_sure / _LESS_SURE[True],
        )

    @property
    def all(self) -> float:
        return self.unsure + self.soft + self.grey + self.missed + self.more


def _missed(mix: Sequence[float], usual: Sequence[float]) -> float:
    """Return how far one of the classes is missed, from 0 to 1."""
    pairs = [(each, _RARE * least) for each, least in zip(mix, usual, strict=False) if least]
    return max((1 - each / least for each, least in pairs if each < least), default=0.0)


def _off(value: float, usual: Range) -> float:
    """Return how far a value is from what is usual, 0 where it is within."""
    low, high = usual
    return max(0.0, low - value, value - high)


def says_doubt(told: str) -> bool:
    """Return whether sentences on a result say that it may be wrong."""
    return any(each in told for each in _DOUBTS)


def fits_best(name: str) -> str:
    """Say which of the bundled models was chosen."""
    if name == GENERAL:
        return (
            f"{_NO_MODEL}: {name}, which knows a little of many kinds, was taken. "
            "Look at the labels, or annotate some and train."
        )
    return f"Bundled model that fits best: {name}."


def _of_the_image(seen: Seen, known: Known, *, exchanged: bool) -> Iterator[str]:
    """Yield what is doubtful whatever the model: a margin, bright pixels, and lines."""
    if seen.margin:
        yield (
            f"{_AT_EDGE}, and their size: {seen.margin:.0%} of the image is an even margin "
            "around it. Crop it."
        )
    dark = (seen.grey or 0.0) < _MIDDLE and sum(known.grey) / 2 <= _MIDDLE and not exchanged
    if dark and seen.drawn >= _DRAWN and not seen.margin:
        yield (
            f"{_FALSE}: text, a bar or lines seem to be drawn over {seen.drawn:.1%} of the image. "
            "Take the image without them, or crop it."
        )
    if seen.hot >= _HOT:
        yield (
            f"{_FALSE}: {seen.hot:.1%} of the pixels are hot, far brighter than all around them. "
            "Take them out first with a median filter (Despeckle in Fiji)."
        )
    if dark and seen.saturated >= _SATURATED:
        yield f"{_OUTLINES}: {seen.saturated:.0%} of the bright pixels are saturated. {_EXPOSE}"
    if seen.overexposed >= _OVEREXPOSED:
        yield f"{_OUTLINES}: {seen.overexposed:.0%} of the image is saturated. {_EXPOSE}"
    if seen.lines >= _STAND_OFF:
        yield (
            f"{_OUTLINES}: rows or columns stand off from those beside them, as where a scan is "
            "out of step or light flickers. Align or filter them first."
        )


def _ground(grey: float, known: Known, *, exchanged: bool) -> str:
    ground = ("bright", "dark") if grey > sum(known.grey) / 2 else ("dark", "bright")
    if exchanged:
        return (
            f"dark and bright are exchanged, so that the ground is {ground[0]}, and it is "
            f"{ground[1]} in the images that the model knows"
        )
    return f"the ground is {ground[0]} here, and {ground[1]} in the images that the model knows"


def _other(doubts: _Doubts, seen: Seen, known: Known) -> str:
    """Say why there are doubts: the first that is one by itself, else the largest."""
    if doubts.grey > 1:
        return _GREY
    if doubts.soft > 1:
        return _SOFT
    if doubts.missed > _RARE * _MISSED:
        return _MISSING
    if doubts.more > 1:
        return _MORE
    parts = (
        (doubts.unsure, _unsure(seen, known)),
        (doubts.grey, _GREY),
        (doubts.soft, _SOFT),
        (doubts.missed, _MISSING),
        (doubts.more, _MORE),
    )
    return max(parts, key=lambda part: part[0])[1]


def _unsure(seen: Seen, known: Known) -> str:
    """Say how sure a model is; to be told only where it is less sure than usual."""
    sure, usual = (f"{each:.0%}" for each in (seen.sureness or 0.0, known.sureness))
    if known.sureness == LEAST_SURE:
        return f"the model is {sure} sure of what it found"
    if sure == usual:
        return "the model is less sure of what it found than usual"
    return f"the model is {sure} sure of what it found, where {usual} is usual"


_WRONG, _FEWER = "The labels may be wrong", "Objects may be missed"
_AT_EDGE = "Objects at the picture's edge may be wrong"
_OUTLINES = "Outlines, sizes and grey values may be wrong"
_EXPOSE = "Take the image with a shorter exposure or less light."
_FALSE = "Some objects may be false"
_NO_MODEL = "No bundled model is made for images like this one"
_GREY = "the grey values are unlike those of the images that the model knows"
_SOFT = "the image is blurred, unlike those that the model knows"
_MISSING = "of one of its classes there is hardly anything, unlike in the images that it knows"
_MORE = "far more of the image is found than of those that the model knows"
_DOUBTS = _WRONG, _FEWER, _AT_EDGE, _OUTLINES, _FALSE, _NO_MODEL, NO_IMAGE, *gaps.DOUBTS
