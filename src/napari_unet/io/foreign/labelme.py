"""Annotations of LabelMe, a file for each image."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_unet.core.words import counted
from napari_unet.io.foreign.drawn import Drawn, drawn_picture

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.io.picture import Picture

_CORNERS = 64
"""Of a circle."""


def labelme_picture(path: Path, found: Mapping[str, Any]) -> Picture:
    """Draw polygons, rectangles, circles and masks; those of one group are one object.

    Parameters
    ----------
    path
        The file.
    found
        What it holds.
    """
    shapes = [(shape, _drawn(shape)) for shape in found["shapes"]]
    drawn = [
        replace(
            each,
            group="" if shape.get("group_id") is None else str(shape["group_id"]),
            kind=str(shape.get("label") or ""),
        )
        for shape, each in shapes
        if each is not None
    ]
    others = Counter(str(shape.get("shape_type")) for shape, each in shapes if each is None)
    notes = [f"{counted(count, kind)} left out: no area." for kind, count in others.items()]
    size = found.get("imageHeight"), found.get("imageWidth")
    shape = (int(size[0]), int(size[1])) if size[0] and size[1] else None
    return drawn_picture(path.stem, drawn, shape, notes)


def _drawn(shape: Mapping[str, Any]) -> Drawn | None:
    """Return what a shape encloses; None for one that encloses nothing."""
    if shape.get("shape_type") == "mask":
        return _masked(shape)
    line = _line(shape)
    return None if line is None else Drawn(lines=[line])


def _masked(shape: Mapping[str, Any]) -> Drawn:
    """Return the pixels of a mask, a picture whose place is its first point."""
    with Image.open(BytesIO(b64decode(shape["mask"]))) as picture:
        x, y = np.nonzero(np.asarray(picture.convert("L")).T)
    left, top = np.asarray(shape["points"][0]).astype(int).tolist()
    height = top + int(y.max(initial=0)) + 1
    starts = (x + left) * height + y + top
    return Drawn(runs=(starts, np.ones_like(starts), height))


def _line(shape: Mapping[str, Any]) -> NDArray[np.float64] | None:
    """Return the points around a shape, y and x; None for one that encloses nothing."""
    points = np.asarray(shape["points"], float)[:, ::-1]
    match shape.get("shape_type") or "polygon", len(points):
        case "polygon", _:
            return points
        case "rectangle", 2:
            (top, left), (bottom, right) = points
            return np.array([[top, left], [top, right], [bottom, right], [bottom, left]])
        case "rectangle", _:
            return points
        case "circle", 2:
            angle = np.arange(_CORNERS) * (2 * np.pi / _CORNERS)
            radius = np.hypot(*(points[1] - points[0]))
            return np.asarray(points[0] + radius * np.stack([np.sin(angle), np.cos(angle)], axis=1))
    return None
