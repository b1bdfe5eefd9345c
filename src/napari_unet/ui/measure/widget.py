"""The *Measure* widget: a table of the objects of a layer, as numbers, colours and places."""

from __future__ import annotations

from functools import partial

from napari.layers import Labels
from napari.viewer import Viewer

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import channel_axis
from napari_unet.ui.measure.cells import (
    Chosen,
    Measured,
    chosen_copies,
    measuring_chosen,
    show_pairing,
)
from napari_unet.ui.measure.changes import Changes, check_unchanged, is_changed
from napari_unet.ui.measure.columns import is_measured
from napari_unet.ui.measure.features import table_of, write_table
from napari_unet.ui.measure.form import MeasureForm
from napari_unet.ui.measure.look import ObjectLook, take_away
from napari_unet.ui.measure.place import place_of
from napari_unet.ui.measure.proofread.proof_reader import ProofReader
from napari_unet.ui.widgets.findings_list import go_to
from napari_unet.ui.widgets.layout import below, button
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget


class MeasureWidget(WorkingWidget):
    """Measures objects, writes the numbers to their layer, and shows them.

    Parameters
    ----------
    napari_viewer
        The viewer whose labels are measured.

    Attributes
    ----------
    labels, image
        What is chosen, as `value`, to be read and set.
    """

    title = "Measure"

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(button("Measure", high=True), ProgressRow("objects"))
        self._viewer = self.attach(napari_viewer)
        self.form = MeasureForm(self._viewer, self.connections)
        self.form.put_into(self, self.button, below(self.progress, self.error))
        self.labels, self.image = self.form.labels, self.form.image
        self._layer: Labels | None = None
        self._look: ObjectLook | None = None
        self._changes = Changes(self._viewer, self.connections)
        self.proof = ProofReader(self._viewer, self.form)
        measured = self.form.measured
        measured.changed.connect(self._show)
        self._changes.happened.connect(self._changed)
        measured.objects.chosen.connect(self._go_to)
        self.on_click(self.button, self._measure)
        self.on_click(measured.away, self._take_away)
        self.on_click(measured.save, self._save)
        self.labels.changed.connect(self._chosen)
        self._chosen()

    def release(self) -> None:
        """Give the objects their own colours back, and let go of the viewer."""
        self._forget()
        super().release()

    def _chosen(self) -> None:
        """Show what is known of the chosen objects, if they were measured before."""
        self.form.follow_labels()
        if self.labels.value is not self._layer:
            self._forget()
            self._layer = self.labels.value
        if self._layer is not None and is_measured(self._layer.features):
            self._open(self._layer)

    def _forget(self) -> None:
        if self._look is not None and self._layer in self._viewer.layers:
            self._look.restore()
        self.proof.end()
        self._look = self._layer = None
        self.form.measured.hide()
        self.form.tell("")

    def _measure(self) -> None:
        labels, image = self.labels.value, self.image.value
        if labels is None:
            raise UserError("There are no labels: choose a layer of objects, or make one.")
        chosen = Chosen(labels, self.form.pairs.nuclei.value, self.form.pairs.value())
        layers = list(self._viewer.layers)
        copy = partial(chosen_copies, chosen, image, layers, self.form.extent_of(labels))
        self.form.tell("")
        measured = partial(self._measured, chosen, self.form.note())
        self.work_on(copy, measuring_chosen, measured, "Measuring")

    def _measured(self, chosen: Chosen, note: str, found: Measured) -> None:
        if {chosen.objects, chosen.nuclei} - {None, *self._viewer.layers}:
            return
        labels = chosen.objects
        if found.pairing is not None:
            labels, nuclei = show_pairing(self._viewer, chosen, found.pairing)
            self.labels.value, self.form.pairs.nuclei.value = labels, nuclei
            note = f"{found.pairing.in_words()} {note}"
        write_table(labels, found.table, found.pixels)
        if labels is self.labels.value:
            self.form.tell(" ".join([*found.doubts, note]).strip())
            self._layer = labels
            self._open(labels)

    def _open(self, layer: Labels) -> None:
        self._look = self._look or ObjectLook(layer)
        self._changes.watch(layer)
        self.form.measured.show_table(table_of(layer), old=is_changed(layer))

    def _changed(self, layer: Labels) -> None:
        if layer is self._layer:
            self.form.measured.tell_old()

    def _show(self) -> None:
        """Colour and hide objects as is asked for."""
        measured = self.form.measured
        if self._look is None or self._layer not in self._viewer.layers or not measured.table:
            return
        numbers, values, hidden = measured.by_label()
        self._look.show(numbers, values if measured.colour.isChecked() else None, hidden)

    def _take_away(self) -> None:
        numbers, _, hidden = self.form.measured.by_label()
        if self._layer is None or not hidden.any():
            return
        check_unchanged(self._layer, "Nothing was taken away.")
        take_away(self._viewer, self._layer, numbers[hidden])
        self._open(self._layer)

    def _save(self) -> None:
        if self._layer is not None:
            check_unchanged(self._layer, "Nothing was saved.")
            self.form.measured.save_table()

    def _go_to(self, row: int) -> None:
        if self._layer is None:
            return
        place = place_of(self._layer, self.form.measured.table, row)
        go_to(self._viewer, self._layer, place, channel_axis(self._layer))
        self._layer.selected_label = int(self.form.measured.table["label"][row])
