"""Connections that are undone when a widget goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QWidget


class Connections:
    """A list of connections to napari events and Qt signals."""

    def __init__(self) -> None:
        self._made: list[tuple[Any, Callable[..., Any]]] = []

    def add(self, signal: Any, slot: Callable[..., Any]) -> None:
        """Connect, and remember it."""
        signal.connect(slot)
        self._made.append((signal, slot))

    def undo(self) -> None:
        """Undo all connections."""
        while self._made:
            signal, slot = self._made.pop()
            signal.disconnect(slot)


class DockWidget(QWidget):
    """A widget for napari's dock that lets go of the viewer when it is closed.

    napari takes a closed dock widget's content out of the window without closing it; so losing
    the parent counts as closing, too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.connections = Connections()
        self.closed = False

    def release(self) -> None:
        """Undo all connections and end what is running; nothing happens in here afterwards."""
        self.closed = True
        self.connections.undo()

    def event(self, event: QEvent) -> bool:
        """Release when closed or taken out of the window."""
        gone = event.type() == QEvent.Type.ParentChange and self.parent() is None
        if not self.closed and (gone or event.type() == QEvent.Type.Close):
            self.release()
        return bool(super().event(event))
