"""Curves that grow while a network learns, drawn in the colours of the window.

Drawn here in a few lines and not with a plot library: importing one takes a second and making its
first plot a tenth, in which the window would stand still.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from qtpy.QtWidgets import QSizePolicy, QWidget

_COLOURS = ("#3d9be9", "#f0922b")
_MOST_POINTS = 1000
_LEFT, _TOP, _BOTTOM, _RIGHT = 38, 20, 8, 8
_HIGH = 12
"""Height of a figure at the axis, in pixels."""


class Curves(QWidget):
    """A small plot of one or two curves over a common axis.

    Parameters
    ----------
    title
        What is shown, in a few words.
    names
        A name per curve.
    """

    def __init__(self, title: str, names: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self.points: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def clear(self) -> None:
        """Forget all points."""
        for points in self.points.values():
            points.clear()
        self.update()

    def add(self, name: str, x: float, y: float) -> None:
        """Add a point to a curve; long curves are thinned out."""
        points = self.points[name]
        if math.isfinite(y):
            points.append((x, y))
        if len(points) > _MOST_POINTS:
            points[:-1] = points[:-1:2]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw everything anew."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(max(font.pointSizeF() * 0.85, 7))
        painter.setFont(font)
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP + _HIGH / 2, -_RIGHT, -_BOTTOM)
        every = [point for points in self.points.values() for point in points]
        low, high = _limits([y for _, y in every])
        last = max((x for x, _ in every), default=1) or 1
        self._draw_frame(painter, area, (low, high))
        for points, colour in zip(self.points.values(), _COLOURS, strict=False):
            line = QPolygonF(
                QPointF(
                    area.left() + x / last * area.width(),
                    area.bottom() - (y - low) / (high - low) * area.height(),
                )
                for x, y in points
            )
            painter.setPen(QPen(QColor(colour), 1.8))
            painter.drawPolyline(line)
            if line.count():
                painter.setBrush(QColor(colour))
                painter.drawEllipse(line.last(), 2, 2)
        painter.end()

    def _draw_frame(self, painter: QPainter, area: QRectF, limits: tuple[float, float]) -> None:
        text = self.palette().text().color()
        faint = QColor(text)
        faint.setAlpha(60)
        painter.setPen(text)
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, self.width(), _TOP), middle, self._title)
        for value, y in zip(limits, (area.bottom(), area.top()), strict=True):
            painter.setPen(text)
            painter.drawText(
                QRectF(0, y - _HIGH / 2, _LEFT - 5, _HIGH), right | middle, f"{value:.2g}"
            )
            painter.setPen(faint)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        at = float(self.width() - _RIGHT)
        for (name, points), colour in reversed(
            list(zip(self.points.items(), _COLOURS, strict=False))
        ):
            words = f"{name} {points[-1][1]:.3g}" if points else name
            width = painter.fontMetrics().horizontalAdvance(words)
            painter.setPen(QColor(colour))
            painter.drawText(QRectF(at - width, 0, width, _TOP), middle, words)
            at -= width + 10


def _limits(values: Sequence[float]) -> tuple[float, float]:
    """Return round limits of an axis with room for all values."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    step = 10 ** math.floor(math.log10(max(high - low, abs(high) * 0.05, 1e-3)))
    bottom, top = math.floor(low / step) * step, math.ceil(high / step) * step
    return (bottom, top) if top > bottom else (bottom, bottom + step)
