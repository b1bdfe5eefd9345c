"""One annotation that is proof-read: what each key does, and how it is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.core.review.queue import Queue
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.measure.proofread.deed import Deed
from napari_unet.ui.measure.proofread.marks import mark_background
from napari_unet.ui.measure.proofread.outline import Outline
from napari_unet.ui.measure.proofread.past import Past


class Reading(QObject):
    """Walks through the objects of an annotation.

    Parameters
    ----------
    viewer, layer
        The viewer, and the objects of the annotation.
    queue
        The order of the objects.

    Attributes
    ----------
    outline
        Knows where the objects are now.
    moved
        Another object is looked at, or none is left.
    noted
        It is known of an object who made, edited or accepted it.
    """

    moved = Signal()
    noted = Signal()

    def __init__(self, viewer: ViewerModel, layer: Labels, queue: Queue) -> None:
        super().__init__()
        self.layer, self.queue = layer, queue
        self._parts: AnnotationLayers = layer.metadata[ANNOTATION]
        self.outline = Outline(viewer, layer)
        self._past = Past()
        self._writing, self._known = False, self.record
        layer.events.paint.connect(self._painted)

    @property
    def record(self) -> Record:
        """Who made the objects."""
        return self._parts.record or Record()

    def quit(self) -> None:
        """Let go of the layer."""
        self.layer.events.paint.disconnect(self._painted)
        self.outline.quit()

    def next(self) -> None:
        """Look at the next object."""
        self._look_at(self.outline.there(self.queue).next())

    def previous(self) -> None:
        """Look at the object before."""
        self._look_at(self.outline.there(self.queue).previous())

    def go_to(self, number: int) -> None:
        """Look at an object."""
        self._look_at(self.queue.go_to(number))

    def accept(self) -> None:
        """Say that the object is right; of one that is accepted that is taken back."""
        number = self.queue.here
        if number is not None and number in self.record.accepted:
            self._do(self.queue.withdraw(), self.record, self.record.withdrawing(number))
            return
        number = self.here()
        self._do(self.queue.accept(), self.record, self.record.accepting(number))

    def delete(self) -> None:
        """Delete the object, in all planes and frames, and mark its place as background."""
        number, before = self.here(), self.record
        pixels, self._writing = self.outline.pixels(number), True
        self.layer.data_setitem(pixels, 0)
        self._writing = False
        after = replace(before, found=before.found - {number})
        self._do(self.queue.delete(), before, after, mark_background(self._parts.marks, pixels))

    def undo(self) -> None:
        """Take back the last step, of proof-reading or of painting."""
        deed = self._past.back()
        if deed is None:
            self.layer.undo()
        else:
            deed.take_back(self.layer, self._parts.marks)
            self._know(deed.before)
            self._look_at((self.queue.undo() if deed.step else self.queue).look_again())

    def redo(self) -> None:
        """Do again what was taken back."""
        deed = self._past.again()
        if deed is None:
            self.layer.redo()
        else:
            deed.do_again(self.layer, self._parts.marks)
            self._know(deed.after)
            self._look_at(self.queue.redo(deed.step) if deed.step else self.queue)

    def here(self) -> int:
        """Return the object that is looked at.

        Raises
        ------
        UserError
            If none is, it was accepted already, or it is not there any more.
        """
        queue = self.outline.there(self.queue)
        number = queue.here
        if number is None or number in self.record.accepted | queue.lost:
            raise UserError("This object is accepted or not there any more: click Next or Undo.")
        return number

    def _do(self, queue: Queue, before: Record, after: Record, marked: Any = None) -> None:
        self._past.add(Deed(queue.steps[-1], before, after, marked))
        self._know(after)
        self._look_at(queue)

    def _know(self, record: Record) -> None:
        self._parts.record = self._known = record
        self.noted.emit()

    def _look_at(self, queue: Queue) -> None:
        self.queue = self.outline.show_first(queue)
        self.moved.emit()

    def _painted(self, event: Any) -> None:
        self.outline.painted(event)
        if self._writing:
            return
        before = self._known
        self._parts.note_edits(event)  # whoever hears of it first
        self._known = self.record
        self._past.add(Deed(None, before, self._known))
