"""What is odd about the layers of a pair, whatever their pixels."""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Image, Labels, Layer

from napari_unet.core.review.finding import Finding
from napari_unet.ui.layers.metadata import weight_map_state
from napari_unet.ui.layers.place_note import ADVICE, place_note


def other_place(image: Image, labels: Labels) -> Finding | None:
    """Say where an annotation lies elsewhere than its image; training goes pixel by pixel.

    Raises
    ------
    UserError
        If the shapes do not fit.
    """
    note = place_note(labels, image)
    return Finding("warning", note, ADVICE, image.name) if note else None


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
