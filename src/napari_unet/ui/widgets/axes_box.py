"""What each axis of an image is: one line to look at, and to correct."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from napari.layers import Image
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import FEW, SPATIAL, check_axes
from napari_unet.core.words import counted
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.axes import state_axes, stated_axes
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.errors import told

_TIP = (
    "What each axis of the image is, in its order: T time, Z depth, C channel, Y row, X column. "
    "Type to correct it."
)
_WRONG = "color: #e8a33d"
_DEPTH = ". That these planes are depth is a guess: for a film, type T Y X{}."
_GUESSED = ". The file does not say which axis is which: type it where this guess is wrong."


class AxesBox(QWidget):
    """Shows a letter for each axis of an image, what that comes to, and what is wrong with it.

    What the user types is remembered by the layer as soon as it is right.

    Parameters
    ----------
    guess
        Names the axes of a layer that were not corrected.

    Attributes
    ----------
    ndim
        How many spatial axes there must be.
    changed
        Emitted when the user has corrected the axes.
    """

    changed = Signal()

    def __init__(self, guess: Callable[[Image], str]) -> None:
        super().__init__()
        self._guess, self.ndim = guess, 2
        self._layer: Image | None = None
        self._problem: UserError | None = None
        self.letters, self.words = QLineEdit(), Words()
        self.letters.setToolTip(_TIP)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.letters)
        layout.addWidget(self.words)
        self.letters.textEdited.connect(self._typed)

    def show_layer(self, layer: Image | None) -> bool:
        """Show a layer's axes; return whether there is anything to see or to put right."""
        self._layer, self._problem = layer, None
        self.letters.clear()
        self._say("")
        if layer is None:
            return False
        try:
            axes = self._guess(layer)
        except UserError as error:
            self._say(told(error), wrong=True)
            return layer.ndim > 2
        self.letters.setText(" ".join(axes[: layer.ndim]))
        try:
            _check_plane(axes, layer.name)
        except UserError as error:
            self._refuse(error)
            return True
        self._say(in_words(axes, full_resolution(layer).shape) + _doubt(layer, axes))
        return layer.ndim > 2

    def check(self) -> None:
        """Refuse axes that are not right.

        Raises
        ------
        UserError
            If the letters do not fit the image.
        """
        if self._problem is not None:
            raise self._problem

    def _typed(self, text: str) -> None:
        layer = self._layer
        if layer is None:
            return
        axes = "".join(text.upper().replace(",", " ").split()) + "C" * layer.rgb
        shape = full_resolution(layer).shape
        try:
            channels = dict(zip(axes, shape, strict=False)).get("C", 1)
            check_axes(axes, shape, self.ndim, channels)
        except UserError as error:
            self._refuse(error)
            return
        self._problem = None
        self._say(in_words(axes, shape))
        state_axes(layer, axes)
        self.changed.emit()

    def _refuse(self, error: UserError) -> None:
        self._problem = error
        self._say(told(error), wrong=True)

    def _say(self, words: str, *, wrong: bool = False) -> None:
        self.words.setStyleSheet(_WRONG if wrong else "")
        self.words.setText(words)


def in_words(axes: str, shape: Sequence[int]) -> str:
    """Say what an image is, such as ``"5 frames of 20 planes, each 512 × 512 pixels"``."""
    sizes = dict(zip(axes, shape, strict=True))
    units = {"T": "frame", "Z": "plane"}
    stack = [counted(sizes[each], word) for each, word in units.items() if each in sizes]
    size = f"{sizes['Y']} × {sizes['X']} pixels".replace(" ", _UNBROKEN)
    words = f"{' of '.join(stack)}, each {size}" if stack else size
    return f"{words}, {counted(sizes['C'], 'channel')}" if "C" in sizes else words


def _doubt(layer: Image, axes: str) -> str:
    """Say that axes are a guess, where another reading of them makes a difference."""
    if layer.ndim <= len(SPATIAL[2]) or stated_axes(layer) is not None:
        return ""
    if layer.ndim > len(SPATIAL[3]) or "C" in axes[: layer.ndim]:
        return _GUESSED
    depth = full_resolution(layer).shape[0]
    other = ", for channels C Y X" if depth <= FEW and not layer.rgb else ""
    return _DEPTH.format(other) if axes[0] == "Z" and depth > 1 else ""


def _check_plane(axes: str, name: str) -> None:
    absent = next((letter for letter in SPATIAL[2] if letter not in axes), None)
    if absent is not None:
        raise UserError(
            f"“{name}” (axes {axes}) has no {absent} axis: name it among the axes, or choose "
            "another image."
        )


_UNBROKEN = "\N{NO-BREAK SPACE}"
