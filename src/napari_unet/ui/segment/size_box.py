"""Whether an image is brought to the size that a model knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import ReferenceType, ref

from napari.layers import Layer
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.config import SizeConfig
from napari_unet.ui.layers.channel_group import same_image
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine


class SizeBox(QWidget):
    """The choice of what is matched, the diameter of objects, and what the model knows.

    What is chosen here holds until it is changed; what a button or a drawn line chose holds for
    the image that it was meant for.

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
        self._image: ReferenceType[Layer] | None = None
        self._usual = self._of_image = self.form.value()
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

    def begin(self, image: Layer | None) -> None:
        """Forget what was chosen for another image alone; what the user has changed since stays."""
        before, left = self._image and self._image(), self._image is not None
        if left and same_image(image, before):
            return
        self._image = None if image is None else ref(image)
        if not left:
            return
        self.form.set_value(self._of_user())
        self._usual = self._of_image = self.form.value()

    def take_diameter(self, length: float) -> None:
        """Match objects of a diameter, in pixels, in this image."""
        self._choose(SizeConfig(match="object size", diameter=round(length, 1)))

    def match(self, *, again: bool) -> None:
        """Match nothing in this image, or the size by itself again."""
        now = self.form.value()
        if not again:
            self._choose(now.replace(match="off"))
        elif now.match == "off":
            self._choose(SizeConfig())

    def _choose(self, config: SizeConfig) -> None:
        """Choose something for the image at hand alone."""
        self._usual, self._of_image = self._of_user(), config
        self.form.set_value(config)

    def _of_user(self) -> SizeConfig:
        """Return what is chosen without what was chosen for one image and not changed since."""
        now, usual, of_image = self.form.value(), self._usual, self._of_image
        return SizeConfig(
            match=usual.match if now.match == of_image.match else now.match,
            diameter=usual.diameter if now.diameter == of_image.diameter else now.diameter,
        )

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
