"""Objects that were accepted stay as they are."""

from __future__ import annotations

import numpy as np
from napari.layers import Labels

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_layers import annotation_layers


def without_accepted(layer: Labels, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return labels in which accepted objects are as they were before.

    Parameters
    ----------
    layer
        The objects; of other than annotations nothing is accepted.
    before, after
        A part of it, and what a tool makes of that; of one shape.

    Raises
    ------
    UserError
        If nothing but accepted objects would change.
    """
    parts = annotation_layers(layer)
    if parts is None or parts.record is None or not parts.record.accepted:
        return after
    changed = before != after
    accepted = np.array(sorted(parts.record.accepted))
    kept = changed.copy()
    kept[changed] = np.isin(before[changed], accepted) | np.isin(after[changed], accepted)
    if changed.any() and (kept == changed).all():
        raise UserError("This object is accepted: take that back under Measure to change it.")
    return np.where(kept, before, after)
