"""From annotated images and stacks to the samples of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.planes import arrange
from napari_unet.runs.sample import Sample


def to_samples(
    annotated: Iterable[AnnotatedImage], ndim: int, in_channels: int
) -> Iterator[Sample]:
    """Cut annotated images into what a network takes.

    Parameters
    ----------
    annotated
        Images or stacks.
    ndim, in_channels
        Spatial axes and channels of the network.

    Yields
    ------
    A sample for each plane (or volume) in which something is annotated; planes of one image
    validate together.

    Raises
    ------
    UserError
        If an image has other channels than the network, or nothing is annotated in any.
    """
    empty = True
    for each in annotated:
        for sample in _planes(each, ndim, in_channels):
            empty = False
            yield sample
    if empty:
        raise UserError(
            "Nothing is annotated. Paint some objects, and draw a training rectangle around them "
            "or mark some background."
        )


def _planes(each: AnnotatedImage, ndim: int, in_channels: int) -> Iterator[Sample]:
    annotation, axes = each.annotation, each.axes.replace("C", "")
    images = arrange(each.image, each.axes, ndim, in_channels)
    labels = arrange(annotation.instances, axes, ndim, 1)
    ignored = arrange(annotation.ignored().astype(np.uint8), axes, ndim, 1)
    weights = None if annotation.weight is None else arrange(annotation.weight, axes, ndim, 1)
    pixel = each.pixel.of(SPATIAL[ndim])
    for index in range(len(labels)):
        if ignored[index].all():
            continue
        yield Sample(
            each.name if len(labels) == 1 else f"{each.name} {index}",
            np.asarray(images[index]),
            np.asarray(labels[index][0]),
            each.validation,
            ignored[index][0].astype(bool) if annotation.sparse else None,
            annotation.classes,
            None if weights is None else np.asarray(weights[index][0], dtype=np.float32),
            pixel,
            (each.name, index),
        )
