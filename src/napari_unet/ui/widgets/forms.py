"""Forms made from configurations: one place for every range, unit and help text.

The fields are magicgui's. What it cannot do is added here: units and words for 0 inside a spin box,
sliders that grow, numbers with more digits than are shown, and titles that line up in any font.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, TypeVar

from magicgui.widgets import CheckBox, ComboBox, FloatSlider, FloatSpinBox, Slider, create_widget
from magicgui.widgets.bases import RangedWidget, ValueWidget
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QAbstractSpinBox, QLabel, QSizePolicy, QWidget

from napari_unet.core.option import Config, options
from napari_unet.ui.widgets.layout import rows
from napari_unet.ui.work.error_line import try_in

C = TypeVar("C", bound=Config)

TITLES = {
    "min_size": "Minimum size",
    "split": "Split depth",
    "tile": "Tile size",
    "match": "Match size",
    "invert": "Exchange dark and bright",
    "planes": "Join planes",
    "frames": "Follow frames",
    "border": "Gaps",
    "w0": "Gap weight (w0)",
    "sigma": "Gap width (sigma)",
    "class_balance": "Balance classes",
    "steps": "Steps per epoch",
    "batch": "Patches at once",
    "patch": "Patch size",
    "learning_rate": "Step size",
    "weight_decay": "Keep weights small",
    "warmup": "Slow start",
    "average": "Average over steps",
    "patience": "Stop early after",
    "validation": "Held-out share",
    "replay": "Replayed share",
    "cross_entropy": "Pixel loss",
    "dice": "Area loss",
    "height": "Parting loss",
    "rotate": "Vary rotation",
    "flip": "Vary mirroring",
    "zoom": "Vary size",
    "elastic": "Vary shape",
    "intensity": "Vary brightness",
    "blur": "Vary sharpness",
    "noise": "Vary noise",
    "seed": "Random seed",
    "share": "Least share inside",
    "several": "Several nuclei",
    "ring": "Ring width",
    "grow": "Grow cells",
}
"""Labels that say more than the option's name."""
WORDS = {
    ("border", "ronneberger2015"): "U-Net, 2015",
    ("border", "falk2019"): "Fiji, 2019",
    ("border", "none"): "like the rest",
}
"""What is shown for choices that are no words."""

_REACH = 50
_MOST = 2**31 - 1
_MARK = " •"
"""After the title of an option whose value was changed."""
_FIGURES = "min-width: 46px; max-width: 46px; padding: 0px; margin: 0px;"
"""How the number beside a slider looks; napari's style makes it as wide as a box with buttons."""


class Form(QWidget, Generic[C]):
    """A field for each option of a configuration.

    Parameters
    ----------
    config
        The starting values; its class says which options there are.
    sliders
        Show numbers as sliders, for values that are tried out rather than known.

    Attributes
    ----------
    fields
        magicgui's widget for each option, by name.
    changed
        Emitted with the new configuration when the user or `set_value` changes it.
    """

    changed = Signal(object)

    def __init__(self, config: C, *, sliders: bool = False) -> None:
        super().__init__()
        self.fields = {entry.name: _field(entry, sliders) for entry in options(type(config))}
        self._rows = rows(*((field.label, field) for field in self.fields.values()))
        self._rows.setContentsMargins(0, 0, 0, 0)
        self.setLayout(self._rows)
        self._show(config)
        for field in self.fields.values():
            field.changed.connect(self._emit)

    def value(self) -> C:
        """Return the configuration as the form shows it.

        Raises
        ------
        UserError
            If the values do not go together.
        """
        return self._config.replace(**self._values())

    def set_value(self, config: C) -> None:
        """Show a configuration; `changed` is emitted once if that makes a difference."""
        before = self._values()
        blocked = self.blockSignals(True)
        self._show(config)
        self.blockSignals(blocked)
        if before != self._values():
            self._emit()

    def show_row(self, name: str, shown: bool) -> None:
        """Show an option, or hide it."""
        self._rows.setRowVisible(self.fields[name].native, shown)

    def title(self, name: str) -> QLabel:
        """Return what stands beside an option's field."""
        return self._rows.labelForField(self.fields[name].native)

    def mark(self, usual: C) -> None:
        """Mark the options whose values are not the usual ones."""
        shown = self.value()
        for name, field in self.fields.items():
            changed = getattr(shown, name) != getattr(usual, name)
            self.title(name).setText(field.label + _MARK * changed)

    def _show(self, config: C) -> None:
        for name, field in self.fields.items():
            value = getattr(config, name)
            if isinstance(field, RangedWidget):
                field.max = max(field.max, value)
            field.value = value
        self._config = config
        self._shown = {name: field.value for name, field in self.fields.items()}

    def _values(self) -> dict[str, Any]:
        """Return the values; one that was not changed has all its digits, however few are shown."""
        return {
            name: getattr(self._config, name) if field.value == self._shown[name] else field.value
            for name, field in self.fields.items()
        }

    def _emit(self) -> None:
        if self.signalsBlocked():  # values that are being shown one by one need not go together
            return
        try_in(self, lambda: self.changed.emit(self.value()))


