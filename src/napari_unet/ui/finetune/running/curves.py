"""Curves that grow while a network learns, drawn by pyqtgraph in the colours of the window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from qtpy.QtCore import QEvent, QTimer
from qtpy.QtGui import QColor, QShowEvent
from qtpy.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from napari_unet.ui.finetune.running.plotting import StepMark
from napari_unet.ui.widgets.plotting import load_library
from napari_unet.ui.work.threads import LatestOnly

_COLOURS = ("#3d9be9", "#f0922b")
_MOST_POINTS = 1000
_HIGH, _LEFT = 92, 38
"""Height of a plot without its title, width of the numbers beside it; in pixels of the screen."""
_PAUSE = 200
"""Milliseconds between two drawings: one takes about 20, and progress may come far more often."""


class Curves(QWidget):
    """A small plot of one or two curves over a common axis, with their latest values as words.

    The plot is made when it is first shown; a worker loads the library for it, which takes too long
    for the window to wait. Where the mouse rests on the plot, a line marks the nearest step, and a
    text in the plot says the values there.

    Parameters
    ----------
    title
        What is shown, in a few words.
    names
        A name per curve.

    Attributes
    ----------
    points
        What is drawn, ``(step, value)`` of each curve.
    lines
        pyqtgraph's items for the curves; empty until the plot is made.
    mark
        The step under the mouse; None until then.
    """

    def __init__(self, title: str, names: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self.points: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        self.lines: dict[str, Any] = {}
        self.words = QLabel()
        self.mark: StepMark | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.words)
        self._layout.addSpacing(_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # plots grow
        self._library = LatestOnly(self)
        self._library.returned.connect(self._make_plot)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE)
        self._soon.timeout.connect(self._draw)
        self._draw()

    def clear(self) -> None:
        """Forget all points."""
        for points in self.points.values():
            points.clear()
        self._draw_soon()

    def add(self, name: str, x: float, y: float) -> None:
        """Add a point to a curve; long curves are thinned out."""
        points = self.points[name]
        if math.isfinite(y):
            points.append((x, y))
        if len(points) > _MOST_POINTS:
            points[:-1] = points[:-1:2]
        self._draw_soon()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Have the plot made."""
        super().showEvent(event)
        if not self.lines:
            self._library.submit(load_library)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Show no values of a step any more."""
        super().leaveEvent(event)
        if self.mark is not None:
            self.mark.hide()

    def _make_plot(self, library: Any) -> None:
        if self.lines:
            return
        plot = library.PlotWidget(background=None, enableMenu=False)
        text = self.palette().text().color()
        plot.setFixedHeight(_HIGH)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.hideAxis("bottom")
        plot.showGrid(y=True, alpha=0.2)
        axis = plot.getAxis("left")
        axis.setWidth(_LEFT)
        axis.setPen(text)
        axis.setTextPen(text)
        for name, colour in zip(self.points, _COLOURS, strict=False):
            pen = library.mkPen(QColor(colour), width=1.8)
            self.lines[name] = plot.plot(pen=pen, antialias=True)
        self._view = plot.getViewBox()
        self.mark = StepMark(library, plot, self.palette())
        plot.scene().sigMouseMoved.connect(self._moved)
        self._layout.takeAt(1)
        self._layout.addWidget(plot)
        self._draw()

    def _moved(self, position: Any) -> None:
        """Say the values of the step that is nearest to the mouse."""
        x = self._view.mapSceneToView(position).x()
        steps = [step for points in self.points.values() for step, _ in points]
        if steps and self.mark is not None:
            step = min(steps, key=lambda each: abs(each - x))
            self.mark.show(step, "<br>".join(self._said(f"step {step:.0f}", step)))

    def _draw_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _draw(self) -> None:
        for name, line in self.lines.items():
            line.setData([x for x, _ in self.points[name]], [y for _, y in self.points[name]])
        self.words.setText("&nbsp;&nbsp; ".join(self._said(self._title)))

    def _said(self, title: str, x: float = math.inf) -> list[str]:
        """Return a title and the value of each curve at a step, the latest for no step."""
        said = [title]
        for (name, points), colour in zip(self.points.items(), _COLOURS, strict=False):
            value = f" {_at(points, x):.3g}" if points else ""
            said.append(f'<span style="color: {colour}">{name}{value}</span>')
        return said


def _at(points: Sequence[tuple[float, float]], x: float) -> float:
    """Return the value of the nearest point."""
    if math.isinf(x):
        return points[-1][1]
    return min(points, key=lambda point: abs(point[0] - x))[1]
