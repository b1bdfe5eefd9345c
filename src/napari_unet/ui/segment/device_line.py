"""A line that says which device is used, and why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work import torch_library
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.nn.device import Device


class DeviceLine(Words):
    """Finds the device in a worker, since importing torch takes seconds."""

    def __init__(self) -> None:
        super().__init__("Looking for the fastest device…")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._notice = ""
        self.latest = LatestOnly(self)
        self.latest.returned.connect(self._show)
        self._device: Device | None = None

    @property
    def kind(self) -> str:
        """``"cpu"`` or ``"gpu"``; the CPU, which is slower, as long as no device was found."""
        return "cpu" if self._device is None or self._device.kind == "cpu" else "gpu"

    def look(self, name: str) -> None:
        """Say what a choice of device comes to: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``."""
        self.latest.submit(partial(_find, name))

    def _show(self, found: Device | str) -> None:
        self._device = None if isinstance(found, str) else found
        self.setText(found if isinstance(found, str) else f"{found.name}. {found.reason}")

    def begin(self) -> None:
        """Forget what an earlier segmentation had to say."""
        self._notice = ""

    def show_progress(self, progress: Progress) -> None:
        """Say what a running segmentation says about its device, and what it chose or changed."""
        self._notice = progress.notice or self._notice
        if progress.device is not None:
            lines = [progress.device.in_words(), self._notice]
            self.setText("\n".join(filter(None, lines)))


def _find(name: str) -> Device | str:
    """Return the device, or the sentence that says why there is none."""
    torch_library.load()
    from napari_unet.nn.device import choose_device  # noqa: PLC0415 - loads torch

    try:
        return choose_device(name)
    except UserError as error:
        return str(error)
