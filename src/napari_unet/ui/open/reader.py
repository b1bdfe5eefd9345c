"""Images of files as napari's layers, with all that the files say of axes and pixel size."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from napari.layers.utils.layer_utils import calc_data_range

from napari_unet.core.image.axes import spatial_in
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.picture import Picture
from napari_unet.io.read import is_zarr_folder, read_image

LayerData = tuple[Any, dict[str, Any], str]
_TIFF = (".tif", ".tiff")
_LABELS = ("_instances", "_semantic")
"""Ends of the names of the labels that this program writes; a TIFF cannot say that it is one."""


def get_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """Return what opens a file or folder in napari; None for what is not opened here.

    Parameters
    ----------
    path
        The file or folder; several that are to become one stack are left to other readers.
    """
    if isinstance(path, list):
        return None
    known = Path(path).suffix.lower() in _TIFF or is_zarr_folder(Path(path))
    return read_layers if known else None


def read_layers(path: str) -> list[LayerData]:
    """Open a TIFF or an OME-Zarr; what is large is read when it is looked at.

    Parameters
    ----------
    path
        The file or folder.

    Returns
    -------
    One layer, of labels where the file holds them. Channels stay an axis of the image, among
    which the widgets let the user choose.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    picture = read_image(path)
    meant = picture.labels or Path(path).stem.endswith(_LABELS)
    labels = meant and np.issubdtype(picture.data.dtype, np.integer)
    return [labels_layer(picture) if labels else image_layer(picture)]


def image_layer(picture: Picture) -> LayerData:
    """Return an image as a layer."""
    rgb = (picture.axes or "")[-1:] == "C" and picture.data.shape[-1] == 3
    look = {"rgb": rgb}
    if picture.levels and any(picture.origin or ()):
        # napari takes the contrast from the plane at 0, beside which this image begins
        look["contrast_limits"] = calc_data_range(picture.levels[-1], rgb)
    return _data(picture), _about(picture, rgb) | look, "image"


def labels_layer(picture: Picture) -> LayerData:
    """Return labels as a layer."""
    return _data(picture), _about(picture), "labels"


def _data(picture: Picture) -> Any:
    return list(picture.levels) if len(picture.levels) > 1 else picture.data


def _about(picture: Picture, rgb: bool = False) -> dict[str, Any]:
    """Return a layer's name, whether it is a pyramid, and where it lies in the world."""
    about = {"name": picture.name, "multiscale": len(picture.levels) > 1}
    axes = (picture.axes or "")[: picture.data.ndim - rgb].lower()
    if not axes:
        return about
    about |= {"axis_labels": tuple(axes)}
    if picture.spacing is None:
        return about
    spatial = spatial_in(axes)
    return about | {
        "scale": picture.pixel.filled(axes, 1.0),
        "translate": Spacing.along(axes, picture.origin).filled(axes, 0.0),
        "units": tuple("micrometer" if letter in spatial else "pixel" for letter in axes.upper()),
    }
