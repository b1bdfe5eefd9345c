"""The numbers of a layer's objects, in its features."""

from __future__ import annotations

from typing import Any

from napari.layers import Labels

from napari_unet.ui.layers.metadata import COLUMNS, MEASURED
from napari_unet.ui.measure.proofread.made import made_columns
from napari_unet.ui.measure.steps import Table


def table_of(layer: Labels) -> Table:
    """Return the features of a layer as columns."""
    return {name: layer.features[name].to_numpy() for name in layer.features}


def hand_on(layer: Labels, copy: Labels) -> None:
    """Give a copy of a layer's objects the numbers, too."""
    copy.features = layer.features
    copy.metadata.update({name: layer.metadata[name] for name in (MEASURED, COLUMNS)})


def write_table(layer: Labels, table: Table, pixels: str) -> None:
    """Write what was measured into the features of a layer; columns of others stay.

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
    own = {"index": names, **table, **made_columns(layer, names)}
    layer.features = own | _of_others(layer, own, names)
    layer.metadata[MEASURED], layer.metadata[COLUMNS] = pixels, frozenset(own)


def _of_others(layer: Labels, own: Table, names: Any) -> Table:
    """Return the columns that were not measured, for each row."""
    there = layer.features
    numbers = there.get("index", there.index)
    rows = there.set_axis(numbers)
    rows = rows[~rows.index.duplicated()].reindex(names)
    known = layer.metadata.get(COLUMNS, frozenset()) | set(own)
    return {name: rows[name].to_numpy() for name in rows if name not in known}
