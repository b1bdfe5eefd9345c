"""Whether an image is brought to the size that a model knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.config import SizeConfig
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine


class SizeBox(QWidget):
    """The choice of what is matched, the diameter of objects, and what the model knows.

    Attributes
    ----------
    draw
        The button that lets the user draw across an object.
    error
        What went wrong when it was clicked.
    changed
        Emitted when something else is chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = Form(SizeConfig())
        tip = "Draw a line across an object in the image: its length is taken."
        self.draw = button("Draw across an object", tip)
        self.known, self.error = Words(), ErrorLine()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.form, self.draw, self.error, self.known):
            layout.addWidget(part)
        self._header: Mapping[str, Any] = {}
        self._spacing: tuple[float, ...] = ()
        self.form.changed.connect(self._show)
        self._show()

    def value(self) -> SizeConfig:
        """Return what was chosen."""
        return self.form.value()

    def show_model(self, header: Mapping[str, Any]) -> None:
        """Say what size a model knows."""
        self._header = header
        self._show()

    def show_image(self, spacing: Sequence[float]) -> None:
        """Say what size an image's pixels have, in µm, row and column last; empty if unknown."""
        self._spacing = tuple(spacing)
        self._show()

    def take_diameter(self, length: float) -> None:
        """Match objects of a diameter, in pixels."""
        self.form.set_value(SizeConfig(match="object size", diameter=round(length, 1)))

    def toggle(self) -> None:
        """Match nothing, or the size by itself again."""
        off = self.form.value().match == "off"
        self.form.set_value(SizeConfig(match="automatic" if off else "off"))

    def _show(self, _: Any = None) -> None:
        match, by_object = self.form.value().match, self.form.value().by_object
        self.form.show_row("diameter", by_object)
        self.draw.setVisible(by_object)
        self.known.setText(in_words(match, self._header, self._spacing))
        self.known.setVisible(bool(self.known.text()))
        self.changed.emit()


def in_words(match: str, header: Mapping[str, Any], spacing: Sequence[float]) -> str:
    """Say what size a model knows, and what is known of the image."""
    if SizeConfig(match=match).by_object:
        size, unknown = header.get("object_size"), _KEPT if match == "automatic" else _UNKNOWN
        return f"The model knows objects of about {size:.3g} px." if size else unknown
    if match == "pixel size":
        size = header.get("pixel_size")
        if not size:
            return _UNKNOWN
        sizes = size if isinstance(size, Sequence) else (size,)
        image = f"this image's are {spacing[-1]:.3g} µm" if spacing else _NO_SPACING
        return f"The model knows pixels of {sizes[-1]:.3g} µm; {image}."
    return ""


_UNKNOWN = "This model does not say what size it knows."
_KEPT = "This model does not say what size it knows: images keep theirs."
_NO_SPACING = "this image does not say how large its pixels are"
