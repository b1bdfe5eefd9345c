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
        self.view.setToolTip("Segment only the plane that is in view: quick, to try values out.")
        self.whole.setToolTip("Segment every plane of the stack.")
        self.whole.setChecked(True)
        self.planes = QCheckBox("Join planes into 3D objects")
        self.planes.setChecked(True)
        self.frames = QCheckBox("Follow objects through time")
        for entry in options(LinkConfig):
            if hasattr(self, entry.name):
                getattr(self, entry.name).setToolTip(entry.metadata["help"])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (beside(self.view, self.whole), self.planes, self.frames):
            layout.addWidget(part)
        self._lead = ""
        self._chosen = False
        self.whole.toggled.connect(self._choose)

    def show_lead(self, lead: str, *, large: bool = False) -> None:
        """Show what there is to choose where a model goes from plane to plane along some axes.

        Parameters
        ----------
        lead
            Letters of those axes.
        large
            Whether all planes are more than the memory holds: then one is what is obvious, for
            as long as nobody has chosen.
        """
        self._lead = lead
        if lead and not self._chosen:
            blocked = self.whole.blockSignals(True)
            (self.view if large else self.whole).setChecked(True)
            self.whole.blockSignals(blocked)
        self.setVisible(bool(lead))
        self._show()

    def link(self) -> LinkConfig:
        """Return what is to be joined."""
        planes = self.planes.isChecked() if self._lies_along("Z") else None
        return LinkConfig(planes=planes, frames=self._lies_along("T") and self.frames.isChecked())

    def _choose(self, _: bool) -> None:
        self._chosen = True
        self._show()

    def _lies_along(self, letter: str) -> bool:
        return letter in self._lead and self.whole.isChecked()

    def _show(self) -> None:
        for letter, box in (("Z", self.planes), ("T", self.frames)):
            box.setVisible(self._lies_along(letter))
