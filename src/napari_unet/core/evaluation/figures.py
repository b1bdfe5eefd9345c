"""The few figures that say how good a model is, as they are shown to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = {"ap": "mean AP", "ap50": "AP at 0.5", "ap75": "AP at 0.75", "dice": "Dice"}
"""What the figures are called."""


def figures(values: Mapping[str, Any]) -> dict[str, float]:
    """Return what is shown of the values of a validation: each of `NAMES` that it has.

    Parameters
    ----------
    values
        As validations give them, with a Dice for each class.

    Returns
    -------
    The figures, of Dice the mean over the foreground classes, and ``standard_error``, that of what
    is judged by.
    """
    known = {name: values.get(name) for name in (*NAMES, "standard_error")}
    known["dice"] = foreground_dice(values.get("dice"))
    return {name: value for name, value in known.items() if value is not None}


def foreground_dice(dice: Sequence[float | None] | None) -> float | None:
    """Return the mean over the foreground classes of `ClassReport.dice`; None if there is none."""
    known = [value for value in (dice or ())[1:] if value is not None]
    return sum(known) / len(known) if known else None
