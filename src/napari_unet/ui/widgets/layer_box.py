"""A combobox of the viewer's layers of one kind, chosen by itself where that is obvious."""

from __future__ import annotations

from typing import Any

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QSizePolicy

from napari_unet.ui.layers.file_facts import read_header
from napari_unet.ui.layers.metadata import MADE, has_role
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import LatestOnly


class LayerBox(QComboBox):
    """Lists the layers of one kind and follows the viewer.

    A layer that was opened from a file is told of once the file's header has been read.

    The active layer is chosen, else the only one, else the one that was chosen before. Images
    that a model made are listed but not chosen by themselves.

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
    """

    changed = Signal(object)

    def __init__(
        self,
        viewer: ViewerModel,
        kind: type[Layer],
        connections: Connections,
        *,
        suffix: str = "",
        none: str = "",
    ) -> None:
        super().__init__()
        self._viewer, self._kind, self._suffix, self._none = viewer, kind, suffix, none
        self._shown: Layer | None = None
        self._headers = LatestOnly(self)
        self._headers.returned.connect(lambda _: self.changed.emit(self._shown))
        connections.jobs.append(self._headers)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        events = viewer.layers.events
        for event in (events.removed, events.reordered, events.renamed):
            connections.add(event, self._refresh)
        connections.add(events.inserted, self._inserted)
        connections.add(viewer.layers.selection.events.active, self._follow)
        self.currentIndexChanged.connect(self._tell)
        self._inserted()

    def layer(self) -> Layer | None:
        """Return the chosen layer; None if there is none."""
        return self.currentData()

    def choose(self, layer: Layer | None) -> None:
        """Choose a layer that is listed."""
        found = [row for row in range(self.count()) if self.itemData(row) is layer]
        if found:
            self.setCurrentIndex(found[0])

    def _inserted(self, event: Any = None) -> None:
        self._refresh()
        self._follow()

    def _refresh(self, event: Any = None) -> None:
        before = self.layer()
        blocked = self.blockSignals(True)
        self.clear()
        if self._none:
            self.addItem(self._none, None)
        for layer in self._listed():
            self.addItem(layer.name, layer)
        self.setCurrentIndex(min(0, self.count() - 1))
        self.blockSignals(blocked)
        obvious = [layer for layer in self._listed() if self._is_meant(layer)]
        self.choose(before if before in self._listed() else obvious[-1] if obvious else None)
        self._tell()

    def _follow(self, event: Any = None) -> None:
        active = self._viewer.layers.selection.active
        if active in self._listed() and self._is_meant(active):
            self.choose(active)

    def _listed(self) -> list[Layer]:
        return [layer for layer in self._viewer.layers if isinstance(layer, self._kind)]

    def _is_meant(self, layer: Layer) -> bool:
        if self._suffix:
            return has_role(layer, self._suffix)
        return MADE not in layer.metadata

    def _tell(self) -> None:
        layer = self.layer()
        if layer is self._shown:
            return
        self._shown = layer
        self._headers.quit()
        header = None if layer is None else read_header(layer)
        if header is None or header.done():
            self.changed.emit(layer)
        else:
            self._headers.submit(header.result)
