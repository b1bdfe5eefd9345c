"""A list is filled anew when somebody is about to choose from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QComboBox

from napari_unet.core.errors import UserError
from napari_unet.ui.widgets.words import LongNames

_ABOUT_TO_CHOOSE = (QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress)


class ListedAnew(LongNames):
    """Fills a box anew before a click or a key opens it: what it lists may be gone.

    Parameters
    ----------
    box
        The box.
    fill
        Lists what there is now; what is chosen stays chosen.
    """

    def __init__(self, box: QComboBox, fill: Callable[[], None]) -> None:
        super().__init__(box)
        self._fill = fill

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Fill the box, which then gets the event."""
        if event.type() in _ABOUT_TO_CHOOSE:
            self._fill()
        return bool(super().eventFilter(watched, event))


def gone(name: str | Path, instead: str) -> UserError:
    """Return what is told where the file of the chosen model is gone.

    Parameters
    ----------
    name
        What was chosen.
    instead
        What is chosen now.
    """
    called = name.stem if isinstance(name, Path) else name
    return UserError(
        f"The file of the model “{called}” is gone, and “{instead}” is chosen in its place: "
        "choose another model, or look for the file with Browse…."
    )
