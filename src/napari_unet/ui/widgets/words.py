"""Text that takes the width that there is, however long its words are."""

from __future__ import annotations

import re

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import (
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QToolTip,
)

_MARGIN = 4
"""Pixels that a style may leave free around a name."""
_BREAK = "\N{ZERO WIDTH SPACE}"
_LONG = re.compile(r"\S{25,}")
_PIECES = re.compile(r".{1,12}?(?:(?<=[-_./\\])|(?<=.{12}))")


class Words(QLabel):
    """A text as it is, broken anywhere rather than cut off: a file's name may be one long word.

    Names of layers and files, and what others wrote, may look like the marks of a web page: none
    is taken for one.

    Parameters
    ----------
    text
        What is shown first.
    lines
        For how many lines a place is kept, so that other texts move nothing.
    """

    def __init__(self, text: str = "", lines: int = 0) -> None:
        super().__init__(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        if lines:
            self.setAlignment(Qt.AlignmentFlag.AlignTop)
            self.setMinimumHeight(lines * self.fontMetrics().lineSpacing())
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.setSizePolicy(policy)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802 - Qt's name
        """Show a text."""
        super().setText(_LONG.sub(_breakable, text))

    def text(self) -> str:
        """Return the text as it was given."""
        return super().text().replace(_BREAK, "")


class LongNames(QObject):
    """Shows all of a name that has no room in a box when one points at it.

    In the open list long names are cut in their middle, where they differ least. The closed box is
    left to Qt: a painter that fails in Python, half-way through an event, ends napari.

    Parameters
    ----------
    box
        The box, which keeps this.
    """

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box)
        self._box = box
        box.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        box.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tell all of a name that is cut; the rest is the box's own."""
        if event.type() == QEvent.Type.ToolTip and self._is_cut():
            QToolTip.showText(event.globalPos(), self.tip(), self._box)
            return True
        return bool(super().eventFilter(watched, event))

    def tip(self) -> str:
        """Return the whole name, and what the box says of itself."""
        text, told = self._box.currentText(), self._box.toolTip()
        return told if text in told else f"{text}\n{told}".strip()

    def _is_cut(self) -> bool:
        option = QStyleOptionComboBox()
        self._box.initStyleOption(option)
        field = self._box.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self._box,
        )
        words = self._box.fontMetrics().horizontalAdvance(self._box.currentText())
        return bool(words > field.width() - _MARGIN)


def _breakable(word: re.Match[str]) -> str:
    return _PIECES.sub(lambda piece: piece[0] + _BREAK, word[0])
