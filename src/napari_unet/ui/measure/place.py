"""Where an object of a table lies in its layer."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.layers import Labels

from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.review.finding import Finding
from napari_unet.ui.layers.below import label_axes, label_spacing
from napari_unet.ui.layers.channel_axis import channel_axis, place_in_pixels
from napari_unet.ui.measure.steps import Table


def place_of(layer: Labels, table: Table, row: int) -> Finding:
    """Return where an object lies in its layer, by its row in the table."""
    axes = label_axes(layer)
    spatial = SPATIAL[3 if "centroid_z" in table else 2]
    known = Spacing.along(axes, label_spacing(layer)).of(spatial)
    if known is None or table["unit"][row] == "px":
        known = (1.0,) * len(spatial)
    where = {
        letter: round(float(table[f"centroid_{letter.lower()}"][row]) / size)
        for letter, size in zip(spatial, known, strict=True)
    }
    where |= {letter: int(table[letter.lower()][row]) for letter in axes if letter.lower() in table}
    return Finding("info", "", where=tuple(where.get(letter, 0) for letter in axes))


def place_of_pixels(layer: Labels, pixels: tuple[Any, ...]) -> Finding:
    """Return the middle of an object's pixels, in the first frame that it is in.

    Parameters
    ----------
    layer, pixels
        The layer, and integers ``(pixels,)`` along each of its axes.
    """
    places = place_in_pixels(np.stack(pixels, axis=-1), channel_axis(layer))
    if "T" in label_axes(layer):
        frames = places[:, label_axes(layer).index("T")]
        places = places[frames == frames.min()]
    middle = np.abs(places - places.mean(axis=0)).sum(axis=1).argmin()
    return Finding("info", "", where=tuple(places[middle].tolist()))