class WholeNumber(FloatSpinBox):
    """A box for whole numbers with a unit: magicgui's own has none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.native.setDecimals(0)

    def get_value(self) -> int:
        """Return the number."""
        return int(super().get_value())


class _Share(FloatSlider):
    """A slider whose value is the one that is shown: magicgui's own is a little beside it."""

    def get_value(self) -> float:
        """Return the number with the digits that are shown."""
        return round(super().get_value(), 2)


def _field(entry: dataclasses.Field[Any], sliders: bool) -> ValueWidget[Any]:
    if entry.metadata["choices"]:
        words = [(WORDS.get((entry.name, each), each), each) for each in entry.metadata["choices"]]
        field = _made(entry, ComboBox, choices=words)
    elif entry.metadata["automatic"]:
        field = _made(entry, ComboBox, choices=[("automatic", None), ("yes", True), ("no", False)])
    elif isinstance(entry.default, bool):
        field = _made(entry, CheckBox)
        field.text = ""
    elif isinstance(entry.default, int | float):
        field = (_slider if sliders else _spin_box)(entry)
    else:
        field = _made(entry, None)
    if isinstance(field, ComboBox):  # however long its choices, the form stays narrow
        field.native.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    field.native.setObjectName(entry.name)
    return field


def _made(entry: dataclasses.Field[Any], kind: Any, **more: Any) -> Any:
    title = TITLES.get(entry.name, entry.name.replace("_", " ").capitalize())
    return create_widget(
        annotation=type(entry.default),
        name=entry.name,
        label=title,
        widget_type=kind,
        options={"tooltip": _help(entry), **more},
    )


def _help(entry: dataclasses.Field[Any]) -> str:
    unit = entry.metadata["unit"]
    return f"{entry.metadata['help']} ({unit})" if unit else str(entry.metadata["help"])


def _spin_box(entry: dataclasses.Field[Any]) -> ValueWidget[Any]:
    default: Any = entry.default
    whole = isinstance(default, int)
    field = _made(entry, WholeNumber if whole else FloatSpinBox)
    if not whole:
        field.native.setDecimals(7 if 0 < default < 0.01 else 3)
    field.native.setSpecialValueText(entry.metadata["zero"])
    field.native.setSuffix(f" {entry.metadata['unit']}" if entry.metadata["unit"] else "")
    field.range = _range(entry, _MOST)
    return field


def _slider(entry: dataclasses.Field[Any]) -> ValueWidget[Any]:
    default: Any = entry.default
    whole = isinstance(default, int)
    low, high = _range(entry, _REACH * max(default, 1))
    field = _made(entry, Slider if whole else _Share, min=low, max=high, step=1 if whole else 0.01)
    field.native.findChild(QAbstractSpinBox).setStyleSheet(_FIGURES)
    return field


def _range(entry: dataclasses.Field[Any], most: float) -> tuple[float, float]:
    low, high = entry.metadata["low"], entry.metadata["high"]
    return low or 0, most if high is None else min(high, most)
