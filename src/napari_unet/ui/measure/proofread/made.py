"""Who made, edited and accepted objects, as columns of their table."""

from __future__ import annotations

import numpy as np
from napari.layers import Labels

from napari_unet.ui.annotate.annotation_layers import annotation_layers
from napari_unet.ui.measure.steps import Table


def made_columns(layer: Labels, numbers: np.ndarray) -> Table:
    """Return the columns ``made_by``, ``edited`` and ``accepted``; none where nothing is known.

    Parameters
    ----------
    layer
        The objects.
    numbers
        Of each row, ``(n,)``.
    """
    parts = annotation_layers(layer)
    if parts is None or parts.record is None:
        return {}
    return parts.record.columns(numbers)
