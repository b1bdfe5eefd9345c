"""How often which value occurs, with a range that is dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
from qtpy.QtCore import Signal
from qtpy.QtGui import QColor, QShowEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.ui.widgets.plotting import load_library
from napari_unet.ui.work.threads import LatestOnly

_HIGH = 130
"""Pixels of the screen."""
_BINS = 40
_COLOUR = "#3d9be9"


class Histogram(QWidget):
    """A histogram; the library that draws it is loaded when it is first shown.

    Attributes
    ----------
    changed
        Emitted when the range was dragged.
    limits
        Its ends.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.limits = (-np.inf, np.inf)
        self.setFixedHeight(_HIGH)
        self.setToolTip("Drag the edges of the blue range: objects outside of it are hidden.")
        self._values = np.zeros(0)
        self._plot: Any = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._library = LatestOnly(self)
        self._library.returned.connect(self._make)

    def show_values(self, values: np.ndarray) -> None:
        """Show other values; all of them are in the range."""
        self._values = values[np.isfinite(values)]
        self.limits = (-np.inf, np.inf)
        if self._plot is not None:
            self._draw()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Have the plot made."""
        super().showEvent(event)
        if self._plot is None:
            self._library.submit(load_library)

    def _make(self, library: Any) -> None:
        if self._plot is not None:
            return
        self._plot = library.PlotWidget(background=None, enableMenu=False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        text = self.palette().text().color()
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(text)
            axis.setTextPen(text)
            axis.enableAutoSIPrefix(False)
        self._bars = library.PlotDataItem(stepMode="center", fillLevel=0, brush=_faint(150))
        self._range = library.LinearRegionItem(brush=_faint(60), hoverBrush=_faint(90))
        self._plot.addItem(self._bars)
        self._plot.addItem(self._range)
        self._range.sigRegionChangeFinished.connect(self._dragged)
        self.layout().addWidget(self._plot)
        self._draw()

    def _draw(self) -> None:
        counts, edges = np.histogram(self._values, bins=min(_BINS, max(5, len(self._values))))
        self._bars.setData(edges, counts)
        low, high = float(edges[0]), float(edges[-1])
        self._plot.setXRange(low, high)
        blocked = self._range.blockSignals(True)
        self._range.setBounds((low, high))
        self._range.setRegion((max(low, self.limits[0]), min(high, self.limits[1])))
        self._range.blockSignals(blocked)

    def _dragged(self) -> None:
        limits = self._without_ends(*self._range.getRegion())
        if limits != self.limits:
            self.limits = limits
            self.changed.emit()

    def _without_ends(self, low: float, high: float) -> tuple[float, float]:
        """Return a range that ends nowhere where it reaches the lowest or highest value."""
        first, last = self._values.min(initial=np.inf), self._values.max(initial=-np.inf)
        return (-np.inf if low <= first else low, np.inf if high >= last else high)


def _faint(alpha: int) -> QColor:
    colour = QColor(_COLOUR)
    colour.setAlpha(alpha)
    return colour
