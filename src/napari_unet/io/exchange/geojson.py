"""Objects as GeoJSON for QuPath: detections, or cells with nuclei, classes and measurements."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from napari_unet.core.instances.outlines import outlines
from napari_unet.core.progress import Progress
from napari_unet.io.exchange.content import colour_of
from napari_unet.io.exchange.table import content_columns
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content, Plane

    Pieces = list[list[NDArray[np.int32]]]

_EVERY = 2_000
"""Objects from one progress to the next."""
_PLACES = ("t", "z", "label", "class")


def geojson_steps(path: Path, content: Content) -> Steps[None]:
    """Write all objects as detections or cells, one for each plane that they lie in.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        The objects. Coordinates are corners of pixels; all numbers of the table of objects become
        measurements.

    Yields
    ------
    Progress with the planes done.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    total, between = content.plane_count, ""
    measured = yield from _measurements(content)
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        about = json.dumps({"type": "FeatureCollection"} | content.stated)
        file.write(f'{about[:-1]}, "features": [')
        for done, plane in enumerate(content.planes()):
            nuclei = {} if plane.nuclei is None else dict(outlines(plane.nuclei).objects())
            for each, (label, pieces) in enumerate(outlines(plane.labels).objects()):
                if each % _EVERY == 0:
                    yield Progress("writing GeoJSON", done, total)
                values = measured.get(_key(label, plane.place, content.ndim), {})
                feature = _feature(label, content) | {"geometry": _geometry(pieces, plane)}
                if label in nuclei:
                    feature["nucleusGeometry"] = _geometry(nuclei[label], plane)
                feature["properties"]["measurements"] = values
                file.write(f"{between}\n{json.dumps(feature, ensure_ascii=False)}")
                between = ","
        file.write("]}\n")


def _measurements(content: Content) -> Steps[dict[tuple[int, ...], dict[str, float]]]:
    """Return the numbers of the table, by the place and label of each object."""
    columns = yield from content_columns(content)
    places = {letter.upper(): columns[letter].tolist() for letter in "tz" if letter in columns}
    told = [name for name, column in columns.items() if _is_told(name, column)]
    rows = zip(*(columns[name].tolist() for name in told), strict=True)
    keys = (
        _key(label, {letter: place[index] for letter, place in places.items()}, content.ndim)
        for index, label in enumerate(columns["label"].tolist())
    )
    return {
        key: {name: value for name, value in zip(told, row, strict=True) if isfinite(value)}
        for key, row in zip(keys, rows, strict=True)
    }


def _is_told(name: str, column: NDArray[Any]) -> bool:
    return name not in _PLACES and column.dtype.kind in "iuf"


def _key(label: int, place: Mapping[str, int], ndim: int) -> tuple[int, ...]:
    return (label, *(place[letter] for letter in "TZ"[: 4 - ndim] if letter in place))


def _feature(label: int, content: Content) -> dict[str, Any]:
    of = content.class_of(label)
    properties = {
        "objectType": "detection" if content.nuclei is None else "cell",
        "name": content.title(label),
        "classification": {"name": content.class_name(of), "color": colour_of(of)},
    }
    return {"type": "Feature", "properties": properties}


def _geometry(pieces: Pieces, plane: Plane) -> dict[str, Any]:
    polygons = [[_ring(line) for line in piece] for piece in pieces]
    single = len(polygons) == 1
    about: dict[str, Any] = {
        "type": "Polygon" if single else "MultiPolygon",
        "coordinates": polygons[0] if single else polygons,
    }
    if plane.place:
        place = plane.place
        about["plane"] = {"c": -1, "z": place.get("Z", 0), "t": place.get("T", 0)}
    return about


def _ring(line: NDArray[np.int32]) -> list[list[int]]:
    """Return x and y of each corner, the first once more at the end."""
    points: list[list[int]] = line[:, ::-1].tolist()
    return [*points, points[0]]
