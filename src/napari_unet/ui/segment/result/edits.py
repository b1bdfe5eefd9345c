"""A result's record says that somebody has edited it, also once the widget is closed.

These are functions, for napari forgets a method together with the object that it is of.
"""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels, Layer

from napari_unet.ui.layers.metadata import MADE


def watch_edits(viewer: ViewerModel, layer: Layer) -> None:
    """Note from now on what somebody does to a layer, and to its copies in the viewer."""
    _watch(layer)
    viewer.layers.events.inserted.connect(_watch_copy)


def note_edit(event: Any) -> None:
    """Note that a layer was edited."""
    about = event.source.metadata[MADE]
    if made := about.get("made"):
        about["made"] = made.replace(edited=True)


def _watch_copy(event: Any) -> None:
    layer = event.value
    about = layer.metadata.get(MADE, {})
    if "made" in about:
        layer.metadata[MADE] = dict(about)  # napari gives a copy the very same one
        _watch(layer)


def _watch(layer: Layer) -> None:
    layer.events.data.connect(note_edit)
    if isinstance(layer, Labels):
        layer.events.paint.connect(note_edit)
