"""Does a model know images like this one? A few figures of an image say it, beside those it knows.

*Sureness* is the mean probability of what the network calls foreground: in images that are like
those it has learnt from it is high, whatever their objects. *Grey* is the median grey value after
normalisation, near 0 for dark ground and near 1 for bright ground, *contrast* how far grey values
are apart: they say why a network is unsure, or sure of what it cannot know. *Mix* is the share of
each class in what was found, *covered* how much of the image that is: noise is full of one class,
and of the others there is nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.normalize import Greys

Range = tuple[float, float]

_FOREGROUND = 0.5
_UNUSUAL = 10.0
"""Percent of the known images that are less sure, or have less or more usual grey values."""
_LEAST_SURE = 0.72
"""For models of which nothing is known."""
_LESS_SURE = 0.06
_OTHER_GREY = 0.25
"""So far from what is usual counts as one doubt each."""
_MUCH_MORE = 0.33
"""So much more of an image that is found counts as one doubt, too."""
_RARE = 0.5
"""A class that has less than this much of its least usual share is beginning to be missed."""
_MISSED = 1.5
"""Doubts where nothing is found of a class that is usually there."""
GENERAL = "cells"
"""The bundled model that has seen all kinds of images: a last resort where no other fits."""
DOUBTFUL = 1.25
"""Doubts from which on a result is doubtful."""


@dataclass(frozen=True)
class Seen:
    """What a network made of an image.

    Parameters
    ----------
    sureness
        Mean foreground probability, above .5, of the pixels above .5; None where there are none.
    grey
        Median of the normalised grey values; None for an image that looks empty.
    contrast
        How far their percentiles 10 and 90 are apart.
    mix
        Mean probability of each class, relative to all, in the same pixels; empty without any.
    covered
        Share of these pixels.
    margin
        Share of the image that is an even margin around the picture.
    """

    sureness: float | None = None
    grey: float | None = None
    contrast: float | None = None
    mix: tuple[float, ...] = ()
    covered: float = 0.0
    margin: float = 0.0

    @classmethod
    def of(
        cls, outputs: Iterable[NDArray[np.float32]], greys: Collection[Greys], classes: int
    ) -> Self:
        """Look at a network's output.

        Parameters
        ----------
        outputs
            Of parts of an image, float32 ``(K + 1, ...)`` each, probabilities with the background
            first; more channels are passed over.
        greys
            Grey values of planes, as in the class, of which the medians are taken. Not looked at
            before all outputs are there.
        classes
            K.
        """
        total, count, pixels = np.zeros(classes + 1), 0, 0
        for output in outputs:
            found = output[0] < 1 - _FOREGROUND
            total += [each[found].sum(dtype=np.float64) for each in output[: classes + 1]]
            count, pixels = count + int(np.count_nonzero(found)), pixels + found.size
        grey, contrast, around = _medians(greys)
        if not count:
            return cls(None, grey, contrast, margin=around or 0.0)
        background, *each_class = total.tolist()
        whole = sum(each_class) or 1.0
        mix = tuple(each / whole for each in each_class)
        sureness = 1 - background / count
        return cls(sureness, grey, contrast, mix, count / pixels, around or 0.0)


@dataclass(frozen=True)
class Known:
    """What is usual in images that a model knows.

    Parameters
    ----------
    sureness
        Of its least sure images.
    grey, contrast
        From where to where they go.
    mix
        The least usual share of each class; empty for unknown.
    covered
        Up to which share of an image is found; there may always be less.
    """

    sureness: float = _LEAST_SURE
    grey: Range = (0.0, 1.0)
    contrast: Range = (0.0, 1.0)
    mix: tuple[float, ...] = ()
    covered: float = 1.0

    @classmethod
    def of(cls, seen: Sequence[Seen]) -> Self:
        """Return what is usual, of images with known objects; nothing special without any."""
        sure = [each.sureness for each in seen if each.sureness is not None]
        grey = [each.grey for each in seen if each.grey is not None]
        contrast = [each.contrast for each in seen if each.contrast is not None]
        if not sure or not grey or not contrast:
            return cls()
        some = [each for each in seen if each.mix]
        mix = np.percentile([each.mix for each in some], _UNUSUAL, axis=0) if some else np.empty(0)
        covered = _usual([each.covered for each in some])[1] if some else 1.0
        surest = float(np.percentile(sure, _UNUSUAL))
        return cls(surest, _usual(grey), _usual(contrast), tuple(mix.tolist()), covered)

    @classmethod
    def from_dict(cls, noted: Any) -> Self:
        """Return what a model's file has noted; nothing special where it has nothing."""
        try:
            known = noted["known"]
            grey, contrast = (_range(known[name]) for name in ("grey", "contrast"))
            mix = tuple(map(float, known.get("mix", ())))
            covered = float(known.get("covered", 1.0))
            return cls(float(known["sureness"]), grey, contrast, mix, covered)
        except (TypeError, KeyError, ValueError):
            return cls()

    @classmethod
    def of_any_grey(cls) -> Self:
        """Return what is usual where grey values are brought to a range that is not ours."""
        anything = (-np.inf, np.inf)
        return cls(grey=anything, contrast=anything)

    def to_dict(self) -> Mapping[str, Any]:
        """Return what is to be noted in a model's file, for `from_dict`."""
        ranges = {"grey": list(self.grey), "contrast": list(self.contrast)}
        found = {"mix": list(self.mix), "covered": self.covered}
        return {"known": {"sureness": self.sureness, **ranges, **found}}


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
    """

    doubts: float = 0.0
    told: str = ""
    inverted: bool = False
    found: bool = True

    @property
    def doubtful(self) -> bool:
        """Whether another model or other grey values may do better; for a margin they do not."""
        return self.doubts > DOUBTFUL

    @property
    def beside_others(self) -> float:
        """Doubts to compare models by: who finds nothing comes after who fits."""
        return self.doubts if self.found else max(DOUBTFUL, self.doubts)

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
        sureness = known.sureness if seen.sureness is None else seen.sureness
        unsure = max(0.0, known.sureness - sureness) / _LESS_SURE
        grey, off = seen.grey, _off(seen.grey, known.grey)
        apart = 0.0 if seen.contrast is None else _off(seen.contrast, known.contrast)
        missed = _missed(seen.mix, known.mix)
        more = max(0.0, seen.covered - known.covered)
        doubts = unsure + (off + apart) / _OTHER_GREY + more / _MUCH_MORE + _MISSED * missed
        around = _around(seen.margin) if seen.margin else ""
        if doubts <= DOUBTFUL:
            return cls(doubts, around, found=found)
        inverted = off > _OTHER_GREY and _off(1 - grey, known.grey) < off - _OTHER_GREY
        other = off + apart > _OTHER_GREY
        why = (
            _ground(grey, known, exchanged=exchanged)
            if inverted
            else _other(sureness, known, other, missed, more)
        )
        wrong = "The labels may be wrong" if found else "Objects may be missed"
        return cls(doubts, f"{around} {wrong}: {why}.".strip(), inverted, found)


def _medians(greys: Collection[Greys]) -> Sequence[float | None]:
    """Return the median of each figure of several planes; None without any."""
    if not greys:
        return [None] * len(Greys._fields)
    medians: list[float | None] = np.median([*greys], axis=0).tolist()
    return medians


def _around(margin: float) -> str:
    return (
        f"Objects at the picture's edge may be wrong, and their size: {margin:.0%} of the image is "
        "an even margin around it. Crop it."
    )


def _missed(mix: Sequence[float], usual: Sequence[float]) -> float:
    """Return how far one of the classes is missed, from 0 to 1."""
    pairs = [(each, _RARE * least) for each, least in zip(mix, usual, strict=False) if least]
    return max((1 - each / least for each, least in pairs if each < least), default=0.0)


def _usual(values: Sequence[float]) -> Range:
    low, high = np.percentile(values, [_UNUSUAL, 100 - _UNUSUAL])
    return float(low), float(high)


def _range(noted: Sequence[Any]) -> Range:
    low, high = noted
    return float(low), float(high)


def _off(value: float, usual: Range) -> float:
    """Return how far a value is from what is usual, 0 where it is within."""
    low, high = usual
    return max(0.0, low - value, value - high)


def fits_best(name: str) -> str:
    """Say which of the bundled models was chosen."""
    if name == GENERAL:
        return (
            f"No bundled model is made for images like this one: {name}, which knows a little of "
            "many kinds, was taken. Look at the labels, or annotate some and train."
        )
    return f"Bundled model that fits best: {name}."


def _ground(grey: float, known: Known, *, exchanged: bool) -> str:
    ground = ("bright", "dark") if grey > sum(known.grey) / 2 else ("dark", "bright")
    if exchanged:
        return (
            f"dark and bright are exchanged, so that the ground is {ground[0]}, and it is "
            f"{ground[1]} in the images that the model knows"
        )
    return f"the ground is {ground[0]} here, and {ground[1]} in the images that the model knows"


def _other(sureness: float, known: Known, grey: bool, missed: float, more: float) -> str:
    if grey:
        return "the grey values are unlike those of the images that the model knows"
    if missed > _RARE:
        return "of one of its classes there is hardly anything, unlike in the images that it knows"
    if more > _MUCH_MORE:
        return "far more of the image is found than of those that the model knows"
    usual = "" if known.sureness == _LEAST_SURE else f", where {known.sureness:.0%} is usual"
    return f"the model is {sureness:.0%} sure of what it found{usual}"
