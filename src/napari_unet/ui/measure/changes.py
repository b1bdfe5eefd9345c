"""Which layers have been changed since their objects were measured."""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakSet

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.in_view import Undos
from napari_unet.ui.layers.metadata import MEASURED
from napari_unet.ui.work.copies import digest
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import LatestOnly

OLD = "Changed since: click Measure for new numbers."


def is_changed(layer: Labels) -> bool:
    """Return whether a layer has other pixels than those that its numbers are of."""
    return layer.metadata.get(MEASURED) != digest(pixels_in(layer))


def check_unchanged(layer: Labels, what: str) -> None:
    """Refuse to do something with the numbers of earlier objects.

    Parameters
    ----------
    layer
        What was measured.
    what
        A sentence that says what was not done.

    Raises
    ------
    UserError
        If the layer has other pixels by now.
    """
    if is_changed(layer):
        raise UserError(f"{what} {OLD}")


class Changes(QObject):
    """Watches measured layers.

    Parameters
    ----------
    viewer
        Where they are shown.
    connections
        Where the connections to the layers are kept.

    Attributes
    ----------
    happened
        Emitted with a layer that is changed.
    """

    happened = Signal(object)

    def __init__(self, viewer: ViewerModel, connections: Connections) -> None:
        super().__init__()
        self._viewer, self._connections = viewer, connections
        self._watched = WeakSet[Labels]()
        self._looks = LatestOnly(self)
        self._looks.returned.connect(self._looked)
        connections.jobs.append(self._looks)

    def watch(self, layer: Labels) -> None:
        """Watch a layer from now on."""
        if layer not in self._watched:
            self._watched.add(layer)
            for event in (layer.events.paint, layer.events.data):
                self._connections.add(event, self._tell)
            shown_anew = partial(self._refreshed, Undos(self._viewer, layer))
            self._connections.add(layer.events.set_data, shown_anew)

    def _tell(self, event: Any) -> None:
        self.happened.emit(event.source)

    def _refreshed(self, undos: Undos, event: Any) -> None:
        """Look whether a step was taken back: napari only shows the layer anew then."""
        if not undos.only_moved():
            self._looks.submit(partial(_looking, event.source))

    def _looked(self, changed: Labels | None) -> None:
        if changed is not None:
            self.happened.emit(changed)


def _looking(layer: Labels) -> Labels | None:
    """Return the layer if it is changed; for a worker."""
    return layer if is_changed(layer) else None
