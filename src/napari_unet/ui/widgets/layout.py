"""How the parts of a form lie: beside and below each other, in rows with titles, and scrolled."""

from __future__ import annotations

from typing import TypeAlias

from magicgui.widgets import Widget
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import (
    QBoxLayout,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_unet.ui.widgets.scroll_area import SteadyArea

Part: TypeAlias = QWidget | QLayout | Widget

_HIGH, _HIGHEST = 36, 44
"""Heights of buttons that are met often, in pixels of the screen."""


def beside(*parts: Part) -> QWidget:
    """Return a widget that shows others beside each other, without a margin."""
    return _filled(QHBoxLayout(), parts)


def below(*parts: Part) -> QWidget:
    """Return a widget that shows others below each other, without a margin."""
    return _filled(QVBoxLayout(), parts)


def rows(*titled: tuple[str, Part]) -> QFormLayout:
    """Return rows of a title and a part that takes the width that is left.

    What a part says when one points at it, its title says, too.
    """
    layout = QFormLayout()
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for title, part in titled:
        layout.addRow(_Title(title, native(part)), native(part))
    return layout


def group(title: str, *parts: Part) -> QGroupBox:
    """Return a box with a title around parts below each other."""
    box = QGroupBox(title)
    _add(QVBoxLayout(box), parts)
    return box


def place(*parts: Part) -> QWidget:
    """Return a place that is kept for parts that come and go, so that nothing else moves."""
    # a layout that is itself aligned cuts texts of more lines than it expects
    kept = below(inner := below(*parts))
    kept.layout().setAlignment(inner, Qt.AlignmentFlag.AlignTop)
    kept.setMinimumHeight(max(native(part).sizeHint().height() for part in parts))
    return kept


def fill(widget: QWidget, *parts: Part) -> None:
    """Lay parts out below each other in a dock widget, and scroll them where they are taller."""
    content = QWidget()
    layout = QVBoxLayout(content)
    _add(layout, parts)
    layout.addStretch()
    outer = QVBoxLayout(widget)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(SteadyArea(content))


def button(title: str, tip: str = "", *, high: bool = False) -> QPushButton:
    """Return a button, higher than others where it does what its widget is for."""
    made = QPushButton(title)
    made.setToolTip(tip)
    made.setMinimumHeight(_HIGH if high else 0)
    return made


def tool_button(title: str, tip: str) -> QPushButton:
    """Return a button that leaves the keyboard to the image."""
    made = button(title, tip)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


def main_button(title: str, tip: str = "") -> QPushButton:
    """Return the one large button of a widget."""
    made = button(title, tip)
    made.setMinimumHeight(_HIGHEST)
    made.setProperty("large", True)
    return made


def native(part: Part) -> QWidget | QLayout:
    """Return the part that Qt lays out."""
    return part.native if isinstance(part, Widget) else part


class _Title(QLabel):
    """The title of a row, which says what its part says when one points at it."""

    def __init__(self, title: str, part: QWidget | QLayout) -> None:
        super().__init__(title)
        self._part = part
        if isinstance(part, QWidget):
            self.setBuddy(part)

    def event(self, event: QEvent) -> bool:
        """Say what the part says now, or the first one in it that says something."""
        if event.type() == QEvent.Type.ToolTip and isinstance(self._part, QWidget):
            parts = (self._part, *self._part.findChildren(QWidget))
            self.setToolTip(next(filter(None, (each.toolTip() for each in parts)), ""))
        return bool(super().event(event))


def _filled(layout: QBoxLayout, parts: tuple[Part, ...]) -> QWidget:
    box = QWidget()
    box.setLayout(layout)
    layout.setContentsMargins(0, 0, 0, 0)
    _add(layout, parts)
    return box


def _add(layout: QBoxLayout, parts: tuple[Part, ...]) -> None:
    for part in map(native, parts):
        (layout.addLayout if isinstance(part, QLayout) else layout.addWidget)(part)
