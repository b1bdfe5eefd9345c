"""What is odd about the layers of a pair, whatever their pixels."""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Image, Labels, Layer

from napari_unet.core.review.finding import Finding
from napari_unet.core.words import counted
from napari_unet.ui.annotate.annotation_layers import annotation_layers
from napari_unet.ui.finetune.data.partner import annotations_in
from napari_unet.ui.layers.image_choice import is_uncorrected
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


def part_notes(image: Image, labels: Labels, weight: Image | None) -> list[Finding]:
    """Say which marks lie elsewhere than the objects, and what is not as a person painted it."""
    parts = annotation_layers(labels)
    marks = None if parts is None else parts.marks
    notes = [place_note(each, labels) for each in (marks, weight) if each is not None]
    found = [Finding("warning", note, ADVICE, image.name) for note in notes if note]
    weighed = _weighed(weight)
    if weighed is not None and weighed is not labels and weight is not None:
        text = f"“{weight.name}” was made for “{weighed.name}” and not for “{labels.name}”."
        advice = "Objects may have no weight in it: choose “made” under Weights, or its own map."
        found.append(Finding("warning", text, advice, image.name))
    begun = parts is not None and parts.as_found and parts.record is None
    if begun or is_uncorrected(labels):
        text = f"“{labels.name}” is what a model has found, with all its mistakes."
        advice = _CORRECT if begun else _BEGIN
        found.append(Finding("warning", text, advice, image.name))
    return found


_BEGIN = "Choose it under Start from in Annotate, click New annotation, and correct it."
_CORRECT = "Correct what is wrong in Annotate, or leave the hint where you found nothing wrong."


def _weighed(weight: Image | None) -> Labels | None:
    state = None if weight is None else weight_map_state(weight)
    return None if state is None else state.labels()


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


def unlisted_note(layers: Sequence[Layer], listed: Sequence[Layer | None]) -> Finding | None:
    """Say which annotations of this window are not learnt from, but for empty ones."""
    every = (labels for _, labels in annotations_in(layers) if labels not in listed)
    left = [labels.name for labels in every if any(plane.any() for plane in labels.data)]
    if not left:
        return None
    more = f" and {counted(len(left) - 1, 'more annotation')}" if left[1:] else ""
    verb = "are" if left[1:] else "is"
    text = f"“{left[0]}”{more} of this window {verb} not learnt from."
    return Finding("warning", text, "Click + Add pair, and choose it under Annotation.")
