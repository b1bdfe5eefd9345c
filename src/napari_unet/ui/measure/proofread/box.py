"""The buttons of proof-reading, and how much is left."""

from __future__ import annotations

from qtpy.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from napari_unet.ui.widgets.layout import button, tool_button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.error_line import ErrorLine

KEYS = {
    "previous": ("Previous", ","),
    "next": ("Next", "."),
    "accept": ("Accept", "Y"),
    "delete": ("Delete", "X"),
    "correct": ("Correct", "Shift-C"),
    "undo": ("Undo", "Control-Z"),
}
"""What can be done: what its button says, and its key, as napari writes it."""
ACCEPTED_HERE = "This one is accepted: Accept again to take that back."
_TIPS = {
    "previous": "Fly to the object before.",
    "next": "Fly to the next object; this one stays in the queue.",
    "accept": "This object is right: it is kept from the tools, and the next training learns it.",
    "delete": "This is no object: delete it.",
    "correct": "Open Annotate with this object picked; accept it when it is right.",
    "undo": "Take back the last step.",
}


class ProofreadBox(QWidget):
    """Starts and ends proof-reading; its other buttons are there meanwhile only.

    Attributes
    ----------
    begin
        Is down while objects are proof-read.
    buttons
        By what they do, as `KEYS`.
    told
        How much is left.
    error
        What went wrong.
    """

    def __init__(self) -> None:
        super().__init__()
        tip = "Go through the objects in the order of the table, the most doubtful first."
        self.begin = button("Proof-read", tip)
        self.begin.setCheckable(True)
        self.buttons = {name: _button(*KEYS[name], _TIPS[name]) for name in KEYS}
        self.told, self.error = Words(), ErrorLine()
        self._steps = QWidget()
        grid = QGridLayout(self._steps)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self.told, 0, 0, 1, 2)
        for index, each in enumerate(self.buttons.values()):
            grid.addWidget(each, 1 + index // 2, index % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.begin, self._steps, self.error):
            layout.addWidget(part)
        self.show_begun(False)

    def show_begun(self, begun: bool) -> None:
        """Show what is there while objects are proof-read, or hide it."""
        self.begin.setChecked(begun)
        self.begin.setText("End proof-reading" if begun else "Proof-read")
        self._steps.setVisible(begun)


def _button(title: str, key: str, tip: str) -> QPushButton:
    shown = key.replace("Control", "Ctrl").replace("-", "+")
    return tool_button(f"{title}  ({shown})", tip)
