"""Proof-reading below the table: from the objects that were measured to an annotation of them."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari.layers import Labels
from napari.viewer import Viewer
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import numbers_in
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers, is_annotation
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in, place_in_layer
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.measure.changes import check_unchanged
from napari_unet.ui.measure.features import hand_on
from napari_unet.ui.measure.form import MeasureForm
from napari_unet.ui.measure.proofread.box import ACCEPTED_HERE, KEYS
from napari_unet.ui.measure.proofread.made import made_columns
from napari_unet.ui.measure.proofread.order import queue_of, sort_by_doubt
from napari_unet.ui.measure.proofread.reading import Reading
from napari_unet.ui.widgets.findings_list import go_to
from napari_unet.ui.work.opening import open_widget

_KEYS = {key: name for name, (_, key) in KEYS.items()} | {"Control-Shift-Z": "redo"}


class ProofReader(QObject):
    """Does what the buttons and keys of proof-reading say.

    Parameters
    ----------
    viewer
        The viewer.
    form
        Where objects and image are chosen, what was measured, and the buttons.
    """

    def __init__(self, viewer: Viewer, form: MeasureForm) -> None:
        super().__init__()
        self._viewer, self._form = viewer, form
        self._box, self._measured = form.measured.proof, form.measured
        self.reading: Reading | None = None
        self._source: Labels | None = None
        self._picked: Any = None
        self._box.begin.clicked.connect(lambda: self._box.error.run(self._toggle))
        for name, each in self._box.buttons.items():
            each.clicked.connect(partial(self._do, name))
        form.measured.objects.chosen.connect(self._chosen)

    def end(self) -> None:
        """Let go of the objects; what was said of them stays."""
        reading, self.reading = self.reading, None
        if reading is not None:
            for key in _KEYS:
                reading.layer.bind_key(key, None)
            reading.quit()
        self._box.show_begun(False)

    def _toggle(self) -> None:
        self._box.begin.setChecked(self.reading is not None)
        layer = self._form.labels.value
        if self.reading is not None or layer is None:
            self.end()
        elif is_annotation(layer):
            self._begin(layer)
        else:
            self._make_annotation(layer)

    def _make_annotation(self, layer: Labels) -> None:
        """Have the objects copied into an annotation, as *Start from* does in Annotate."""
        check_unchanged(layer, "Nothing was begun.")
        image = self._form.image.value
        if image is None:
            raise UserError("Choose the image, too: what you accept is learnt together with it.")
        self._source = layer
        annotate = open_widget(self._viewer, "Annotate")
        annotate.begun.connect(self._go_on)
        annotate.start_from(image, layer)

    def _go_on(self, source: Labels, layer: Labels) -> None:
        if self._source is None or source is not self._source:
            return
        self._source = None
        layer.metadata[ANNOTATION].record = Record(frozenset(numbers_in(pixels_in(layer))))
        hand_on(source, layer)
        self._form.labels.value = layer
        self._form.labels.changed.emit(layer)  # it was chosen before it had features
        self._begin(layer)
        QTimer.singleShot(0, partial(open_widget, self._viewer, "Measure"))

    def _begin(self, layer: Labels) -> None:
        parts: AnnotationLayers = layer.metadata[ANNOTATION]
        parts.record = parts.record or Record()
        sort_by_doubt(self._measured)
        self.reading = Reading(self._viewer, layer, queue_of(self._measured, parts.record))
        self.reading.moved.connect(self._show)
        self.reading.noted.connect(self._note)
        for key, name in _KEYS.items():
            layer.bind_key(key, lambda _, name=name: self._do(name), overwrite=True)
        self._note()
        layer.mode = "pan_zoom"
        self._box.show_begun(True)
        self.reading.next()

    def _do(self, name: str, _: Any = None) -> None:
        if self.reading is not None:
            action = self._correct if name == "correct" else getattr(self.reading, name)
            self._box.error.run(action)

    def _correct(self) -> None:
        """Open Annotate with the object picked."""
        assert self.reading is not None
        number, layer = self.reading.here(), self.reading.layer
        annotate = open_widget(self._viewer, "Annotate")
        annotate.labels.value = layer
        self._picked = annotate.session.picks
        self._picked.clear()
        where = self.reading.outline.place(number).where or ()
        self._picked.pick(number, place_in_layer(where, channel_axis(layer)))

    def _chosen(self, row: int) -> None:
        """Go on from the object of a row that was clicked."""
        number = int(self._measured.table["label"][row])
        if self.reading is not None and number != self.reading.queue.here:
            self.reading.go_to(number)

    def _show(self) -> None:
        """Fly to the object."""
        assert self.reading is not None
        if self._picked is not None:
            self._picked.clear()
            self._picked = None
        layer, queue = self.reading.layer, self.reading.queue
        accepted = queue.here in self.reading.record.accepted
        self._box.told.setText(queue.in_words() + (f". {ACCEPTED_HERE}" if accepted else ""))
        if queue.here is not None:
            place = self.reading.outline.place(queue.here)
            go_to(self._viewer, layer, place, channel_axis(layer))
            layer.selected_label = queue.here

    def _note(self) -> None:
        """Write into the layer who made the objects; Annotate keeps a copy of that."""
        assert self.reading is not None
        layer, table = self.reading.layer, self._measured.table
        table |= made_columns(layer, table["label"])
        layer.features = table
