"""The numbers of a layer's objects, in its features."""

from __future__ import annotations

from napari.layers import Labels

from napari_unet.ui.layers.metadata import MEASURED
from napari_unet.ui.measure.proofread.made import made_columns
from napari_unet.ui.measure.steps import Table


def table_of(layer: Labels) -> Table:
    """Return the features of a layer as columns."""
    return {name: layer.features[name].to_numpy() for name in layer.features}


def write_table(layer: Labels, table: Table, pixels: str) -> None:
    """Write what was measured into the features of a layer.

    Parameters
    ----------
    layer
        The objects.
    table
        As `measure_objects` returns it.
    pixels
        The `digest` of what was measured.
    """
    names = table["label"]
    layer.features = {"index": names, **table, **made_columns(layer, names)}
    layer.metadata[MEASURED] = pixels
