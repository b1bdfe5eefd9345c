"""Which planes of a stack are segmented, and which of their objects are one."""

from __future__ import annotations

from qtpy.QtWidgets import QCheckBox, QRadioButton, QVBoxLayout, QWidget

from napari_unet.core.config import LinkConfig
from napari_unet.core.option import options
from napari_unet.ui.widgets.layout import beside


class StackBox(QWidget):
    """The view or the whole stack, and for a whole stack what is joined; hidden for one plane."""

    def __init__(self) -> None:
        super().__init__()
        self.view, self.whole = QRadioButton("This view"), QRadioButton("Whole stack")
        self.view.setToolTip("Segment only the plane that is in view.")
        self.whole.setToolTip("Segment every plane of the stack.")
        self.view.setChecked(True)
        self.planes = QCheckBox("Join planes into 3D objects")
        self.frames = QCheckBox("Follow objects through time")
        for entry in options(LinkConfig):
            if hasattr(self, entry.name):
                getattr(self, entry.name).setToolTip(entry.metadata["help"])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (beside(self.view, self.whole), self.planes, self.frames):
            layout.addWidget(part)
        self._lead = ""
        self.whole.toggled.connect(self._show)

    def show_lead(self, lead: str) -> None:
        """Show what there is to choose where a model goes from plane to plane along some axes."""
        self._lead = lead
        self.setVisible(bool(lead))
        self._show()

    def link(self) -> LinkConfig:
        """Return what is to be joined."""
        return LinkConfig(planes=self._joins("Z"), frames=self._joins("T"))

    def _joins(self, letter: str) -> bool:
        box = {"Z": self.planes, "T": self.frames}[letter]
        return letter in self._lead and self.whole.isChecked() and box.isChecked()

    def _show(self, _: bool = False) -> None:
        for letter, box in (("Z", self.planes), ("T", self.frames)):
            box.setVisible(letter in self._lead and self.whole.isChecked())
