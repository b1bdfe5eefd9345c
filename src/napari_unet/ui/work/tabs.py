"""Our widgets as tabs of one dock, in the order of work, whatever order they are opened in."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QDockWidget, QMainWindow, QTabBar

ORDER = ("Segment", "Annotate", "Weight map", "Fine-tune", "Batch", "Measure", "Export")
"""Titles of the widgets, in the order in which one works with them."""
_NARROW = "QTabBar { font-size: 10px; } QTabBar::tab { padding: 3px 2px; font-size: 10px; }"
"""So that all seven titles can be read side by side; in napari's style they would be cut off."""


class DockTab(QObject):
    """Puts the dock of a widget among the tabs of the others, when it comes into the window.

    Where the user puts it later, afloat or elsewhere, it stays. Docks that are not ours are left
    alone.

    Its parent is the widget that lies in the dock.

    Parameters
    ----------
    title
        What the tab says; one of `ORDER`.

    Attributes
    ----------
    in_front
        Whether it can be seen, rather than another one of the dock.
    turned
        Emitted when it has come to the front or gone behind.
    """

    turned = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.in_front = True

    @property
    def dock(self) -> QDockWidget | None:
        """The dock that the widget lies in; None while it lies in none."""
        dock = None if self.parent() is None else self.parent().parent()
        return dock if isinstance(dock, QDockWidget) else None

    def enter(self, dock: QDockWidget) -> None:
        """Follow a dock that the widget was put into."""
        dock.setWindowTitle(self.title)
        dock.installEventFilter(self)
        dock.visibilityChanged.connect(self._tell)
        dock.dockLocationChanged.connect(self._join)

    def eventFilter(self, dock: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Bring to the front what is shown, and what is asked for while it lies behind.

        napari's menu hides a widget that is open, also where it lies behind another; who asks for
        it there wants to see it.
        """
        kind = event.type()
        if kind == QEvent.Type.Show and not event.spontaneous():
            QTimer.singleShot(0, self._raise)
        elif kind == QEvent.Type.Hide and self._hidden() and not self.in_front:
            QTimer.singleShot(0, self._show)
        return False

    def _join(self, area: Qt.DockWidgetArea) -> None:
        """Become a tab, once: the dock has come into the window."""
        assert self.dock is not None
        self.dock.dockLocationChanged.disconnect(self._join)
        window = self.dock.parent()
        tabs = [tab for tab in tabs_of(window) if tab is not self and _lies_in(window, tab, area)]
        if not tabs:
            return
        beside = [tabs[-1].dock, *window.tabifiedDockWidgets(tabs[-1].dock)]
        window.tabifyDockWidget(tabs[-1].dock, self.dock)
        for tab in tabs:
            if tab.dock in beside and ORDER.index(tab.title) > ORDER.index(self.title):
                window.tabifyDockWidget(self.dock, tab.dock)

    def _tell(self, in_front: bool) -> None:
        self.in_front = in_front
        self.turned.emit()

    def _hidden(self) -> bool:
        return self.dock is not None and self.dock.isHidden()

    def _show(self) -> None:
        if self.dock is not None:
            self.dock.show()

    def _raise(self) -> None:
        if self.dock is not None:
            self.dock.raise_()
            for bar in self.dock.parent().findChildren(QTabBar):
                ours = self.title in (bar.tabText(index) for index in range(bar.count()))
                if ours and bar.styleSheet() != _NARROW:  # a style takes long to be put on
                    bar.setStyleSheet(_NARROW)


def tabs_of(window: QMainWindow) -> list[DockTab]:
    """Return our tabs in a window, in the order of work."""
    found = [tab for tab in window.findChildren(DockTab) if tab.dock is not None]
    return sorted(found, key=lambda tab: ORDER.index(tab.title))


def _lies_in(window: QMainWindow, tab: DockTab, area: Qt.DockWidgetArea) -> bool:
    dock = tab.dock
    return dock is not None and not dock.isFloating() and window.dockWidgetArea(dock) == area
