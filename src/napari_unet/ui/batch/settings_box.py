"""The settings of a batch: those of *Segment*, until somebody changes them here."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from napari.components import ViewerModel
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.config import DecodeConfig, GreyConfig, LinkConfig, SizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.ui.batch.from_file import ask_for_settings
from napari_unet.ui.batch.in_words import in_words
from napari_unet.ui.batch.lines import AxesLine, ChannelsLine
from napari_unet.ui.widgets.decode_box import DecodeBox
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.last_used import last_used
from napari_unet.ui.widgets.layout import below, beside, button
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.error_line import try_in
from napari_unet.ui.work.settings import usual_tiles


class SettingsBox(QWidget):
    """Says in one line which settings are used, and holds the forms to change them.

    They follow *Segment* for as long as it is used with the same model and nothing was changed
    here; else they are the model's own.

    Parameters
    ----------
    viewer, model, connections
        The viewer, the model that is chosen, and where connections are kept.

    Attributes
    ----------
    values, size, grey, link, tiles
        The forms.
    axes, channels
        The axes of the images, and the numbers of the channels.
    forms
        What is laid out together.
    take, from_file
        The buttons that go back to *Segment*'s settings, or to those of a file.
    """

    def __init__(self, viewer: ViewerModel, model: ModelBox, connections: Connections) -> None:
        super().__init__()
        self._model, self._used = model, last_used(viewer)
        self.said = Words()
        tip = "Take the settings with which Segment made its newest result."
        self.take = button("Take Segment's settings", tip)
        self.values, self.size, self.grey = DecodeBox(), Form(SizeConfig()), Form(GreyConfig())
        self.link, self.tiles = Form(LinkConfig()), Form(usual_tiles())
        self.forms = below(self.values, self.size, self.grey, self.link)
        self.axes, self.channels = AxesLine(), ChannelsLine()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.said)
        self.from_file = button("From a file…", "Take the settings of a result or of a file.")
        layout.addWidget(beside(self.take, self.from_file))
        self._changed = False
        for form in (self.values, self.size, self.grey, self.link, self.tiles):
            form.changed.connect(self._change)
        for line in (self.axes, self.channels):
            line.textEdited.connect(self._change)
        self.take.clicked.connect(self.begin_anew)
        self.from_file.clicked.connect(lambda: try_in(self, partial(ask_for_settings, self)))
        model.chosen.connect(self.begin_anew)
        connections.add(self._used.changed, self._follow)
        self.begin_anew()

    def request(self) -> SegmentRequest:
        """Return what was chosen."""
        return SegmentRequest(
            axes=self.axes.value(),
            channels=self.channels.value(),
            tiles=self.tiles.value(),
            decode=self.values.form.value(),
            size=self.size.value(),
            grey=self.grey.value(),
            link=self.link.value(),
        )

    def begin_anew(self, _: Any = None) -> None:
        """Take *Segment*'s settings where it was used with the model, else the model's own."""
        try:
            own = DecodeConfig.from_dict(self._model.header()["decode"])
        except UserError:
            return
        used = self._of_segment() or SegmentRequest(tiles=usual_tiles())
        self._show(used, own)
        self._changed = False
        self._say()

    def take_over(self, model: Path, used: SegmentRequest) -> None:
        """Show another model and settings, to be changed like any other."""
        self._model.add(model)
        self._show(used, DecodeConfig.from_dict(self._model.header()["decode"]))
        self._change()

    def _show(self, used: SegmentRequest, own: DecodeConfig) -> None:
        self.values.show_values(used.decode or own, own)
        for form, config in self._others(used):
            blocked = form.blockSignals(True)
            form.set_value(config)
            form.blockSignals(blocked)
        self.axes.take(used.axes)
        self.channels.setText(" ".join(map(str, used.channels)))

    def _others(self, used: SegmentRequest) -> list[tuple[Form[Any], Any]]:
        pairs = (self.size, used.size), (self.grey, used.grey), (self.link, used.link)
        return [*pairs, (self.tiles, used.tiles)]

    def _of_segment(self) -> SegmentRequest | None:
        return self._used.request if self._used.model == self._model.path() else None

    def _follow(self) -> None:
        if self._changed:
            self._say()
        else:
            self.begin_anew()

    def _change(self, _: Any = None) -> None:
        self._changed = True
        self._say()

    def _say(self) -> None:
        used = self._of_segment()
        self.size.show_row("diameter", self.size.value().by_object)
        self.take.setEnabled(self._changed and used is not None)
        self.said.setText(self._words(used))

    def _words(self, used: SegmentRequest | None) -> str:
        if self._changed:
            return "Settings as changed below."
        if used is not None:
            return f"Settings as in Segment: {in_words(used, self.values)}."
        if self._used.request is not None:
            return "Settings: the model's own. Segment was used with another model."
        return "Settings: the model's own."
