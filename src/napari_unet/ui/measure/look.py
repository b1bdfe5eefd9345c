"""Objects coloured by a number, hidden, or taken away into a layer of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels
from napari.utils.colormaps import DirectLabelColormap, ensure_colormap

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.metadata import COLUMNS, MADE, MEASURED
from napari_unet.ui.work.copies import digest, is_in_memory

_COLOURS, _LEVELS = "viridis", 250
_ALIKE = 1e-9
"""Values that differ by a smaller share are one: no colours and no bars have room between them."""
MOST = 2**16
"""The highest number that napari gives a colour of its own, where numba is not installed."""
_UNKNOWN = (0.6, 0.6, 0.6, 1.0)
"""Of objects without a number: those that were painted since."""


def mean_by_label(labels: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each label once, and the mean of its values: an object may be in several frames.

    Parameters
    ----------
    labels, values
        Of the rows of a table; where a value is not a number, it does not count.

    Returns
    -------
    Labels and means, ``(objects,)`` each. Means that differ in their last digits only are one.
    """
    numbers, which = np.unique(labels, return_inverse=True)
    known = np.isfinite(values)
    total = np.bincount(which[known], values[known], len(numbers))
    count = np.bincount(which[known], minlength=len(numbers))
    means = np.divide(total, count, out=np.full(len(numbers), np.nan), where=count > 0)
    there = np.isfinite(means)
    if there.any() and np.ptp(means[there]) < _ALIKE * np.abs(means[there]).max():
        means[there] = means[there][0]
    return numbers, means


class ObjectLook:
    """How the objects of a layer look; as they were before, once it is asked to.

    Parameters
    ----------
    layer
        Whose colours are changed. Its pixels are not.
    """

    def __init__(self, layer: Labels) -> None:
        self._layer, self._before = layer, layer.colormap
        self._changed = False

    def show(self, numbers: np.ndarray, values: np.ndarray | None, hidden: np.ndarray) -> None:
        """Colour objects, and hide some; where a number is above `MOST`, nothing is changed.

        Parameters
        ----------
        numbers
            All objects.
        values
            What each is coloured by; None for the colours that they had.
        hidden
            True for those that cannot be seen.
        """
        if (values is None and not hidden.any()) or numbers.max(initial=0) > MOST:
            self.restore()
            return
        colours = self._before.map(numbers) if values is None else _colours(values, ~hidden)
        colours[hidden] = 0
        table: dict[int | None, Any] = dict(zip(numbers.tolist(), colours, strict=True))
        self._layer.colormap = DirectLabelColormap(color_dict={None: _UNKNOWN, 0: 4 * (0,)} | table)
        self._changed = True

    def restore(self) -> None:
        """Give the layer its own colours back."""
        if self._changed:
            self._layer.colormap = self._before
        self._changed = False


def _colours(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return a colour for each value; those that are seen have all colours between them."""
    known = np.isfinite(values)
    spread = values[known & seen]
    low, high = (spread.min(), spread.max()) if len(spread) else (0, 1)
    shares = (np.where(known, values, low).clip(low, high) - low) / (high - low or 1)
    shares = np.round(shares * _LEVELS) / _LEVELS  # the fewer colours, the faster they are drawn
    colours = np.array(ensure_colormap(_COLOURS).map(shares), np.float32)
    colours[~known] = _UNKNOWN
    return colours


def take_away(viewer: ViewerModel, layer: Labels, numbers: np.ndarray) -> Labels:
    """Move objects with their numbers into a new layer; where they were is background.

    The pixels come back when that is undone.

    Parameters
    ----------
    viewer, layer
        Where the objects are.
    numbers
        Which ones.

    Returns
    -------
    The new layer, below the old one.

    Raises
    ------
    UserError
        If the layer's pixels cannot be changed.
    """
    if layer.multiscale or not is_in_memory(layer.data):
        raise UserError(
            f"“{layer.name}” is read from a file part by part, so that nothing can be taken away "
            "from it: hide the objects, or open a smaller image."
        )
    gone = np.isin(layer.data, numbers)
    made = layer.metadata.get(MADE)
    metadata = {} if made is None else {MADE: made | {"role": "taken away"}}
    metadata |= {COLUMNS: layer.metadata.get(COLUMNS, frozenset())}
    table = layer.features
    gone_rows = table["label"].isin(numbers)
    away = Labels(
        np.where(gone, layer.data, 0).astype(layer.data.dtype),
        name=f"{layer.name} taken away",
        metadata=metadata,
        features=table[gone_rows].reset_index(drop=True),
        visible=False,
        **geometry(layer),
    )
    viewer.layers.insert(viewer.layers.index(layer), away)
    layer.data_setitem(np.nonzero(gone), 0)
    layer.features = table[~gone_rows].reset_index(drop=True)
    for each in (layer, away):
        each.metadata[MEASURED] = digest(pixels_in(each))
    viewer.layers.selection.active = layer
    return away
