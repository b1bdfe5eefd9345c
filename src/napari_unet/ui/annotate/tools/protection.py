"""Objects that are proof-read: what was accepted stays, and what a person changes is noted."""

from __future__ import annotations

from typing import Any

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


def note_edits(layer: Labels, event: Any) -> None:
    """Note which objects were changed, from what napari tells of a step of painting."""
    parts = annotation_layers(layer)
    if parts is None or parts.record is None:
        return
    touched = [np.unique(values) for *_, before, after in event.value for values in (before, after)]
    parts.record = parts.record.editing(np.concatenate(touched).tolist())
