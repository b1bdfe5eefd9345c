"""A mark in plots at the step that the mouse points at."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QPointF
from qtpy.QtGui import QPalette


class StepMark:
    """A line at a step and a text beside it; hidden until `show`.

    Attributes
    ----------
    line, text
        pyqtgraph's items.
    """

    def __init__(self, library: Any, plot: Any, palette: QPalette) -> None:
        self._view = plot.getViewBox()
        self.line = library.InfiniteLine(pen=library.mkPen(palette.text().color(), width=1))
        self.text = library.TextItem(fill=palette.window())
        self.text.setParentItem(self._view)
        plot.addItem(self.line, ignoreBounds=True)
        self.hide()

    def show(self, step: float, html: str) -> None:
        """Mark a step; the text goes to the half of the plot in which the line is not."""
        self.line.setPos(step)
        self.text.setHtml(html)
        place = self._view.mapFromScene(self._view.mapViewToScene(QPointF(step, 0))).x()
        width, taken = self._view.width(), self.text.boundingRect().width()
        self.text.setPos(0 if place > width / 2 else max(width - taken, 0), 0)
        for part in (self.line, self.text):
            part.show()

    def hide(self) -> None:
        """Mark nothing."""
        for part in (self.line, self.text):
            part.hide()
