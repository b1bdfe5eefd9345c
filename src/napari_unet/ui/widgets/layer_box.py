"""A combobox of the viewer's layers of one kind, chosen by itself where that is obvious."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import ComboBox
from napari.components import ViewerModel
from napari.layers import Image, Layer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QSizePolicy

from napari_unet.ui.layers.channel_group import is_whole, same_image
from napari_unet.ui.layers.file_facts import read_header
from napari_unet.ui.layers.image_choice import choices, chosen_for, title
from napari_unet.ui.layers.metadata import MADE, has_role
from napari_unet.ui.open.split_channels import join_channels
from napari_unet.ui.widgets.words import LongNames
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import LatestOnly


class LayerBox(ComboBox):
    """Lists the layers of one kind and follows the viewer; `value` is the chosen layer, or None.

    A layer that was opened from a file is told of once the file's header has been read.

    The active layer is chosen, else the only one, else the one that was chosen before. Images
    that a model made are listed but not chosen by themselves.

    Unlike napari's own box for a layer, this one is told its viewer, knows layers by themselves and
    not by their names, and makes the obvious choice; channels of a file can be chosen together.

    Parameters
    ----------
    viewer
        The viewer.
    kind
        Class of the layers that are listed.
    connections
        Where the connections to the viewer are kept.
    suffix
        What the layers that are meant hold, see `has_role`; others are not chosen by themselves.
    none
        Text of an entry that stands for no layer; empty for no such entry.
    obvious
        Whether one is chosen by itself; not where only a person knows which is meant.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        kind: type[Layer],
        connections: Connections,
        *,
        suffix: str = "",
        none: str = "",
        obvious: bool = True,
    ) -> None:
        self._viewer, self._suffix, self.null_string = viewer, suffix, none
        self._obvious = obvious
        self._channels, self._connections = 0, connections
        self._headers = LatestOnly()
        self._headers.returned.connect(self._header_read)
        connections.jobs.append(self._headers)
        super().__init__(annotation=kind, nullable=bool(none))
        self.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        LongNames(self.native)
        events = viewer.layers.events
        for event in (events.inserted, events.removed, events.reordered):
            connections.add(event, self.reset_choices)
        # napari before 0.9 says so among all that the layers say
        connections.add(getattr(events, "renamed", events), self._renamed)
        connections.add(viewer.layers.selection.events.active, self._follow)
        self._follow()

    @property
    def value(self) -> Layer | None:
        """The chosen layer; of a file's channels all of them are chosen where these are listed."""
        return super().value

    @value.setter
    def value(self, layer: Layer | None) -> None:
        kept = layer not in self.choices and same_image(layer, self.value)
        if not kept or layer is None:
            ComboBox.value.fset(self, chosen_for(layer, self.choices))  # type: ignore[attr-defined]

    def show_channels(self, channels: int) -> None:
        """List what a model of so many channels takes, see `choices`."""
        if channels != self._channels:
            self._channels = channels
            self.reset_choices()

    def reset_choices(self, *_: Any) -> None:
        """List the layers anew; what was chosen stays so, if only under another name."""
        before, listed = self.value, self._listed()
        blocked = self.native.blockSignals(True)
        self.native.clear()
        if self.null_string:
            self.native.addItem(self.null_string, None)
        for layer in listed:
            self.native.addItem(title(layer), layer)
            row = self.native.count() - 1
            self.native.setItemData(row, title(layer), Qt.ItemDataRole.ToolTipRole)
        kept = chosen_for(before, listed)
        for layer in [kept] if kept in listed else self._likely(listed)[-1:]:
            self.value = layer
        self.native.blockSignals(blocked)
        if self.value is not before:
            self._on_value_change(self.value)

    def _header_read(self, _: Any) -> None:
        if not self._connections.undone:  # else Qt may have deleted the box
            self.changed.emit(self.value)

    def _on_value_change(self, value: Layer | None = None) -> None:
        self._headers.quit()
        if self._connections.undone:
            return
        header = None if value is None else read_header(value)
        if header is None or header.done():
            self.changed.emit(value)
        else:
            self._headers.submit(header.result)

    def _renamed(self, event: Any) -> None:
        if event.type in ("renamed", "name"):
            self.reset_choices()

    def _follow(self, event: Any = None) -> None:
        listed, active = self._listed(), self._viewer.layers.selection.active
        meant = chosen_for(active, listed)
        kept = self.value is not None and is_whole(self.value) and same_image(active, self.value)
        if meant in listed and self._is_meant(meant) and not kept:
            self.value = meant

    def _listed(self) -> list[Layer]:
        layers = [layer for layer in self._viewer.layers if isinstance(layer, self.annotation)]
        if self.annotation is not Image:
            return layers
        join_channels(layers)
        return choices(layers, self._channels)

    def _likely(self, listed: list[Layer]) -> list[Layer]:
        """Return what may be chosen by itself, the most likely last."""
        return [layer for layer in listed if self._is_meant(layer)]

    def _is_meant(self, layer: Layer) -> bool:
        meant = has_role(layer, self._suffix) if self._suffix else MADE not in layer.metadata
        return self._obvious and meant
