"""What is usual in the images that a model knows, as its file notes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from napari_unet.core.decoding.seen import Seen

Range = tuple[float, float]

LEAST_SURE = 0.72
"""For models of which nothing is known."""
_UNUSUAL = 10.0
"""Percent of the known images that are less sure or sharp, or have less or more usual grey values.
"""


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
    sharpness
        Of its least sharp images.
    images
        How many they are.
    """

    sureness: float = LEAST_SURE
    grey: Range = (0.0, 1.0)
    contrast: Range = (0.0, 1.0)
    mix: tuple[float, ...] = ()
    covered: float = 1.0
    sharpness: float = 0.0
    images: int = 0

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
        sharp = [each.sharpness for each in seen if each.grey is not None]
        surest, sharpest = (float(np.percentile(each, _UNUSUAL)) for each in (sure, sharp))
        greys, classes = (_usual(grey), _usual(contrast)), tuple(mix.tolist())
        return cls(surest, *greys, classes, covered, sharpest, len(sure))

    @classmethod
    def from_dict(cls, noted: Any) -> Self:
        """Return what a model's file has noted; nothing special where it has nothing."""
        try:
            known = noted["known"]
            grey, contrast = (_range(known[name]) for name in ("grey", "contrast"))
            mix = tuple(map(float, known.get("mix", ())))
            covered, sharpness = float(known.get("covered", 1)), float(known.get("sharpness", 0))
            figures = (mix, covered, sharpness, int(known.get("images", 0)))
            return cls(float(known["sureness"]), grey, contrast, *figures)
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
        found = {"mix": list(self.mix), "covered": self.covered, "sharpness": self.sharpness}
        return {"known": {"sureness": self.sureness, **ranges, **found, "images": self.images}}


def _usual(values: Sequence[float]) -> Range:
    low, high = np.percentile(values, [_UNUSUAL, 100 - _UNUSUAL])
    return float(low), float(high)


def _range(noted: Sequence[Any]) -> Range:
    low, high = noted
    return float(low), float(high)
