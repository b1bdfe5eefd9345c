"""Annotations in JSON: which program wrote a file, and its objects as labels."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_unet.core.errors import UserError
from napari_unet.io.foreign.coco import coco_images, coco_picture
from napari_unet.io.foreign.geojson import geojson_picture
from napari_unet.io.foreign.labelme import labelme_picture

if TYPE_CHECKING:
    from napari_unet.io.picture import Picture


def read_json(path: Path) -> Picture:
    """Read objects as labels.

    Parameters
    ----------
    path
        A file of COCO, LabelMe or GeoJSON; of a COCO file of several images, the file with the name
        of an image behind it, as `images_in_json` gives it.

    Raises
    ------
    UserError
        If it is of none of these, or of several images.
    """
    inside = path.parent if is_coco(path.parent) else path
    try:
        return _picture(path, inside, _parsed(inside))
    except AttributeError as error:  # a text or number where there should be names with values
        raise ValueError(str(error)) from error
    finally:
        if inside is path:
            _cached.cache_clear()


def _picture(path: Path, inside: Path, found: Any) -> Picture:
    if _is_coco(found):
        return coco_picture(inside, found, path.name if inside != path else None)
    if isinstance(found, dict) and isinstance(found.get("shapes"), list):
        return labelme_picture(path, found)
    features = _features(found)
    if isinstance(features, list) and all(isinstance(each, dict) for each in features):
        return geojson_picture(path, features)
    raise UserError(f"{path.name} is no file of COCO, LabelMe or GeoJSON: give one of these.")


def _features(found: Any) -> Any:
    """Return what stands where GeoJSON has its features; a file may also be one of them alone."""
    if not isinstance(found, dict):
        return found
    return [found] if found.get("type") == "Feature" else found.get("features")


def images_in_json(path: Path) -> list[Path]:
    """List the images of a COCO file, each as a name behind the file; other files have none.

    Raises
    ------
    UserError
        If it does not say clearly which images these are.
    """
    if not is_coco(path):
        return []
    try:
        return [path / name for name in coco_images(_parsed(path))]
    except (LookupError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path.name} does not name each of its images with a file_name: save it again as COCO."
        ) from error


def is_coco(path: Path) -> bool:
    """Tell whether a file holds annotations in COCO's format."""
    return path.suffix.lower() == ".json" and path.is_file() and _is_coco(_parsed(path))


def is_known(path: Path) -> bool:
    """Tell whether a JSON file holds annotations that are read here."""
    found = _parsed(path)
    if isinstance(found, list):
        return bool(found) and all(isinstance(e, dict) and "geometry" in e for e in found)
    if _is_coco(found):
        objects = found["annotations"]
        return not objects or any(
            isinstance(each, dict) and ("segmentation" in each or "bbox" in each)
            for each in objects
        )
    return isinstance(found, dict) and (
        "shapes" in found or found.get("type") in ("FeatureCollection", "Feature")
    )


def _is_coco(found: Any) -> bool:
    return isinstance(found, dict) and all(
        isinstance(found.get(key), list) for key in ("images", "annotations")
    )


def _parsed(path: Path) -> Any:
    """Return what a file holds; None for what is no JSON."""
    return _cached(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _cached(path: Path, _: int) -> Any:
    """Keep the last file: one of COCO is asked for each of its images."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
