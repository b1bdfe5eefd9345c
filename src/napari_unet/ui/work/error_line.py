"""What went wrong, in the widget: under the button that was clicked, until the next click."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from qtpy.compat import isalive
from qtpy.QtCore import QSize, QSizeF, Qt
from qtpy.QtWidgets import QDockWidget, QFrame, QSizePolicy, QTextEdit, QWidget

from napari_unet.core.errors import UserError, is_foreseen
from napari_unet.ui.work.errors import told
from napari_unet.ui.work.threads import report

_LOOK = """
QTextEdit {
    background: rgba(217, 83, 79, 50); border: 0px; border-left: 3px solid rgb(217, 83, 79);
    border-radius: 0px; padding: 2px;
}
"""
"""Red that shows on light and on dark; the text has the theme's own colour."""


class ErrorLine(QTextEdit):
    """Holds the whole sentence, which can be selected; hidden while there is none.

    A text and no label: only a text breaks words that are wider than the widget, such as paths.
    """

    def __init__(self) -> None:
        super().__init__(readOnly=True, frameShape=QFrame.Shape.NoFrame)
        self.setStyleSheet(_LOOK)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._live = ""
        self.forget()

    def run(self, action: Callable[[], None]) -> None:
        """Do what a button says; what goes wrong stands here, and what did before is gone."""
        for line in _dock(self).findChildren(ErrorLine):
            line.forget()
        try:
            action()
        except Exception as error:
            self._say(error)
            if not is_foreseen(error):
                raise
            report(error)

    def show_error(self, error: Exception) -> None:
        """Show what went wrong, and have napari say it, too; it alone where the widget is gone."""
        if isalive(self):
            self._say(error)
        report(error)

    def live(self, action: Callable[[], None]) -> None:
        """Do what follows the fields without a click; see `show_live`."""
        try:
            action()
        except UserError as error:
            self.show_live(error)

    def show_live(self, error: Exception) -> None:
        """Show what may go wrong over and over while a value is moved; napari says it once."""
        if told(error) != self.text():
            self.show_error(error)
        self._live = self.text()

    def forget_live(self) -> None:
        """Show nothing where what `show_live` has shown is over."""
        if self._live and self._live == self.text():
            self.forget()
        self._live = ""

    def forget(self) -> None:
        """Show nothing."""
        self.clear()
        self.hide()

    def text(self) -> str:
        """Return what is shown; empty for nothing."""
        return self.toPlainText()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of a single line, for which a place can be kept."""
        margin = ceil(self.document().documentMargin())
        return QSize(0, self.fontMetrics().lineSpacing() + 2 * margin)

    def _say(self, error: Exception) -> None:
        self.setPlainText(told(error))
        self.show()

    def _fit(self, size: QSizeF) -> None:
        frame = self.height() - self.viewport().height()
        self.setFixedHeight(ceil(size.height()) + frame)


def show_error_of(part: QWidget, error: Exception) -> None:
    """Show what went wrong in a field, in the nearest widget around it that has a line for it."""
    found: QWidget | None = part
    while found is not None and not isinstance(getattr(found, "error", None), ErrorLine):
        found = found.parentWidget()
    (report if found is None else found.error.show_error)(error)


def try_in(part: QWidget, action: Callable[[], None]) -> None:
    """Do what a field asks for, and show what the user can put right; see `show_error_of`."""
    try:
        action()
    except UserError as error:
        show_error_of(part, error)


def _dock(part: QWidget) -> QWidget:
    """Return the dock that a part lies in, or what it lies in outermost."""
    parent = part.parentWidget()
    while parent is not None and not isinstance(part, QDockWidget):
        part, parent = parent, parent.parentWidget()
    return part
