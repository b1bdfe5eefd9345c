"""Which nuclei are measured with their cells, and how far cells are grown where there are none."""

from __future__ import annotations

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.pairing.config import PairConfig
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import rows
from napari_unet.ui.work.dock_widget import Connections


class PairBox(QWidget):
    """Asks for the nuclei; what else there is to say of them is shown once it matters.

    Parameters
    ----------
    viewer, connections
        As for `LayerBox`.

    Attributes
    ----------
    nuclei
        What is chosen, as `value`, to be read and set.
    form
        How nuclei and cells are paired.
    """

    def __init__(self, viewer: ViewerModel, connections: Connections) -> None:
        super().__init__()
        self.nuclei = LayerBox(viewer, Labels, connections, none="none", obvious=False)
        self.nuclei.tooltip = (
            "Labels of nuclei: the objects are cells then, and each is measured with its nucleus."
        )
        self.form = Form(PairConfig())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(rows(("Nuclei", self.nuclei)))
        layout.addWidget(self.form)
        self.nuclei.changed.connect(self._show)
        self.form.changed.connect(self._show)
        self._show()

    def value(self) -> PairConfig | None:
        """Return how nuclei and cells are paired; None where there are only objects."""
        config = self.form.value()
        return config if self.nuclei.value is not None or config.grow else None

    def _show(self) -> None:
        given = self.nuclei.value is not None
        self.form.show_row("grow", not given)
        self.form.show_row("share", given)
        self.form.show_row("several", given)
        self.form.show_row("ring", self.value() is not None)
