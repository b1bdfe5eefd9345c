"""What the box *Adjust the result* shows."""

from __future__ import annotations

from qtpy.QtWidgets import QGroupBox, QVBoxLayout

from napari_unet.core.config import DecodeConfig
from napari_unet.ui.widgets.decode_box import DecodeBox
from napari_unet.ui.widgets.words import Words


class AdjustBox(QGroupBox):
    """What was found, and the values that it was made with; hidden where there is nothing.

    Attributes
    ----------
    found
        What was found, in words.
    values
        The sliders.
    """

    def __init__(self) -> None:
        super().__init__("Adjust the result")
        self.found, self.values = Words(), DecodeBox(sliders=True)
        layout = QVBoxLayout(self)
        layout.addWidget(self.found)
        layout.addWidget(self.values)
        self.hide()

    def show_found(self, told: str) -> None:
        """Say what was found, without sliders; nothing hides the box."""
        self.found.setText(told)
        self.values.hide()
        self.setVisible(bool(told))

    def show_result(self, told: str, config: DecodeConfig, own: DecodeConfig) -> None:
        """Say what was found, and show the values that it was made with beside the model's own."""
        self.found.setText(told)
        self.values.show_values(config, own)
        self.values.show()
        self.show()
