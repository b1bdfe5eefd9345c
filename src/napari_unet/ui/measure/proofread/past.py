"""What was done in proof-reading, as far back as napari can take it back."""

from __future__ import annotations

from napari.layers import Labels

from napari_unet.core.errors import UserError
from napari_unet.ui.measure.proofread.deed import Deed

_MOST = Labels._history_limit
"""Steps of painting that napari keeps of a layer."""


class Past:
    """Deeds to be taken back and done again, the latest first."""

    def __init__(self) -> None:
        self._past, self._future = list[Deed](), list[Deed]()
        self._lost = False

    def add(self, deed: Deed) -> None:
        """Take note of a deed, and forget what napari has forgotten, and all before it."""
        self._past.append(deed)
        self._future.clear()
        painted = [at for at, each in enumerate(self._past) if each.painted]
        if len(painted) > _MOST:
            del self._past[: painted[-_MOST - 1] + 1]
            self._lost = True

    def back(self) -> Deed | None:
        """Return the deed to be taken back; None where none was done.

        Raises
        ------
        UserError
            If it is too long ago.
        """
        if not self._past and self._lost:
            raise UserError(f"Only the last {_MOST} changes of objects can be taken back.")
        return self._move(self._past, self._future)

    def again(self) -> Deed | None:
        """Return the deed to be done again; None where none was taken back."""
        return self._move(self._future, self._past)

    def _move(self, one: list[Deed], other: list[Deed]) -> Deed | None:
        if not one:
            return None
        other.append(one.pop())
        return other[-1]
