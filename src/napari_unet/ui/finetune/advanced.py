"""What need not be set before a training, in a part that is folded at first."""

from __future__ import annotations

from qtpy.QtWidgets import QPushButton
from superqt import QCollapsible

from napari_unet.core.config import TargetConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.ui.widgets.forms import Form

_SAID_ABOVE = ("epochs", "minutes")


def advanced_part(
    train: Form[TrainConfig], targets: Form[TargetConfig], reset: QPushButton
) -> QCollapsible:
    """Return the forms and a button in a part that unfolds, as wide as what is above it."""
    folded = QCollapsible("Advanced")
    for name in _SAID_ABOVE:
        train.show_row(name, False)
    for part in (train, targets, reset):
        folded.addWidget(part)
    folded.content().layout().setContentsMargins(0, 0, 0, 0)
    return folded
