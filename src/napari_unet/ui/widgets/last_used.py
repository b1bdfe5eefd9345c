"""How *Segment* was used last in a viewer, for those who want to do the same."""

from __future__ import annotations

from pathlib import Path
from weakref import WeakKeyDictionary

from napari.components import ViewerModel
from psygnal import Signal

from napari_unet.core.segment_request import SegmentRequest


class LastUsed:
    """The model and the settings with which the newest result was made.

    Attributes
    ----------
    model, request
        The model's file and how it was asked; None before anything was segmented.
    changed
        Emitted when there is another.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.model: Path | None = None
        self.request: SegmentRequest | None = None

    def take(self, model: Path, request: SegmentRequest) -> None:
        """Remember how a result was made."""
        self.model, self.request = model, request
        self.changed.emit()


def last_used(viewer: ViewerModel) -> LastUsed:
    """Return how *Segment* was used last in a viewer."""
    return _of.setdefault(viewer, LastUsed())


_of: WeakKeyDictionary[ViewerModel, LastUsed] = WeakKeyDictionary()
