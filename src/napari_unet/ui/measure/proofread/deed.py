"""A step of proof-reading or of painting meanwhile, to be taken back or done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from napari.layers import Labels

from napari_unet.core.annotation.annotation import BACKGROUND, NOTHING
from napari_unet.core.annotation.record import Record
from napari_unet.core.review.queue import DELETED, Step
from napari_unet.ui.measure.proofread.marks import set_marks


@dataclass(frozen=True)
class Deed:
    """What was done.

    Parameters
    ----------
    step
        What was said of an object; None where something was painted.
    before, after
        Who made the objects, as it was known before and after.
    marked
        Pixels that were marked as background with it, as arrays are indexed; None for none.
    """

    step: Step | None
    before: Record
    after: Record
    marked: tuple[Any, ...] | None = None

    def take_back(self, layer: Labels, marks: Labels | None) -> None:
        """Take back what it has changed in the objects and in their marks."""
        if self.painted:
            layer.undo()
        set_marks(marks, self.marked, NOTHING)

    def do_again(self, layer: Labels, marks: Labels | None) -> None:
        """Change the same in the objects and in their marks again."""
        if self.painted:
            layer.redo()
        set_marks(marks, self.marked, BACKGROUND)

    @property
    def painted(self) -> bool:
        """Whether pixels were changed."""
        return self.step is None or self.step.said == DELETED
