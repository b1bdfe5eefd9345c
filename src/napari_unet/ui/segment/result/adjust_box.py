"""What the box *Adjust the result* shows."""

from __future__ import annotations

from qtpy.QtWidgets import QGroupBox, QVBoxLayout

from napari_unet.core.config import DecodeConfig
from napari_unet.ui.widgets.decode_box import DecodeBox
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.widgets.words import Words


class AdjustBox(QGroupBox):
    """What was found, and the values that it was made with; hidden where there is nothing.

    Attributes
    ----------
    found
        What was found, in words.
    values
        The sliders.
    size
        The button that segments the image at its own size, or at the model's again.
    matched
        Whether the image was brought to the model's size.
    """

    def __init__(self) -> None:
        super().__init__("Adjust the result")
        self.found, self.values = Words(), DecodeBox(sliders=True)
        self.size, self.matched = button(""), False
        layout = QVBoxLayout(self)
        layout.addWidget(self.found)
        layout.addWidget(self.size)
        layout.addWidget(self.values)
        self.hide()

    def show_found(self, told: str) -> None:
        """Say what was found, without sliders; nothing hides the box."""
        self.found.setText(told)
        self.values.hide()
        self.size.hide()
        self.setVisible(bool(told))

    def show_result(self, told: str, config: DecodeConfig, own: DecodeConfig) -> None:
        """Say what was found, and show the values that it was made with beside the model's own."""
        self.found.setText(told)
        self.values.show_values(config, own)
        self.values.show()
        self.show()

    def offer_size(self, *, matched: bool, off: bool) -> None:
        """Offer the other size where an image was resampled, or could be."""
        self.matched = matched
        self.size.setVisible(matched or off)
        self.size.setText(_KEEP if matched else _MATCH)
        self.size.setToolTip(_KEEP_TIP if matched else _MATCH_TIP)


_KEEP, _MATCH = "Segment at the image's own size", "Match the objects' size again"
_KEEP_TIP = "Choose it where the size of the objects is guessed wrong; it holds for this image."
_MATCH_TIP = "Bring images whose objects are much larger or smaller to the size the model knows."
