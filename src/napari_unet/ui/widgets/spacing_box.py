"""The size of a pixel, a number for each axis, and along which of them objects extend."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from magicgui.widgets import ComboBox
from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QWidget,
)


class SpacingBox(QWidget):
    """A number for each of the last axes of Z, Y and X: the size of a pixel along it.

    What is suggested counts to the last digit, although fewer are shown, until it is changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sizes = dict.fromkeys("ZYX", 1.0)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.boxes = {letter: QDoubleSpinBox() for letter in "ZYX"}
        for letter, box in self.boxes.items():
            box.setPrefix(f"{letter} ")
            box.setRange(0.01, 100)
            box.setValue(1)
            box.setSingleStep(0.1)
            box.setToolTip(
                f"Size of a pixel along {letter}. If the planes of a stack are twice as far apart "
                "as pixels are wide, give Z 2, Y 1 and X 1."
            )
            box.valueChanged.connect(partial(self._set, letter))
            layout.addWidget(box)

    def value(self, ndim: int) -> tuple[float, ...]:
        """Return the sizes along the last `ndim` axes; nothing if all are 1."""
        sizes = tuple(self._sizes.values())[-ndim:]
        return () if all(size == 1 for size in sizes) else sizes

    def suggest(self, sizes: Sequence[float]) -> None:
        """Show the sizes along Z, Y and X; 1 where there are none."""
        for (letter, box), size in zip(self.boxes.items(), sizes or (1, 1, 1), strict=True):
            blocked = box.blockSignals(True)
            box.setValue(size)
            box.blockSignals(blocked)
            self._sizes[letter] = float(size)

    def show_axes(self, ndim: int) -> None:
        """Show the last `ndim` axes only."""
        self.boxes["Z"].setVisible(ndim > 2)

    def _set(self, letter: str, size: float) -> None:
        self._sizes[letter] = size
        self.changed.emit()


def extent_box(tip: str) -> ComboBox:
    """Return the choice between planes and volumes; its `value` is along how many axes, 2 or 3."""
    choices = [("in each plane on its own", 2), ("through the whole depth", 3)]
    return ComboBox(choices=choices, tooltip=tip)
