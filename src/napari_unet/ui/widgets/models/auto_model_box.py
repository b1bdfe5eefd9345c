"""A combobox of models whose first entry is the bundled model that fits the image best."""

from __future__ import annotations

from pathlib import Path

from napari_unet.core.image.grey_colours import one_colour
from napari_unet.storage.model_header import AUTO, bundled_models, read_header
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.dock_widget import Connections

_TITLE = "Auto"


class AutoModelBox(ModelBox):
    """Chooses a model, or leaves that to the image; until one is found, the usual one stands in.

    Attributes
    ----------
    settled
        Whether it is known which model is to be used.
    """

    def __init__(self, connections: Connections) -> None:
        self._found = _usual()
        self._settled = False
        self._channels: tuple[int, ...] = ()
        super().__init__(connections)

    @property
    def automatic(self) -> bool:
        """Whether the model is to be found."""
        return bool(self._choice == AUTO)

    @property
    def settled(self) -> bool:
        """Whether it is known which model is used."""
        return self._settled or not self.automatic

    @property
    def channels(self) -> tuple[int, ...]:
        """Which channels of the image the model that was found looks at; empty for all."""
        return self._channels if self.automatic else ()

    @property
    def purpose(self) -> str:
        """What the model is for; of one that was found its name and its colour, too."""
        header = self.header()
        told = str(header.get("about", {}).get("description", ""))
        if not self.automatic:
            return told
        colour = one_colour(*self.channels) if len(self.channels) == 1 else ""
        return f"{header['name']}: {told}. {colour}".removesuffix(". ")

    def asked(self) -> Path | str | None:
        """Return the model's file, or `AUTO` where it is not found yet; None if none is chosen."""
        return self.path() if self.settled else AUTO

    def settle(self, path: Path, channels: tuple[int, ...]) -> None:
        """Take the model that was found, and the channels that it looks at."""
        self._settled = True
        self._stand_in(path, channels)

    def unsettle(self) -> None:
        """Leave it open again which model is used."""
        self._settled = False
        self._stand_in(_usual(), ())

    def _stand_in(self, path: Path, channels: tuple[int, ...]) -> None:
        if (path, channels) != (self._found, self._channels):
            self._found = self._files[AUTO] = path
            self._channels = channels
            if self.automatic:
                self._take(AUTO, read_header(path))

    def _fill(self) -> None:
        self.native.addItem(_TITLE, AUTO)
        super()._fill()
        self._files[AUTO] = self._found


def _usual() -> Path:
    return next(iter(bundled_models().values()))
