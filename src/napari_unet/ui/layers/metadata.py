"""What stands in `layer.metadata` under keys that are ours, and what it says of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from weakref import ReferenceType

from napari.layers import Image, Labels, Layer

from napari_unet.ui.layers.arrays import Fingerprint

MADE = "napari_unet"
"""Key of a dictionary in the layers that are made here; holds `ndim`, `axes`, `role`, as `Spacing`
`pixel`, and in results and annotations `image`, a weak reference to the layer that they are of, and
`known`, its `Fingerprint`; in results `run`, the same in all that were found at once; `size`, a
sentence on the size at which objects were found in it, where that was matched; `joined`, whether
objects of neighbouring planes or frames were; `made`, the `Provenance`; `result`, a weak reference
to the `Segmentation` of all of it, for as long as somebody keeps that."""
ANNOTATION = "napari_unet_annotation"
"""Key of the `AnnotationLayers` in the objects layer of an annotation."""
MEASURED = "napari_unet_measured"
"""Key of the `digest` of the pixels that the numbers in a layer's features are of."""
COLUMNS = "napari_unet_columns"
"""Key of the names of the features that were measured; all others are of others."""
WEIGHTS = "napari_unet_weights"
"""Key of a `WeightMapState` in a weight map."""
AXES = "napari_unet_axes"
"""Key of the axes that a person has typed for a layer, one letter each."""
BELOW = "napari_unet_below"
"""Key of weak references to the layers that labels were chosen with, see `lie_on`."""
CHANNEL = "napari_unet_channel"
"""Key of a `ChannelOf` in the layers of a file's channels."""
WEIGHT_MAP = "weight map"
"""The role of a weight map."""

_CALLED = {
    "instances": "objects (instances)",
    "semantic": "classes (semantic)",
    "height": "height",
    "probability": "probability",
}
"""What the layers of results are called, by their role."""


@dataclass
class WeightMapState:
    """What is known of a weight map that was made here.

    Parameters
    ----------
    labels
        The objects that are weighed.
    complete
        Whether it is of the whole annotation, not of a part only.
    painted
        Whether a person has painted on it.
    """

    labels: ReferenceType[Labels]
    complete: bool = False
    painted: bool = False


def weight_map_state(layer: Layer) -> WeightMapState | None:
    """Return what is known of a weight map that was made here; None for any other layer."""
    state: WeightMapState | None = layer.metadata.get(WEIGHTS)
    return state


def is_weight_map(layer: Layer) -> bool:
    """Return whether a layer is a weight map, made here or opened from a file."""
    return isinstance(layer, Image) and has_role(layer, WEIGHT_MAP)


def has_role(layer: Layer, role: str) -> bool:
    """Return whether a layer holds a certain thing.

    Whoever made the layer says so; of others the name of the file tells, or the layer's own name.

    Parameters
    ----------
    layer
        Any layer; those that are made here may be renamed.
    role
        Such as ``"instances"`` or ``"objects"``.
    """
    if MADE in layer.metadata:
        return bool(layer.metadata[MADE].get("role") == role)
    file = Path(layer.source.path or "").name.partition(".")[0]
    return layer.name.removesuffix(")").endswith(role) or file.endswith(role)


def result_name(image: str, role: str) -> str:
    """Return what a result of an image is called.

    Parameters
    ----------
    image
        The image's name.
    role
        What the result holds, see `has_role`.
    """
    return f"{image} {_CALLED.get(role, role)}"


def image_name(result: str) -> str:
    """Return the name of the image that a result is called after; else the name that was given."""
    for role, called in _CALLED.items():
        result = result.removesuffix(f" {called}").removesuffix(f" {role}")
    return result


def of_one_image(one: Layer, other: Layer) -> bool:
    """Return whether two results are of one image; of those of others their names tell."""
    known = [_image_of(each) for each in (one, other)]
    if known == [None, None]:
        return image_name(one.name) == image_name(other.name)
    prints = [_known_of(each) for each in (one, other)]
    return known[0] == known[1] or (prints[0] is not None and prints[0] == prints[1])


def is_result_of(layer: Layer, image: Layer) -> bool:
    """Return whether a result is of an image; of those of others their names tell."""
    image_then, known = _image_of(layer), _known_of(layer)
    if image_then is None:
        return image_name(layer.name) == image.name
    return image_then() is image or (known is not None and known.fits(image))


def is_of_namesake(layer: Layer, image: Layer) -> bool:
    """Return whether a result is of another image, which had this one's name and shape."""
    known = _known_of(layer)
    return known is not None and known.is_called_as(image) and not is_result_of(layer, image)


def knows_image(layer: Layer) -> bool:
    """Return whether it is known of which image a layer is, not by its name alone."""
    return _image_of(layer) is not None


def _image_of(layer: Layer) -> ReferenceType[Layer] | None:
    """Return what is known of a result's image; those of a deleted one are still alike."""
    image: ReferenceType[Layer] | None = layer.metadata.get(MADE, {}).get("image")
    return image


def _known_of(layer: Layer) -> Fingerprint | None:
    known: Fingerprint | None = layer.metadata.get(MADE, {}).get("known")
    return known
