"""Forms made from configurations: one place for every range, unit and help text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)
from superqt import QLabeledDoubleSlider, QLabeledSlider

from napari_unet.core.errors import UserError
from napari_unet.core.option import Config, options
from napari_unet.ui.work.threads import report

C = TypeVar("C", bound=Config)

TITLES = {
    "min_size": "Minimum size",
    "split": "Split depth",
    "tile": "Tile size",
    "match": "Match size",
    "border": "Gaps",
    "w0": "Gap weight (w0)",
    "sigma": "Gap width (sigma)",
    "class_balance": "Balance classes",
}
"""Labels that say more than the option's name."""
WORDS = {
    ("border", "ronneberger2015"): "U-Net paper, 2015",
    ("border", "falk2019"): "Fiji plugin, 2019",
    ("border", "none"): "count like the rest",
}
"""What is shown for choices that are no words."""

_REACH = 50
_MOST = 2**31 - 1


class Form(QWidget, Generic[C]):
    """A widget for each option of a configuration.

    Parameters
    ----------
    config
        The starting values; its class says which options there are.
    sliders
        Show numbers as sliders, for values that are tried out rather than known.

    Attributes
    ----------
    changed
        Emitted with the new configuration when the user or `set_value` changes it.
    """

    changed = Signal(object)

    def __init__(self, config: C, *, sliders: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = config
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.fields = {entry.name: _field(entry, sliders) for entry in options(type(config))}
        for entry in options(type(config)):
            field = self.fields[entry.name]
            field.setToolTip(_help(entry))
            field.setObjectName(entry.name)
            layout.addRow(_title(entry), field)
        self._show(config)
        for field in self.fields.values():
            _access(field)[2].connect(self._emit)

    def value(self) -> C:
        """Return the configuration as the form shows it.

        Raises
        ------
        UserError
            If the values do not go together.
        """
        shown = {name: _access(field)[0]() for name, field in self.fields.items()}
        return self._config.replace(**shown)

    def set_value(self, config: C) -> None:
        """Show a configuration; `changed` is emitted once if that makes a difference."""
        before = [_access(field)[0]() for field in self.fields.values()]
        blocked = self.blockSignals(True)
        self._show(config)
        self.blockSignals(blocked)
        if before != [_access(field)[0]() for field in self.fields.values()]:
            self._emit()

    def _show(self, config: C) -> None:
        self._config = config
        for name, field in self.fields.items():
            _show(field, getattr(config, name))

    def _emit(self) -> None:
        try:
            self.changed.emit(self.value())
        except UserError as error:
            report(error)


def _title(entry: dataclasses.Field[Any]) -> str:
    return TITLES.get(entry.name, entry.name.replace("_", " ").capitalize())


def _help(entry: dataclasses.Field[Any]) -> str:
    unit = entry.metadata["unit"]
    return f"{entry.metadata['help']} ({unit})" if unit else str(entry.metadata["help"])


def _field(entry: dataclasses.Field[Any], sliders: bool) -> QWidget:
    if entry.metadata["choices"]:
        box = QComboBox()
        for choice in entry.metadata["choices"]:
            box.addItem(WORDS.get((entry.name, choice), choice), choice)
        return box
    if isinstance(entry.default, bool):
        return QCheckBox()
    if isinstance(entry.default, int | float):
        return _slider(entry) if sliders else _spin_box(entry)
    return QLineEdit()


def _spin_box(entry: dataclasses.Field[Any]) -> QSpinBox | QDoubleSpinBox:
    default: Any = entry.default
    box = QSpinBox() if isinstance(default, int) else QDoubleSpinBox()
    if isinstance(box, QDoubleSpinBox):
        box.setDecimals(7 if 0 < default < 0.01 else 3)
    box.setRange(*_range(entry, _MOST))
    box.setStepType(box.StepType.AdaptiveDecimalStepType)
    box.setSpecialValueText(entry.metadata["zero"])
    box.setSuffix(f" {entry.metadata['unit']}" if entry.metadata["unit"] else "")
    return box


def _slider(entry: dataclasses.Field[Any]) -> QLabeledSlider | QLabeledDoubleSlider:
    default: Any = entry.default
    whole = isinstance(default, int)
    slider = (QLabeledSlider if whole else QLabeledDoubleSlider)(Qt.Orientation.Horizontal)
    slider.setRange(*_range(entry, _REACH * max(default, 1)))
    if not whole:
        slider.setSingleStep(0.01)
        slider.setDecimals(2)
    return slider


def _range(entry: dataclasses.Field[Any], most: float) -> tuple[float, float]:
    low, high = entry.metadata["low"], entry.metadata["high"]
    return low or 0, most if high is None else min(high, most)


def _show(field: QWidget, value: Any) -> None:
    if isinstance(field, QLabeledSlider | QLabeledDoubleSlider) and value > field.maximum():
        field.setMaximum(value)
    _access(field)[1](value)


def _choose(box: QComboBox, choice: str) -> None:
    box.setCurrentIndex(box.findData(choice))


def _access(field: Any) -> tuple[Callable[[], Any], Callable[[Any], None], Any]:
    """Return a field's getter, setter and signal."""
    if isinstance(field, QComboBox):
        return field.currentData, partial(_choose, field), field.currentIndexChanged
    if isinstance(field, QCheckBox):
        return field.isChecked, field.setChecked, field.toggled
    if isinstance(field, QLineEdit):
        return field.text, field.setText, field.textChanged
    return field.value, field.setValue, field.valueChanged
