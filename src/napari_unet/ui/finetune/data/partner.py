"""Which layers belong together: an image and what was painted on it."""

from __future__ import annotations

from collections.abc import Container, Sequence

from napari.layers import Image, Labels, Layer

from napari_unet.ui.annotate.annotation_layers import annotation_layers, is_annotation
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.channel_group import is_whole, same_image
from napari_unet.ui.layers.image_choice import is_called_after, other_image
from napari_unet.ui.layers.metadata import MADE, is_weight_map, weight_map_state


def partner(
    image: Image | None, layers: Sequence[Layer], taken: Container[Layer] = ()
) -> Labels | None:
    """Return what was most likely painted on an image: its annotation, else labels of its shape.

    What was painted on another channel of the file is meant where nothing was on the image. Among
    labels that nothing but their shape tells apart, those are preferred that are called as an
    annotation of the image would be, or after the image. Where no labels fit, these are meant all
    the same, and whoever uses them says what does not fit. Labels that are known to be of another
    image, or called after one, are never meant, nor are those that are taken by others.
    """
    if image is None:
        return None
    labels = [each for each in layers if isinstance(each, Labels) and each not in taken]
    painted = [each for each in labels if same_image(_painted_image(each, layers), image)]
    own = [each for each in painted if _painted_image(each, layers) is image]
    plain = [
        each
        for each in labels
        if MADE not in each.metadata and not other_image(each, image, layers)
    ]
    named = [each for each in plain if each.name == f"{image.name} objects"]
    fitting = [each for each in plain if _fits(image, each)]
    best = [each for each in named if each in fitting]
    called = [each for each in fitting if is_called_after(each, image)]
    groups = (own, painted, best, called, fitting, named)
    return next((found[-1] for found in groups if found), None)


def annotations_in(layers: Sequence[Layer]) -> list[tuple[Image, Labels]]:
    """Return the images that were annotated in this window, each with its annotation."""
    found = []
    for labels in layers:
        image = _painted_image(labels, layers)
        if image is not None and isinstance(labels, Labels):
            found.append((image, labels))
    return found


def annotated_over(image: Image, layers: Sequence[Layer]) -> list[Layer]:
    """Return other images that lie over an image, and what was annotated on others."""
    above = list(layers)[list(layers).index(image) + 1 :]
    others = [each for each in above if isinstance(each, Image) and not same_image(each, image)]
    painted = [labels for other, labels in annotations_in(layers) if not same_image(other, image)]
    return [*others, *painted]


def with_weight_maps(labels: Labels, layers: Sequence[Layer]) -> list[Layer]:
    """Return labels, and the weight maps that were made for them."""
    states = ((layer, weight_map_state(layer)) for layer in layers)
    return [labels, *(layer for layer, state in states if state and state.labels() is labels)]


def obvious_image(
    layers: Sequence[Layer],
    active: Layer | None,
    before: Image | None,
    taken: Container[Layer] = (),
) -> Image | None:
    """Return the image that is most likely to be learnt from: of a file the annotated channel.

    Parameters
    ----------
    layers
        Those to choose from.
    active
        The viewer's active layer.
    before
        What was chosen until now.
    taken
        Labels that are learnt from with another image.
    """
    images = [each for each in layers if isinstance(each, Image) and MADE not in each.metadata]
    images = [each for each in images if not is_weight_map(each)]
    annotated = [each for each in images if partner(each, layers, taken) is not None]
    likely = [each for group in (annotated, images) for each in (active, before) if each in group]
    found = next(iter([*likely[:1], *annotated, *images]), None)
    labels = partner(found, layers, taken)
    painted = None if labels is None else _painted_image(labels, layers)
    return painted if same_image(painted, found) else found


def is_weights(layer: Layer) -> bool:
    """Return whether a layer is a weight map, or one of another program, which its name tells."""
    if is_weight_map(layer):
        return True
    plain = isinstance(layer, Image) and MADE not in layer.metadata and layer.dtype.kind == "f"
    return plain and "weight" in layer.name.lower()


def _painted_image(labels: Layer, layers: Sequence[Layer]) -> Image | None:
    """Return the image on which an annotation was painted; None for any other layer."""
    parts = annotation_layers(labels) if is_annotation(labels) else None
    return None if parts is None else parts.image_in(layers)


def _fits(image: Image, labels: Labels) -> bool:
    size, shape = full_resolution(image).shape, pixels_in(labels).shape
    dropped = [size[:axis] + size[axis + 1 :] for axis in range(len(size))]
    if is_whole(image):
        return shape == size[1:]
    return shape == size or (image.ndim <= 3 and shape in dropped)
