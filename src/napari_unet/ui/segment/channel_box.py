"""Which channels of an image a model looks at."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import OR_COLOURS
from napari_unet.ui.layers.axes import COLOURS

_OPEN = "choose…"


class ChannelBox(QWidget):
    """A box for each channel that the model takes; empty where there is nothing to choose.

    Attributes
    ----------
    names
        The image's channels.
    changed
        Emitted when a channel is chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.boxes: list[QComboBox] = []
        self.names: tuple[str, ...] = ()
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    def show_channels(self, names: Sequence[str], needed: int) -> bool:
        """Offer an image's channels.

        Parameters
        ----------
        names
            The image's channels.
        needed
            How many the model takes; each gets a box if the image has more.

        Returns
        -------
        Whether there is anything to choose.
        """
        boxes = needed if len(names) > needed else 0
        if (tuple(names), boxes) != (self.names, len(self.boxes)):
            self.names = tuple(names)
            self._fill(boxes)
        return boxes > 0

    def show_found(self, channels: Sequence[int]) -> None:
        """Say which channels are looked at where none is chosen; empty where that is open."""
        for box in self.boxes:
            box.setPlaceholderText(_OPEN)
        for box, channel in zip(self.boxes, channels, strict=False):
            box.setPlaceholderText(f"{self.names[channel]} (Auto)")

    @property
    def chosen(self) -> bool:
        """Whether no channel is left to be chosen."""
        return all(box.currentIndex() >= 0 for box in self.boxes)

    def choose(self, channels: Sequence[int]) -> None:
        """Choose channels, counted from 0, in the model's order."""
        for box, channel in zip(self.boxes, channels, strict=False):
            box.setCurrentIndex(channel)

    def value(self) -> tuple[int, ...]:
        """Return the chosen channels, counted from 0, in the model's order; empty for all.

        Raises
        ------
        UserError
            If a channel was not chosen, or one twice.
        """
        chosen = tuple(box.currentIndex() for box in self.boxes)
        if -1 in chosen or len(set(chosen)) < len(chosen):
            takes = "one" if len(chosen) == 1 else f"{len(chosen)} different ones"
            colours = f", {OR_COLOURS}" if self.names == COLOURS else ""
            raise UserError(
                f"The image has {len(self.names)} channels and the model takes {takes}: "
                f"choose under Channel{colours}."
            )
        return chosen

    def _fill(self, count: int) -> None:
        for box in self.boxes:
            self._layout.removeWidget(box)
            box.deleteLater()
        self.boxes = [_box(self.names) for _ in range(count)]
        for box in self.boxes:
            self._layout.addWidget(box)
            box.currentIndexChanged.connect(self.changed)


def _box(names: Sequence[str]) -> QComboBox:
    box = QComboBox()
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    box.setToolTip("The channel of the image that the model looks at.")
    box.setPlaceholderText(_OPEN)
    box.addItems(list(names))
    box.setCurrentIndex(-1)
    return box
