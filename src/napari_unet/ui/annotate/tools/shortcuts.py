"""Keys that work on the layers of an annotation while the widget is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from napari.layers import Labels, Layer

from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.layers.metadata import ANNOTATION

TAKEN = ("A", "D", "I", "R", "S", "T")
"""Keys that napari has its own use for while rectangles are drawn."""


def bind_keys(
    layer: Labels, actions: Mapping[str, Callable[[], None]], do: Callable[..., None]
) -> list[tuple[Layer, str]]:
    """Let keys do things while a layer of an annotation is active.

    Parameters
    ----------
    layer
        The objects of the annotation.
    actions
        What each key does.
    do
        Gets what the pressed key does.

    Returns
    -------
    Which key was bound on which layer.
    """
    owned: AnnotationLayers = layer.metadata[ANNOTATION]
    free = [key for key in actions if key not in TAKEN]
    parts = (layer, actions), (owned.marks, actions), (owned.rectangles, free)
    bound = [(part, key) for part, keys in parts if part is not None for key in keys]
    for part, key in bound:
        part.bind_key(key, _doing(actions[key], do), overwrite=True)
    return bound


def _doing(action: Callable[[], None], do: Callable[..., None]) -> Callable[[Any], None]:
    return lambda layer: do(action)
