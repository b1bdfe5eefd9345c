"""What the columns of a table of objects are called in the window."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

_POWERS = {
    "area": "²",
    "surface": "²",
    "volume": "³",
    "equivalent_diameter": "",
    "axis_major_length": "",
    "axis_middle_length": "",
    "axis_minor_length": "",
    "perimeter": "",
    "nearest_distance": "",
}
"""Columns that are measured in lengths, and to which power."""
_PERCENTILE = re.compile(r"^intensity_p(\d+)")
_PLACES = ("index", "label", "t", "z", "unit", "centroid_z", "centroid_y", "centroid_x")
"""Columns that tell objects apart, rather than how they are."""


def is_measured(features: Mapping[str, object]) -> bool:
    """Tell whether a layer's features are such a table."""
    return {"index", "label", "pixels", "centroid_y", "centroid_x", "unit"} <= set(features)


def shown_by(table: Mapping[str, np.ndarray]) -> list[str]:
    """Return the columns that objects can be coloured by, size first."""
    names = [name for name in table if name not in _PLACES]
    return sorted(names, key=lambda name: name not in ("area", "volume"))


def leading(table: Mapping[str, np.ndarray]) -> list[str]:
    """Return the columns that say which object a row is about."""
    return [name for name in ("label", "t", "z") if name in table]


def title(name: str, table: Mapping[str, np.ndarray]) -> str:
    """Return what a column is called, with its unit."""
    words = _PERCENTILE.sub(r"intensity percentile \1", name).replace("_", " ")
    if name in {"orientation", "elevation"}:
        return f"{words} (rad)"
    if name in _POWERS and len(table["unit"]):
        return f"{words} ({table['unit'][0]}{_POWERS[name]})"
    return words
