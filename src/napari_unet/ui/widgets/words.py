"""Text that takes the width that there is, however long its words are."""

from __future__ import annotations

import re

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

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


def _breakable(word: re.Match[str]) -> str:
    return _PIECES.sub(lambda piece: piece[0] + _BREAK, word[0])
