"""What the *Weight map* widget shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from magicgui.widgets import FloatSpinBox
from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QCheckBox, QGroupBox, QHBoxLayout, QPushButton, QWidget

from napari_unet.core.config import TargetConfig
from napari_unet.ui.help.page import help_row
from napari_unet.ui.widgets.choices import PAINTED
from napari_unet.ui.widgets.forms import Form, WholeNumber
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import button, fill, group, place, rows
from napari_unet.ui.widgets.shared_box import share_layers
from napari_unet.ui.widgets.spacing_box import SpacingBox, extent_box
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.working_widget import WorkingWidget

PAPER = "ronneberger2015"


class WeightsForm(QObject):
    """The parts of the *Weight map* widget and where they lie; what they do is said there.

    Attributes
    ----------
    changed
        Emitted when the user changes what the map is made from.
    brush_changed
        Emitted with the weight that is painted and the brush's width.
    """

    changed = Signal()
    brush_changed = Signal(float, int)

    def __init__(self, viewer: ViewerModel, widget: WorkingWidget) -> None:
        super().__init__()
        self.labels = LayerBox(viewer, Labels, widget.connections, suffix="objects")
        share_layers({PAINTED: self.labels}, viewer, widget.connections)
        self.labels.tooltip = "The painted objects whose gaps are weighed."
        self.extent = extent_box("Whether you train a model for planes, or one for volumes.")
        self.target = Form(TargetConfig())
        self.spacing = SpacingBox()
        self.live = QCheckBox("Show while I change it")
        self.live.setChecked(True)
        self.live.setToolTip("Compute what is in view after every change; not for slow computers.")
        self.note = Words()
        self.note.hide()
        self.apply, self.told = widget.button, place(widget.progress, widget.error, self.note)
        self.paint_error, self.export_error = ErrorLine(), ErrorLine()
        self.paint = button("Paint weight", "Drag over the weight map to paint the value.")
        self.paint.setCheckable(True)
        self.undo = button("Undo", "Take the last stroke back.")
        tip = "What is painted: 0 leaves pixels out, 10 or more where it keeps making a mistake."
        self.value = FloatSpinBox(value=10, min=0, max=1000, tooltip=tip)
        self.size = WholeNumber(value=10, min=1, max=500, tooltip="Width of the brush.")
        self.size.native.setSuffix(" px")
        self.export = button("Export…", "Write the weight map as a TIFF file.")
        self.undo.setEnabled(False)
        self.target.changed.connect(self._enable)
        self.extent.changed.connect(self._deepen)
        for signal in (self.target.changed, self.spacing.changed, self.live.toggled):
            signal.connect(lambda *_: self.changed.emit())
        for box in (self.value, self.size):
            box.changed.connect(self._tip)

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget."""
        self.rows = rows(("Objects", self.labels), ("Extend", self.extent))
        above = (help_row("Weight map"), self.rows, self.target)
        pixel = rows(("Pixel size", self.spacing))
        below = (self.live, self.apply, self.told, self._paint_box(), self.export)
        fill(widget, *above, pixel, *below, self.export_error)
        self.show_depth(False, ())

    def ndim(self) -> int:
        """Return along how many axes objects extend."""
        return self.extent.value if self.rows.isRowVisible(self.extent.native) else 2

    def config(self) -> TargetConfig:
        """Return how the map is made."""
        return self.target.value().replace(spacing=self.spacing.value(self.ndim()))

    def show_depth(self, deep: bool, voxel: Sequence[float]) -> None:
        """Show the choice between planes and volumes, or not.

        Parameters
        ----------
        voxel
            What training takes for the sides of a voxel; it is suggested for volumes.
        """
        self._voxel = voxel
        self.rows.setRowVisible(self.extent.native, deep)
        self._suggest()

    def say(self, text: str) -> None:
        """Show a sentence below the button; nothing for no text."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _deepen(self, _: Any) -> None:
        self._suggest()
        self.changed.emit()

    def _suggest(self) -> None:
        ndim = self.ndim()
        self.spacing.suggest(self._voxel if ndim > 2 else ())
        self.spacing.show_axes(ndim)

    def _tip(self, _: Any) -> None:
        self.brush_changed.emit(self.value.value, self.size.value)

    def _enable(self, config: TargetConfig) -> None:
        for name in ("w0", "sigma"):
            self.target.fields[name].enabled = config.border == PAPER

    def _paint_box(self) -> QGroupBox:
        buttons = QHBoxLayout()
        buttons.addWidget(self.paint, 1)
        buttons.addWidget(self.undo)
        return group(
            "Paint", rows(("Weight", self.value), ("Brush", self.size)), buttons, self.paint_error
        )


def apply_button() -> QPushButton:
    """Return the widget's main button."""
    return button("Apply", "Compute the weight map of the whole image or stack.", high=True)
