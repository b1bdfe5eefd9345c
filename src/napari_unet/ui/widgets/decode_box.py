"""How objects are made: the values, which of them are not the model's, and the way back."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.config import DecodeConfig
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layout import button


class DecodeBox(QWidget):
    """A form of a `DecodeConfig` beside what the model does by itself.

    Parameters
    ----------
    sliders
        Whether numbers are sliders.

    Attributes
    ----------
    form
        The values.
    back
        The button that gives the model's own values back.
    changed
        Emitted with the new values when the user changes them.
    """

    changed = Signal(object)

    def __init__(self, *, sliders: bool = False) -> None:
        super().__init__()
        self._own = DecodeConfig()
        self.form = Form(self._own, sliders=sliders)
        tip = "Take the values with which the model does best on the images it was tested on."
        self.back = button("Back to the model's values", tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.form)
        layout.addWidget(self.back)
        self.form.changed.connect(self._change)
        self.back.clicked.connect(lambda: self.form.set_value(self._own))
        self._mark()

    def show_values(self, config: DecodeConfig, own: DecodeConfig) -> None:
        """Show values, and mark those that differ from the model's own; nobody is told."""
        self._own = own
        blocked = self.form.blockSignals(True)
        self.form.set_value(config)
        self.form.blockSignals(blocked)
        self._mark()

    def changes(self) -> list[tuple[str, float]]:
        """Return what is not the model's own: titles, and values."""
        shown = self.form.value()
        return [
            (field.label.lower(), getattr(shown, name))
            for name, field in self.form.fields.items()
            if getattr(shown, name) != getattr(self._own, name)
        ]

    def _change(self, config: DecodeConfig) -> None:
        self._mark()
        self.changed.emit(config)

    def _mark(self) -> None:
        self.form.mark(self._own)
        self.back.setEnabled(bool(self.changes()))
