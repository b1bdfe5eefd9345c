"""What the *Segment* widget shows."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Image
from qtpy.QtWidgets import QWidget
from superqt import QCollapsible

from napari_unet.core.config import DecodeConfig, GreyConfig, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing
from napari_unet.nn.prediction.too_large import exceeds_memory
from napari_unet.ui.help.page import help_row
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.axes import channel_names, layer_axes, lead_axes, spacing_of
from napari_unet.ui.segment.channel_box import ChannelBox
from napari_unet.ui.segment.device_line import DeviceLine
from napari_unet.ui.segment.extra_layers import ExtraLayers
from napari_unet.ui.segment.fit_line import FitLine
from napari_unet.ui.segment.result.adjust_box import AdjustBox
from napari_unet.ui.segment.result.made import copy_box
from napari_unet.ui.segment.size_box import SizeBox
from napari_unet.ui.segment.stack_box import StackBox
from napari_unet.ui.widgets.axes_box import AxesBox
from napari_unet.ui.widgets.choices import IMAGE
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import fill, place, rows
from napari_unet.ui.widgets.models.auto_model_box import AutoModelBox
from napari_unet.ui.widgets.shared_box import share_layers, share_model
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.settings import usual_tiles
from napari_unet.ui.work.working_widget import WorkingWidget


class SegmentForm:
    """The parts of the *Segment* widget and where they lie; what they do is said there."""

    def __init__(self, viewer: ViewerModel, widget: WorkingWidget) -> None:
        self.image = LayerBox(viewer, Image, widget.connections)
        self.image.tooltip = "The image that is segmented; a click on its layer chooses it, too."
        self.model = AutoModelBox(widget.connections)
        share_layers({IMAGE: self.image}, viewer, widget.connections)
        share_model(self.model, viewer, widget.connections)
        self.axes, self.channels = AxesBox(self._guess), ChannelBox()
        self.purpose, self.fit = Words(), FitLine()
        self.extent = StackBox()
        self.view, self.whole = self.extent.view, self.extent.whole
        self.button, self.progress = widget.button, widget.progress
        self.told = place(self.progress, widget.error)
        self.device = DeviceLine()
        self.size, self.grey, self.tiles = SizeBox(), Form(GreyConfig()), Form(usual_tiles())
        self.extras, self.copy = ExtraLayers(), copy_box(viewer, self.image)
        self.probabilities, self.height = self.extras.probabilities, self.extras.height
        self.uncertainty = self.extras.uncertainty
        self.adjust = AdjustBox()
        self.found, self.values = self.adjust.found, self.adjust.values
        self.decode = self.values.form
        self.advanced = self._advanced_part()
        self.rows = rows(
            ("Image", self.image),
            ("Axes", self.axes),
            ("Channel", self.channels),
            ("Model", self.model),
        )
        self.model.chosen.connect(self._take_over)
        self.axes.changed.connect(self._show_stack)
        self.tiles.changed.connect(self._show_views)
        if self.model.path() is not None:
            self._take_over()
        self._show_views()

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget."""
        before = (self.rows, self.purpose, self.extent, self.advanced)
        after = (self.told, self.fit, self.adjust, self.device)
        fill(widget, help_row("Segment"), *before, self.button, *after)
        self.image.changed.connect(self.show_image)
        self.model.chosen.connect(self.show_image)
        self.adjust.size.clicked.connect(lambda: self.size.match(again=not self.adjust.matched))
        self.adjust.size.clicked.connect(self.button.click)
        self.show_image()

    def config(self) -> ModelConfig:
        """Return the shape of the chosen model's network."""
        return ModelConfig.from_dict(self.model.header()["config"])

    def own_decode(self) -> DecodeConfig:
        """Return how the chosen model makes objects by itself."""
        return DecodeConfig.from_dict(self.model.header()["decode"])

    def show_image(self, _: Any = None) -> None:
        """Show what there is to say and to choose about the image."""
        self.size.begin(self.image.value)
        try:
            config = self.config()
        except UserError:
            return
        self.axes.ndim = config.ndim
        self.image.show_channels(config.in_channels)
        self.rows.setRowVisible(self.axes, self.axes.show_layer(self.image.value))
        self._show_stack()

    def _show_stack(self) -> None:
        layer, config, lead, large = self.image.value, self.config(), "", False
        names: tuple[str, ...] = ()
        spacing: tuple[float, ...] | None = None
        try:
            if layer is not None:
                axes = layer_axes(layer, config.ndim, config.in_channels)
                lead = lead_axes(layer, config.ndim, config.in_channels)
                large = exceeds_memory(full_resolution(layer).shape, axes, config)
                names = _channels(layer, axes)
                spacing = Spacing.along(axes, spacing_of(layer, axes)).of("YX")
        except UserError:
            pass
        self.extent.show_lead(lead, large=large)
        self.rows.setRowVisible(
            self.channels, self.channels.show_channels(names, config.in_channels)
        )
        self.channels.show_found(self.model.channels)
        self.size.show_image(spacing or ())

    def _guess(self, layer: Image) -> str:
        config = self.config()
        return layer_axes(layer, config.ndim, config.in_channels)

    def _take_over(self) -> None:
        self.purpose.setText(self.model.purpose)
        self.purpose.setVisible(bool(self.purpose.text()))
        self.size.show_model(self.model.header())

    def _show_views(self, _: Any = None) -> None:
        self.uncertainty.setVisible(self.tiles.value().views != "one")

    def _advanced_part(self) -> QCollapsible:
        folded = QCollapsible("Advanced")
        for part in (self.size, self.grey, self.tiles, self.extras, self.copy):
            folded.addWidget(part)
        return folded


def _channels(layer: Image, axes: str) -> tuple[str, ...]:
    if "C" not in axes:
        return ()
    return channel_names(layer, full_resolution(layer).shape[axes.index("C")])
