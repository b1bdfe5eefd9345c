"""Objects of QuPath and others in GeoJSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.words import counted
from napari_unet.io.foreign.drawn import Drawn, drawn_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_unet.io.picture import Picture

_AREAS = ("Polygon", "MultiPolygon")


def geojson_picture(path: Path, features: Sequence[Mapping[str, Any]]) -> Picture:
    """Draw features with an area; of cells with a nucleus, the cell.

    Parameters
    ----------
    path
        The file.
    features
        What it holds.
    """
    features = [each for each in features if each["geometry"] is not None]
    kinds = Counter(each["geometry"]["type"] for each in features)
    notes = [
        f"{counted(count, kind)} left out: no area."
        for kind, count in kinds.items()
        if kind not in _AREAS
    ]
    planes = {_plane(each) for each in features}
    deep = {letter for letter, at in (("T", 0), ("Z", 1)) if any(plane[at] for plane in planes)}
    if any("plane" in each["geometry"] for each in features):
        deep = deep or {"Z"}  # the first of them
    drawn = [_drawn(each, deep) for each in features if each["geometry"]["type"] in _AREAS]
    return drawn_picture(path.stem, drawn, notes=notes)


def _plane(feature: Mapping[str, Any]) -> tuple[int, int]:
    plane = feature["geometry"].get("plane") or {}
    return int(plane.get("t", 0)), int(plane.get("z", 0))


def _drawn(feature: Mapping[str, Any], deep: set[str]) -> Drawn:
    geometry = feature["geometry"]
    shapes = geometry["coordinates"]
    polygons = [shapes] if geometry["type"] == "Polygon" else shapes
    lines = [np.asarray(line, float)[:, 1::-1] for polygon in polygons for line in polygon]
    time, depth = _plane(feature)
    properties = feature.get("properties") or {}
    return Drawn(
        lines=lines,
        name=str(properties.get("name", "")),
        kind=_class_name(properties.get("classification") or {}),
        place={letter: at for letter, at in (("T", time), ("Z", depth)) if letter in deep},
    )


def _class_name(about: Mapping[str, Any]) -> str:
    """Return what a class is called; QuPath keeps the parts of ``Tumor: Positive`` one by one."""
    return ": ".join(map(str, about.get("names") or [about.get("name") or ""]))
