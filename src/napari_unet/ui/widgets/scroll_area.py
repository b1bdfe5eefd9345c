"""What scrolls a form that is taller than its widget."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QFrame, QScrollArea, QWidget

_GAP = 2
"""Pixels between a form and its scroll bar."""


class SteadyArea(QScrollArea):
    """Scrolls a form up and down; where its bar comes, nothing in the form moves or narrows.

    Parameters
    ----------
    content
        The form, with its layout.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.verticalScrollBar().installEventFilter(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the place as wide as the bar is in the window's style."""
        super().resizeEvent(event)
        self._keep_place(self.verticalScrollBar().isVisible())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Give the bar the place that was kept for it, or keep it again."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._keep_place(event.type() == QEvent.Type.Show)
        return bool(super().eventFilter(watched, event))

    def _keep_place(self, taken: bool) -> None:
        layout = self.widget().layout()
        margins = layout.contentsMargins()
        bar = 0 if taken else self.verticalScrollBar().sizeHint().width()
        margins.setRight(_GAP + bar)
        layout.setContentsMargins(margins)


def scroll_to(part: QWidget) -> None:
    """Bring a part into view, as soon as it is laid out; its top, where it is too tall."""
    soon = QTimer(part, singleShot=True, interval=0)
    soon.timeout.connect(lambda: _scroll_to(part))
    soon.start()


def _scroll_to(part: QWidget) -> None:
    parent = part.parentWidget()
    while parent is not None and not isinstance(parent, QScrollArea):
        parent = parent.parentWidget()
    if parent is not None:
        content = parent.widget()
        content.layout().activate()
        top = part.mapTo(content, QPoint(0, 0)).y()
        parent.verticalScrollBar().setValue(top)
