"""The tables of an annotation: rectangles, classes and their looks, and who made the objects."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import Annotation, usual_colour
from napari_unet.core.annotation.record import PERSON, PROGRAM, Record
from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray


Look = tuple[str, str]
"""Name and colour of a class, the colour as ``#rrggbb``."""


def tables_of(
    annotation: Annotation, axes: str, looks: Sequence[Look]
) -> dict[str, tuple[list[str], list[Any]]]:
    """Return the columns and rows of each table that there is to write."""
    tables: dict[str, tuple[list[str], list[Any]]] = {}
    if annotation.boxes is not None:
        flat = annotation.boxes.transpose(0, 2, 1).reshape(-1, 2 * len(axes))
        tables["rectangles"] = _corners(axes), flat.tolist()
    if annotation.classes:
        tables["classes"] = ["object", "class"], sorted(annotation.classes.items())
    named = looks or [
        (name, usual_colour(number)) for number, name in enumerate(annotation.class_names, 1)
    ]
    if named:
        rows = [(number, *look) for number, look in enumerate(named, 1)]
        tables["class_names"] = list(_LOOK), rows
    if annotation.record is not None:
        tables["proof_read"] = list(_RECORD), _record_rows(annotation.record)
    return tables


def read_boxes(path: Path, axes: str) -> NDArray[np.integer] | None:
    """Return the rectangles, ``(number, 2, len(axes))`` first and end; None without a file."""
    if not path.exists():
        return None
    rows = _read_rows(path, dict.fromkeys(_corners(axes), int))
    return np.array(rows, dtype=np.int64).reshape(-1, len(axes), 2).transpose(0, 2, 1)


def read_classes(path: Path) -> dict[int, int]:
    """Return the class of each object by its number; empty without a file."""
    if not path.exists():
        return {}
    return {row[0]: row[1] for row in _read_rows(path, {"object": int, "class": int})}


def read_looks(folder: Path, name: str) -> list[Look]:
    """Return name and colour of each class from 1 on; empty without a file."""
    path = folder / "class_names" / f"{name}.csv"
    rows = sorted(_read_rows(path, _LOOK)) if path.exists() else []
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        raise UserError(
            f"class_names/{path.name} must name the classes 1, 2, 3 without a gap, each once."
        )
    return [row[1:] for row in rows]


def _record_rows(record: Record) -> list[list[Any]]:
    known = sorted(record.found | record.accepted | record.edited)
    accepted, edited = record.accepted, record.edited
    return [
        [number, record.made_by(number), int(number in accepted), int(number in edited)]
        for number in known
    ]


def read_record(path: Path) -> Record | None:
    """Return who made, edited and accepted the objects; None without a file."""
    if not path.exists():
        return None
    rows = _read_rows(path, _RECORD)
    return Record(
        frozenset(number for number, by, _, _ in rows if by == PROGRAM),
        frozenset(number for number, _, accepted, _ in rows if accepted),
        frozenset(number for number, _, _, edited in rows if edited),
    )


def _maker(text: str) -> str:
    if text not in (PROGRAM, PERSON):
        raise ValueError(text)
    return text


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise ValueError(text)
    return text


_LOOK: dict[str, Callable[[str], Any]] = {"class": int, "name": str, "colour": _colour}
_RECORD: dict[str, Callable[[str], Any]] = {
    "object": int,
    "made_by": _maker,
    "accepted": int,
    "edited": int,
}


def _corners(axes: str) -> list[str]:
    return [f"{letter} {end}" for letter in axes for end in ("first", "end")]


def _read_rows(path: Path, columns: Mapping[str, Callable[[str], Any]]) -> list[tuple[Any, ...]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return [tuple(read(row[name]) for name, read in columns.items()) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        numbers = [name for name, read in columns.items() if read is int]
        raise UserError(
            f"{path.name} must be a table with the columns {', '.join(columns)}, and whole numbers "
            f"under {', '.join(numbers)}."
        ) from error
