"""What *File > Save* of napari writes of a label layer: a TIFF with scale, unit and axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari.layers import Layer

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
    from napari_unet.io.tiff import write_labels  # noqa: PLC0415 - takes a moment

    copy = at_once(chunked_layer_copy(Layer.create(data, attributes, "labels"))).loaded()
    write_labels(Path(path), copy.values, copy.axes, copy.spacing, copy.unit)
    return [path]
