"""Pictures of files as napari's layers, with all that the files say of axes and pixel size."""

from __future__ import annotations

from typing import Any

from napari.layers.utils.layer_utils import calc_data_range

from napari_unet.core.image.spacing import Spacing
from napari_unet.io.picture import Picture

LayerData = tuple[Any, dict[str, Any], str]
"""What napari makes a layer of: its array, keyword arguments, and its kind."""


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
    known = picture.pixel.sizes
    if not known:
        return about
    return about | {
        "scale": picture.pixel.filled(axes, 1.0),
        "translate": Spacing.along(axes, picture.origin).filled(axes, 0.0),
        "units": tuple("micrometer" if letter in known else "pixel" for letter in axes.upper()),
    }
