"""What gives a form the width that it needs, and scrolls it where there is no room."""

from __future__ import annotations

from napari.settings import get_settings
from napari.utils.theme import get_theme
from qtpy.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from qtpy.QtGui import QResizeEvent, QShowEvent
from qtpy.QtWidgets import QFrame, QScrollArea, QWidget

WIDTH = 350
"""Least width of a widget in pixels of the screen, the same for all, as they are tabs of one dock;
in a font of the usual size the parts of each fit into it beside a scroll bar."""
WIDEST = 560
"""Least width of a widget in a large font at most; what needs more is scrolled sideways."""
_GAP = 2
"""Pixels between a form and its scroll bar."""
_LARGE = 15
"""Pixels of the screen, of the text of the one large button in napari's usual size."""
_LEFT_ALONE = "QLineEdit, QToolButton, QHeaderView, QAbstractItemView"
"""Whose texts napari's style leaves at one size."""


class SteadyArea(QScrollArea):
    """Scrolls a form up and down; where its bar comes, nothing in the form moves or narrows.

    It is at least as wide as the form needs in the font that is chosen in napari's preferences.

    Parameters
    ----------
    content
        The form, with its layout.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__(widgetResizable=True, frameShape=QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._needed = 0
        self.setStyleSheet(_style())
        self.setWidget(content)
        self.verticalScrollBar().installEventFilter(self)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a width that has room for the form and a scroll bar."""
        return QSize(min(max(WIDTH, self._needed), WIDEST), super().minimumSizeHint().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the size of napari's font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.styleSheet() != (new := _style()):
            self.setStyleSheet(new)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Need the width that the form needs now that it has napari's style."""
        super().showEvent(event)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the place as wide as the bar is in the window's style."""
        super().resizeEvent(event)
        self._keep_place(self.verticalScrollBar().isVisible())
        self._scroll_sideways()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Give the bar the place that was kept for it, or keep it again; follow the form."""
        if watched is self.widget():
            if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
                self._measure()
        elif event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._keep_place(event.type() == QEvent.Type.Show)
        return bool(super().eventFilter(watched, event))

    def _measure(self) -> None:
        """Find out what the form needs, with and without a bar, and ask for it."""
        form, bar = self.widget(), self.verticalScrollBar()
        frame = self.width() - self.viewport().width() - bar.isVisible() * bar.width()
        least = form.minimumSizeHint().width() - form.layout().contentsMargins().right() + _GAP
        needed = least + bar.sizeHint().width() + frame
        if needed != self._needed:
            self._needed = needed
            self.updateGeometry()
            self._scroll_sideways()

    def _scroll_sideways(self) -> None:
        """Show a bar where the form is too wide; left to Qt, both bars come and go forever."""
        policy = Qt.ScrollBarPolicy
        cut = self._needed > max(self.width(), WIDEST)
        self.setHorizontalScrollBarPolicy(
            policy.ScrollBarAlwaysOn if cut else policy.ScrollBarAlwaysOff
        )

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


def _style() -> str:
    """Return the style of a form, for the size that is chosen in napari's preferences now."""
    appearance = get_settings().appearance
    size, usual = appearance.font_size, int(get_theme(appearance.theme).font_size[:-2])
    large = round(_LARGE * size / usual)
    told = f"QPushButton[large=true] {{ font-size: {large}px; font-weight: bold; }}"
    return told if size == usual else f"{told} {_LEFT_ALONE} {{ font-size: {size}pt; }}"
