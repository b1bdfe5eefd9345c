"""Which layers have been changed since their objects were measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_unet.ui.work.dock_widget import Connections


class Changes(QObject):
    """Watches measured layers.

    Parameters
    ----------
    connections
        Where the connections to the layers are kept.

    Attributes
    ----------
    happened
        Emitted with a layer that is changed.
    """

    happened = Signal(object)

    def __init__(self, connections: Connections) -> None:
        super().__init__()
        self._connections = connections
        self._watched, self._changed = WeakSet[Labels](), WeakSet[Labels]()

    def __contains__(self, layer: Labels) -> bool:
        return layer in self._changed

    def watch(self, layer: Labels) -> None:
        """Watch a layer from now on."""
        if layer not in self._watched:
            self._watched.add(layer)
            for event in (layer.events.paint, layer.events.data):
                self._connections.add(event, self._add)

    def forget(self, layer: Labels) -> None:
        """Take the numbers of a layer for those of its objects."""
        self._changed.discard(layer)

    @contextmanager
    def known(self, layer: Labels) -> Iterator[None]:
        """Do something to a layer after which its numbers are as true as they were."""
        old = layer in self
        yield
        if not old:
            self.forget(layer)

    def _add(self, event: Any) -> None:
        self._changed.add(event.source)
        self.happened.emit(event.source)
