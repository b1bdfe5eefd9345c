"""What the channels mean that a network of another program gives."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.errors import UserError
from napari_unet.core.program_config import BACKGROUND, BOUNDARY, FOREGROUND
from napari_unet.core.words import counted

CHOICES = {
    1: ((FOREGROUND,), (BOUNDARY,)),
    2: ((FOREGROUND, BOUNDARY), (BACKGROUND, FOREGROUND), ("class 1", "class 2")),
    3: ((BACKGROUND, FOREGROUND, BOUNDARY), (BACKGROUND, "class 1", "class 2")),
}
"""What is usual, by the number of channels."""
_KINDS = {
    BACKGROUND: r"back\W?ground|^bg$",
    BOUNDARY: r"boundar|border|contour|membrane|outline|^edges?$",
    FOREGROUND: r"foreground|^fg$|^masks?$|^objects?$",
}
_NO_NAME = r"^(output|channel|class|ch|c)?\W*\d*$"
_OTHER = r"dist|flow|affinit|offset|embedding|gradient|\brays?\b|depth|vector"
_NEAR = 1e-2
"""How far probabilities may be from 0 to 1, and their sum from 1."""


def meaning(
    names: Sequence[str], about: str, test: NDArray[np.floating], asked: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return what each channel is: `BACKGROUND`, `FOREGROUND`, `BOUNDARY` or the name of a class.

    Parameters
    ----------
    names
        Of the channels, as far as the package gives them names; empty for none.
    about
        What the package says about itself, in which a boundary may be mentioned.
    test
        What comes out of the package's own test, ``(N, channels, *spatial)``.
    asked
        What the user says that they are; empty for nothing.

    Returns
    -------
    One for each channel; empty where it is not clear.

    Raises
    ------
    UserError
        If what comes out is no probabilities, or nothing that objects can be made of.
    """
    count = test.shape[1]
    if asked:
        return checked(asked, count)
    if test.min() < -_NEAR or test.max() > 1 + _NEAR:
        raise UserError(
            f"It gives values from {test.min():.3g} to {test.max():.3g}, which are no "
            "probabilities: use it in the program that it was made for, and train a model on its "
            "labels."
        )
    kinds = tuple(map(_kind, names)) if len(names) == count else ("",) * count
    if all(kinds):
        return checked(kinds, count)
    if count > 1 and np.abs(test.sum(1) - 1).max() < _NEAR:
        rest = (FOREGROUND,) if count == 2 else tuple(f"class {n}" for n in range(1, count))
        return (BACKGROUND, *rest)
    boundary = re.search(_KINDS[BOUNDARY], about, re.I)
    return (FOREGROUND,) if count == 1 and not boundary else ()


def _kind(name: str) -> str:
    """Return what a channel of a name is; empty for unknown."""
    for kind, pattern in _KINDS.items():
        if re.search(pattern, name, re.I):
            return kind
    if re.search(_OTHER, name, re.I):
        raise UserError(
            f"It gives {name!r}, of which no objects are made here: use it in the program that it "
            "was made for, and train a model on its labels."
        )
    return "" if re.match(_NO_NAME, name, re.I) else name


def checked(channels: Sequence[str], count: int) -> tuple[str, ...]:
    """Return names of channels, once it is sure that they are as many as there are, and differ.

    Raises
    ------
    UserError
        If they are not, or are nothing but background.
    """
    if len(channels) != count or len(set(channels)) != count:
        raise UserError(
            f"The network gives {counted(count, 'channel')}: give as many different names, "
            f"such as {', '.join(CHOICES.get(count, CHOICES[2])[0])}.",
            about="outputs",
        )
    if set(channels) == {BACKGROUND}:
        raise UserError("A network that gives nothing but background finds no objects.")
    return tuple(channels)
