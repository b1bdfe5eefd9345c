"""The fields of the *Measure* widget."""

from __future__ import annotations

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtWidgets import QWidget
from superqt import QCollapsible

from napari_unet.ui.help.page import help_row
from napari_unet.ui.layers.labels import guess_ndim, is_deep
from napari_unet.ui.measure.pair_box import PairBox
from napari_unet.ui.measure.results import MeasuredBox
from napari_unet.ui.widgets.layout import below, fill, rows
from napari_unet.ui.widgets.objects.objects_box import ObjectsBox
from napari_unet.ui.widgets.objects.paired_boxes import LikelyImageBox
from napari_unet.ui.widgets.spacing_box import extent_box
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.dock_widget import Connections, DockWidget

GREY = "Grey values are of"
"""Begins what is said of an image that may not be the objects'."""


class MeasureForm:
    """What is measured, and below it what was.

    Parameters
    ----------
    viewer, connections
        As for `LayerBox`.
    """

    def __init__(self, viewer: ViewerModel, connections: Connections) -> None:
        self.labels = ObjectsBox(viewer, connections)
        self.labels.tooltip = "Labels with a number for each object (instances)."
        self.image = LikelyImageBox(viewer, connections, self.labels)
        self.image.tooltip = "Image whose grey values are measured, too; not needed."
        self.image.changed.connect(self.follow_labels)
        self.extent = extent_box("Whether an object is measured in each plane, or as a volume.")
        self.pairs, self.cases = PairBox(viewer, connections), Words()
        self.cases.hide()
        self._guess = 0
        self.measured = MeasuredBox()
        self.measured.hide()
        self.advanced = QCollapsible("Advanced")
        self._extent_row = below(rows(("Measured", self.extent)))
        self.advanced.addWidget(self._extent_row)
        self.advanced.addWidget(self.pairs)
        self.advanced.addWidget(self.measured.every)
        self.advanced.content().layout().setContentsMargins(0, 0, 0, 0)

    def put_into(self, widget: DockWidget, button: QWidget, told: QWidget) -> None:
        """Lay the fields out, with the main button and what is told below it."""
        fill(
            widget,
            help_row(widget.title),
            rows(("Objects", self.labels), ("Image", self.image)),
            button,
            below(told, self.cases),
            self.measured,
            self.advanced,
        )

    def tell(self, cases: str) -> None:
        """Say what is doubtful, how cells are paired, and which image was measured, if anything."""
        self.cases.setText(cases)
        self.cases.setVisible(bool(cases))

    def note(self) -> str:
        """Say what is not known of the chosen layers: whose image it is, and what axes are."""
        return " ".join(filter(None, (*self.image.unknown(), self.image.note(GREY))))

    def extent_of(self, labels: Labels) -> int:
        """Return along how many axes objects extend; that follows them if it has changed since."""
        self.image.lay()
        if guess_ndim(labels) != self._guess:
            self._guess = self.extent.value = guess_ndim(labels)
        return int(self.extent.value)

    def follow_labels(self, _: object = None) -> None:
        """Choose how the chosen labels extend."""
        labels = self.labels.value
        deep = labels is not None and is_deep(labels)
        self._extent_row.setVisible(deep)
        if labels is not None:
            self._guess = self.extent.value = guess_ndim(labels)
