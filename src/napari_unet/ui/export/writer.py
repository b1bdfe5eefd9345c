"""What *File > Save* of napari writes of a label layer, with scale, unit and axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari.layers import Layer

from napari_unet.core.progress import drive
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.formats import FORMATS
from napari_unet.ui.layers.labels import chunked_layer_copy
from napari_unet.ui.work.copies import at_once


def write_layer(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write a label layer as a TIFF, as the *Export* widget does.

    Parameters
    ----------
    path
        The file to write.
    data
        Non-negative integers, 2 to 4 axes.
    attributes
        The layer's, as napari hands them out: such as `scale`, `units` and `axis_labels`.

    Returns
    -------
    The file that was written.

    Raises
    ------
    UserError
        If the file cannot be written, or the layer has other axes than a TIFF can say.
    """
    return _write("tiff", path, data, attributes)


def write_rois(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the outlines of a label layer as ROIs of Fiji; see `write_layer`."""
    return _write("roi", path, data, attributes)


def write_geojson(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the objects of a label layer for QuPath; see `write_layer`."""
    return _write("geojson", path, data, attributes)


def write_coco(path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    """Write the objects of a label layer as COCO JSON; see `write_layer`."""
    return _write("coco", path, data, attributes)


def _write(word: str, path: str, data: Any, attributes: dict[str, Any]) -> list[str]:
    copy = at_once(chunked_layer_copy(Layer.create(data, attributes, "labels"))).loaded()
    name = Path(path).stem
    content = Content(
        copy.values,
        copy.axes,
        name,
        copy.ndim,
        copy.spacing,
        copy.unit,
        made=copy.made,
        step=copy.step,
    )
    drive(FORMATS[word].steps(Path(path), content))
    return [path]
