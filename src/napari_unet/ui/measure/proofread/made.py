"""Who made, edited and accepted objects, as columns of their table."""

from __future__ import annotations

import numpy as np
from napari.layers import Labels

from napari_unet.core.annotation.record import PERSON, PROGRAM
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
    record = parts.record
    of = {
        name: np.isin(numbers, np.array(sorted(each), np.int64))
        for name, each in (
            ("found", record.found),
            ("edited", record.edited),
            ("accepted", record.accepted),
        )
    }
    return {"made_by": np.where(of.pop("found"), PROGRAM, PERSON), **of}
