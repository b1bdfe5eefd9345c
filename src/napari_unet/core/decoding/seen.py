"""What a network made of an image, in a few figures.

*Sureness* is the mean probability of what the network calls foreground: in images that are like
those it has learnt from it is high, whatever their objects. *Grey* is the median grey value after
normalisation, near 0 for dark ground and near 1 for bright ground, *contrast* how far grey values
are apart: they say why a network is unsure, or sure of what it cannot know. *Sharpness* is low
where an image is out of focus. *Mix* is the share of each class in what was found, *covered* how
much of the image that is: noise is full of one class, and of the others there is nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.look.greys import Greys

_FOREGROUND = 0.5


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
    sharpness
        How steep its edges are.
    saturated, drawn, hot, overexposed
        As in `napari_unet.core.image.look.brightest.Brightest`.
    lines
        How far lines stand off from those beside them.
    """

    sureness: float | None = None
    grey: float | None = None
    contrast: float | None = None
    mix: tuple[float, ...] = ()
    covered: float = 0.0
    margin: float = 0.0
    sharpness: float = 1.0
    saturated: float = 0.0
    drawn: float = 0.0
    hot: float = 0.0
    overexposed: float = 0.0
    lines: float = 0.0

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
        seen = cls(**_medians(greys))
        if not count:
            return seen
        background, *each_class = total.tolist()
        whole = sum(each_class) or 1.0
        mix, covered = tuple(each / whole for each in each_class), count / pixels
        return replace(seen, sureness=1 - background / count, mix=mix, covered=covered)


def _medians(greys: Collection[Greys]) -> Mapping[str, Any]:
    """Return the median of each figure of several planes; nothing without any."""
    return Greys(*np.median([*greys], axis=0).tolist())._asdict() if greys else {}
