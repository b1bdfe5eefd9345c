"""Which of what the network says is shown beside the labels."""

from __future__ import annotations

from qtpy.QtWidgets import QCheckBox, QVBoxLayout, QWidget


class ExtraLayers(QWidget):
    """A box for each image layer that may be added.

    Attributes
    ----------
    probabilities, height, uncertainty
        The boxes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.probabilities = _box(
            "Add probabilities",
            "how sure the network is. Tick it to see what Threshold cuts: where dim objects are "
            "missed, or background is taken for objects.",
        )
        self.height = _box(
            "Add height",
            "what touching objects are parted by: high inside an object, low where it ends. Tick "
            "it to see what Split depth cuts: where neighbours are one object, or one object falls "
            "into pieces.",
        )
        self.uncertainty = _box(
            "Add uncertainty",
            "where mirrored views disagree. Tick it to find what to look at first, or to paint "
            "next.",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for box in (self.probabilities, self.height, self.uncertainty):
            layout.addWidget(box)

    def wanted(self) -> set[str]:
        """Return what is asked for, as `Results.show_output` calls it."""
        boxes = {
            "probability": self.probabilities,
            "height": self.height,
            "uncertainty": self.uncertainty,
        }
        return {name for name, box in boxes.items() if box.isChecked()}


def _box(title: str, tip: str) -> QCheckBox:
    box = QCheckBox(title)
    box.setToolTip(f"Also show, as an image layer, {tip}")
    return box
