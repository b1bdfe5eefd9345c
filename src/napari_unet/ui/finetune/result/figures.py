"""The figures that say how good a model is: what they mean, and a table of them."""

from __future__ import annotations

from collections.abc import Mapping

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QGridLayout, QLabel, QWidget

from napari_unet.core.evaluation.figures import NAMES

EXPLAINED = {
    "ap": "What a training is judged by (mean AP): objects found, the mean over overlaps of at "
    "least 0.5 up to 0.9, so their outlines count, too. 1 is perfect, 0 is none.",
    "ap50": "Half-covered objects found (AP at 0.5): of all objects that are there or seem to be, "
    "the share that is found with an overlap of at least half. 1 is perfect, 0 is none.",
    "ap75": "Well-covered objects found (AP at 0.75): the same with an overlap of at least three "
    "quarters, so outlines count more. 1 is perfect, 0 is none.",
    "dice": "Pixels that agree (Dice): how far the pixels of objects are the right ones, whichever "
    "object they belong to. 1 is perfect, 0 is none.",
}
"""What each figure means: the one wording for all places where it is shown."""
_WIDTH = 60


class FiguresTable(QWidget):
    """Shows each figure before and after a training.

    Attributes
    ----------
    cells
        The figures' labels, by the figure and ``"before"`` or ``"after"``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cells = {(name, at): QLabel() for name in NAMES for at in ("before", "after")}
        table, right = QGridLayout(self), Qt.AlignmentFlag.AlignRight
        table.setContentsMargins(0, 0, 0, 0)
        for column, title in enumerate(("before", "after"), 1):
            table.addWidget(QLabel(title), 0, column, right)
            table.setColumnMinimumWidth(column, _WIDTH)
        for row, (key, title) in enumerate(NAMES.items(), 1):
            titled = QLabel(title[0].upper() + title[1:])
            shown = titled, self.cells[key, "before"], self.cells[key, "after"]
            for column, words in enumerate(shown):
                words.setToolTip(EXPLAINED[key])
                table.addWidget(words, row, column, right if column else Qt.AlignmentFlag(0))
        table.setColumnStretch(0, 1)

    def show_figures(self, **columns: Mapping[str, float] | None) -> None:
        """Show what is known ``before`` and ``after``; a dash for the rest."""
        for (name, at), words in self.cells.items():
            value = (columns.get(at) or {}).get(name)
            words.setText("–" if value is None else f"{value:.2f}")
