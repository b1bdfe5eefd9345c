"""What is odd about the layers of a pair, whatever their pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from napari.layers import Image, Labels, Layer

from napari_unet.core.review.finding import Finding
from napari_unet.ui.layers.axes import image_axes
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in
from napari_unet.ui.layers.metadata import weight_map_state


def scale_note(image: Image, labels: Labels) -> Finding | None:
    """Say where an annotation has another scale than its image; training goes pixel by pixel.

    Raises
    ------
    UserError
        If the shapes do not fit.
    """
    axes = image_axes(image, pixels_in(labels).shape, labels.name)
    kept = [axis for axis in range(image.ndim) if axes[axis] != "C"]
    scale, own = np.asarray(image.scale)[kept], np.asarray(labels.scale)
    channel = channel_axis(labels)
    own = own if channel is None else np.delete(own, channel)
    if np.allclose(scale, own):
        return None
    return Finding(
        "warning",
        f"“{labels.name}” has the scale {_words(own)} and its image {_words(scale)}.",
        "Check that it was painted on this image; the Annotate widget, started from it, makes an "
        "annotation of the image's own scale.",
        image.name,
    )


def unused_map_note(
    image: Image, labels: Labels, layers: Sequence[Layer], chosen: Sequence[Layer | None]
) -> Finding | None:
    """Say where a weight map was painted on, and is not used."""
    for layer in layers:
        state = weight_map_state(layer)
        if state and state.painted and state.labels() is labels and layer not in chosen:
            text = f"You have painted on “{layer.name}”, but it is not used."
            advice = "Choose it under Weights to train with it."
            return Finding("warning", text, advice, image.name)
    return None


def _words(scale: Iterable[float]) -> str:
    return " × ".join(f"{each:g}" for each in scale)
