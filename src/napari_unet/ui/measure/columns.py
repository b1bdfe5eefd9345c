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
_SIZES = ("area", "volume", "cell_area", "cell_volume")
"""What is shown first."""
_PERCENTILE = re.compile(r"^intensity_p(\d+)")
_PLACES = ("index", "label", "t", "z", "case", "nucleus", "cell", "unit", "made_by")
"""Columns that tell objects apart and who made them, rather than how they are."""
_PART = re.compile(r"^(nucleus|cytoplasm|ring|cell)_(?!to_)(.+)")
"""Columns of a compartment."""


def is_measured(features: Mapping[str, object]) -> bool:
    """Tell whether a layer's features are such a table."""
    return {"index", "label", "centroid_y", "centroid_x", "unit"} <= set(features)


def shown_by(table: Mapping[str, np.ndarray]) -> list[str]:
    """Return the columns that objects can be coloured by, which are numbers, size first."""
    names = [
        name
        for name in table
        if name not in _PLACES
        and np.asarray(table[name]).dtype.kind in "biuf"
        and not _part_of(name)[1].startswith("centroid_")
    ]
    return sorted(names, key=lambda name: _SIZES.index(name) if name in _SIZES else len(_SIZES))


def leading(table: Mapping[str, np.ndarray]) -> list[str]:
    """Return the columns that say which object a row is about."""
    return [name for name in ("label", "t", "z", "case") if name in table]


def title(name: str, table: Mapping[str, np.ndarray]) -> str:
    """Return what a column is called, with its unit."""
    part, name = _part_of(name)
    words = _PERCENTILE.sub(r"intensity percentile \1", name).replace("_", " ")
    words = f"{part} {words}".lstrip()
    if name in {"orientation", "elevation"}:
        return f"{words} (rad)"
    if name in _POWERS and len(table["unit"]):
        return f"{words} ({table['unit'][0]}{_POWERS[name]})"
    return words


def _part_of(name: str) -> tuple[str, str]:
    """Part the name of a column into that of its compartment, if there is one, and the rest."""
    found = _PART.match(name)
    return (found[1], found[2]) if found else ("", name)
