"""What the *Segment* widget shows."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QCollapsible

from napari_unet.core.config import DecodeConfig, TileConfig
from napari_unet.ui.boxes import beside
from napari_unet.ui.device_line import DeviceLine
from napari_unet.ui.forms import Form
from napari_unet.ui.layer_box import LayerBox
from napari_unet.ui.model_box import ModelBox
from napari_unet.ui.working import WorkingWidget


class SegmentForm:
    """The parts of the *Segment* widget and where they lie; what they do is said there."""

    def __init__(self, viewer: ViewerModel, widget: WorkingWidget) -> None:
        self.image = LayerBox(viewer, Image, widget.connections)
        self.model = ModelBox()
        self.view, self.whole = QRadioButton("This view"), QRadioButton("Whole stack")
        self.view.setToolTip("Segment only the plane that is in view.")
        self.whole.setToolTip("Segment every plane of the stack, each on its own.")
        self.view.setChecked(True)
        self.extent = beside(self.view, self.whole)
        self.button, self.progress = widget.button, widget.progress
        self.button.setMinimumHeight(44)
        self.button.setStyleSheet("QPushButton { font-size: 15px; font-weight: bold; }")
        self.device = DeviceLine()
        self.tiles = Form(TileConfig())
        self.probabilities = QCheckBox("Add probabilities")
        self.height = QCheckBox("Add height")
        self.probabilities.setToolTip("Also show how sure the network is, as an image layer.")
        self.height.setToolTip("Also show what objects are parted by, as an image layer.")
        self.decode = Form(DecodeConfig(), sliders=True)
        self.found = QLabel()
        self.found.setWordWrap(True)
        self.adjust = self._adjust_box()
        self.advanced = self._advanced_part()
        self.model.changed.connect(self._take_over)
        if self.model.path() is not None:
            self._take_over(self.model.header())

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget."""
        what = QFormLayout()
        what.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        what.addRow("Image", self.image)
        what.addRow("Model", self.model)
        widget.setMinimumWidth(280)
        layout = QVBoxLayout(widget)
        layout.addLayout(what)
        for part in (self.extent, self.button, self.progress, self.adjust, self.device):
            layout.addWidget(part)
        layout.addWidget(self.advanced)
        layout.addStretch()

    def show_found(self, count: int, name: str) -> None:
        """Say how many objects were found, and let them be adjusted."""
        self.found.setText(f"{count:,} object{'s' if count != 1 else ''} in “{name}”.")
        self.adjust.show()

    def _take_over(self, header: dict[str, Any]) -> None:
        self.decode.set_value(DecodeConfig.from_dict(header["decode"]))
        self.model.setToolTip(str(header.get("about", {}).get("description", "")))

    def _adjust_box(self) -> QGroupBox:
        box = QGroupBox("Adjust the result")
        layout = QVBoxLayout(box)
        layout.addWidget(self.found)
        layout.addWidget(self.decode)
        box.hide()
        return box

    def _advanced_part(self) -> QCollapsible:
        folded = QCollapsible("Advanced")
        for part in (self.tiles, self.probabilities, self.height):
            folded.addWidget(part)
        return folded
