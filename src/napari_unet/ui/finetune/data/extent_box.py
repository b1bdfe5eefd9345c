"""Whether a network from scratch looks at planes or at volumes."""

from __future__ import annotations

from typing import Any

from magicgui.widgets import ComboBox


class ExtentBox(ComboBox):
    """Shows what suits the objects until the user chooses."""

    def __init__(self) -> None:
        super().__init__(
            choices=[("each plane on its own", 2), ("volumes", 3)],
            tooltip="Whether the new network looks at planes or at whole volumes. Until you "
            "choose, it is volumes where objects go through the planes of a stack.",
        )
        self._chosen = False
        self.changed.connect(self._choose)
        self.native.activated.connect(self._choose)  # what is shown already can be chosen, too

    def chosen(self) -> int | None:
        """Return how many axes are seen at once; None where the user has not chosen."""
        return int(self.value) if self._chosen else None

    def show_usual(self, ndim: int) -> None:
        """Show what suits the objects, unless the user has chosen."""
        if not self._chosen:
            with self.changed.blocked():
                self.value = ndim

    def forget(self) -> None:
        """Follow the objects again."""
        self._chosen = False

    def _choose(self, _: Any) -> None:
        self._chosen = True
