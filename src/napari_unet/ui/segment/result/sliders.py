"""What the sliders of *Segment* do: the objects of a result are made anew, with other values."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import QObject, Signal

from napari_unet.core.config import DecodeConfig
from napari_unet.ui.segment.result.shown import Shown
from napari_unet.ui.work.threads import LatestOnly


class Sliders(QObject):
    """Makes the objects of results anew, in a worker; of each result only the newest values count.

    Parameters
    ----------
    parent
        Qt's parent.

    Attributes
    ----------
    moved
        Emitted with what is `Shown` for the newest values.
    latest
        Does the work.
    """

    moved = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[object, tuple[Shown, DecodeConfig]] = {}
        self._running: tuple[Shown, DecodeConfig] | None = None
        self.latest = LatestOnly(self)
        self.latest.returned.connect(self.moved)
        self.latest.ended.connect(self._next)

    def adjust(self, shown: Shown, config: DecodeConfig) -> None:
        """Make the objects of a result anew, after those of other results that wait."""
        self._waiting[shown.token] = shown, config
        if self._running is None:
            self._next()

    def wanted(self, shown: Shown) -> DecodeConfig:
        """Return the values that a result has, or will have as soon as it is its turn."""
        for each, config in filter(None, (self._waiting.get(shown.token), self._running)):
            if each.token is shown.token:
                return config
        return shown.decode

    def quit(self) -> None:
        """Forget what waits, and the result of what is running."""
        self._waiting.clear()
        self.latest.quit()

    def _next(self) -> None:
        self._running = None
        if self._waiting:
            shown, config = self._running = self._waiting.pop(next(iter(self._waiting)))
            self.latest.submit(partial(shown.decoded, config))
