"""The images in which places to paint are looked for, copied from a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from weakref import ReferenceType, ref

from napari.components import ViewerModel
from napari.layers import Image, Layer

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.storage.model_header import read_header
from napari_unet.ui.annotate.annotation_copies import chunked_annotation
from napari_unet.ui.finetune.data.partner import annotations_in, partner
from napari_unet.ui.layers.channel_group import channels_of, group_of
from napari_unet.ui.layers.image_choice import choices
from napari_unet.ui.layers.metadata import MADE, is_weight_map
from napari_unet.ui.layers.source import Source, take
from napari_unet.ui.work.copies import ChunkedCopy

Channel: TypeAlias = tuple[tuple[str, ...], tuple[int, ...]]
"""The channels of a layer's file, and which of them it is; empty where it is none."""


@dataclass(frozen=True)
class Searched:
    """A copy of an image, and of what was painted on it."""

    source: Source
    annotation: Annotation | None
    layer: ReferenceType[Image]


def chunked_images(viewer: ViewerModel, model: Path) -> ChunkedCopy[list[Searched]]:
    """Copy the images of a window that a model can look at, a chunk at a time.

    Of files of which one channel was annotated, the others are left out.

    Raises
    ------
    UserError
        If there is none.
    """
    config = ModelConfig.from_dict(read_header(model)["config"])
    found, annotated = [], [_channel(image) for image, _ in annotations_in(viewer.layers)]
    for layer in choices(list(viewer.layers), config.in_channels):
        usual = isinstance(layer, Image) and not is_weight_map(layer)
        if usual and MADE not in layer.metadata and not _is_other(_channel(layer), annotated):
            found += yield from _chunked_image(layer, viewer, config)
    if not found:
        raise UserError("There is no image to look at: open one that the model can segment.")
    return found


def _chunked_image(
    layer: Image, viewer: ViewerModel, config: ModelConfig
) -> ChunkedCopy[list[Searched]]:
    labels = partner(layer, viewer.layers)
    try:
        source = take(layer, config.ndim, config.in_channels)
        yield
        annotation = None if labels is None else (yield from chunked_annotation(labels))
    except UserError:
        return []
    axes = source.axes.replace("C", "")
    if axes[-config.ndim :] != "ZYX"[-config.ndim :]:
        return []
    fits = annotation is not None and annotation.instances.shape == _size(source)
    return [Searched(source, annotation if fits else None, ref(layer))]


def _channel(layer: Layer) -> Channel:
    group = group_of(layer)
    return (() if group is None else group.channels), channels_of(layer)


def _is_other(channel: Channel, annotated: Sequence[Channel]) -> bool:
    """Return whether another channel of such files was annotated, and this one was not."""
    alike = [number for names, number in annotated if number and names == channel[0]]
    return bool(channel[1] and alike) and channel[1] not in alike


def _size(source: Source) -> tuple[int, ...]:
    sizes = zip(source.axes, source.image.shape, strict=True)
    return tuple(size for letter, size in sizes if letter != "C")
