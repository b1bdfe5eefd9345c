"""What is typed about the images of a batch: their axes, and which of their channels count."""

from __future__ import annotations

from qtpy.QtWidgets import QLineEdit

from napari_unet.core.errors import UserError


class AxesLine(QLineEdit):
    """The axes of images whose files do not say them."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = ""
        self.setPlaceholderText("as the files say")
        self.setToolTip("What each axis is, for files that do not say it: such as T Z Y X.")

    def value(self) -> str | None:
        """Return one letter per axis; None for what each file says."""
        return "".join(self.text().upper().split()) or None

    def take(self, axes: str | None) -> None:
        """Show axes that were typed in *Segment*; None takes back those, and no others."""
        if axes or self.text() == self._taken:
            self._taken = " ".join(axes or "")
            self.setText(self._taken)


class ChannelsLine(QLineEdit):
    """The numbers of the channels that the model looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("all")
        self.setToolTip("Numbers of the channels that the model looks at: such as 2 or 1 3.")

    def value(self) -> tuple[int, ...]:
        """Return the numbers; empty for all channels.

        Raises
        ------
        UserError
            If what was typed is no list of numbers.
        """
        words = self.text().replace(",", " ").split()
        if not all(word.isdecimal() for word in words):
            raise UserError(
                f"“{self.text()}” is no list of channels: type numbers such as 1, or 0 2."
            )
        return tuple(map(int, words))
