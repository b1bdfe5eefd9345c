"""What others may do with what is given to them."""

from __future__ import annotations

from qtpy.QtWidgets import QComboBox

_USUAL = ("", "CC-BY-4.0", "CC0-1.0", "MIT", "BSD-3-Clause")


class LicenceBox(QComboBox):
    """Asks for a licence: a usual one, or any other of the SPDX list."""

    def __init__(self) -> None:
        super().__init__(editable=True)
        self.addItems(_USUAL)
        self.lineEdit().setPlaceholderText("What others may do with it")
