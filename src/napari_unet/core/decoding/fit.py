"""Does a model know images like this one? Two figures of an image say it, beside those it knows.

*Sureness* is the mean probability of what the network calls foreground: in images that are like
those it has learnt from it is high, whatever their objects. *Grey* is the median grey value after
normalisation, near 0 for dark ground and near 1 for bright ground: it says why a network is unsure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

_FOREGROUND = 0.5
_UNUSUAL = 10.0
"""Percent of the known images that are less sure, or have less or more usual grey values."""
_LEAST_SURE = 0.72
"""For models of which nothing is known."""
_LESS_SURE = 0.06
_OTHER_GREY = 0.25
"""So far from what is usual counts as one doubt each."""
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
    """

    sureness: float | None = None
    grey: float | None = None

    @classmethod
    def of(cls, outputs: Iterable[NDArray[np.float32]], greys: Collection[float]) -> Self:
        """Look at a network's output.

        Parameters
        ----------
        outputs
            Of parts of an image, float32 ``(K + 1, ...)`` each, probabilities with the background
            first; more channels are passed over.
        greys
            Median grey values of planes, as in the class, of which the median is taken. Not looked
            at before all outputs are there.
        """
        total, count = 0.0, 0
        for output in outputs:
            background = output[0]
            found = background[background < 1 - _FOREGROUND]
            total, count = total + float(found.sum(dtype=np.float64)), count + found.size
        sureness = 1 - total / count if count else None
        return cls(sureness, float(np.median([*greys])) if greys else None)


@dataclass(frozen=True)
class Known:
    """What is usual in images that a model knows.

    Parameters
    ----------
    sureness
        Of its least sure images.
    grey
        The range of the grey values.
    """

    sureness: float = _LEAST_SURE
    grey: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def of(cls, seen: Sequence[Seen]) -> Self:
        """Return what is usual, of images with known objects; nothing special without any."""
        sure = [each.sureness for each in seen if each.sureness is not None]
        grey = [each.grey for each in seen if each.grey is not None]
        if not sure or not grey:
            return cls()
        low, high = np.percentile(grey, [_UNUSUAL, 100 - _UNUSUAL])
        return cls(float(np.percentile(sure, _UNUSUAL)), (float(low), float(high)))

    @classmethod
    def from_dict(cls, noted: Any) -> Self:
        """Return what a model's file has noted; nothing special where it has nothing."""
        try:
            low, high = noted["known"]["grey"]
            return cls(float(noted["known"]["sureness"]), (float(low), float(high)))
        except (TypeError, KeyError, ValueError):
            return cls()

    def to_dict(self) -> Mapping[str, Any]:
        """Return what is to be noted in a model's file, for `from_dict`."""
        return {"known": {"sureness": self.sureness, "grey": list(self.grey)}}

    def off(self, grey: float) -> float:
        """Return how far a grey value is from what is usual, 0 where it is within."""
        low, high = self.grey
        return max(0.0, low - grey, grey - high)


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

    @classmethod
    def of(cls, seen: Seen, known: Known) -> Self:
        """Compare what a network made of an image with what is usual."""
        if seen.sureness is None or seen.grey is None:
            return cls(found=False)
        unsure = max(0.0, known.sureness - seen.sureness) / _LESS_SURE
        grey, off = seen.grey, known.off(seen.grey)
        doubts = unsure + off / _OTHER_GREY
        if doubts <= DOUBTFUL:
            return cls(doubts)
        inverted = off > _OTHER_GREY and known.off(1 - grey) < off - _OTHER_GREY
        why = _exchanged(grey, known) if inverted else _other(seen.sureness, known, off)
        return cls(doubts, f"The labels may be wrong: {why}.", inverted)


def fits_best(name: str) -> str:
    """Say which of the bundled models was chosen."""
    return f"Bundled model that fits best: {name}."


def _exchanged(grey: float, known: Known) -> str:
    ground = ("bright", "dark") if grey > sum(known.grey) / 2 else ("dark", "bright")
    return f"the ground is {ground[0]} here, and {ground[1]} in the images that the model knows"


def _other(sureness: float, known: Known, off: float) -> str:
    if off > _OTHER_GREY:
        return "the grey values are unlike those of the images that the model knows"
    usual = "" if known == Known() else f", where {known.sureness:.0%} is usual"
    return f"the model is {sureness:.0%} sure of what it found{usual}"
