"""What the sliders of *Segment* do: the objects of a result are made anew, with other values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_unet.core.config import DecodeConfig
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.segment.results import Results
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


@dataclass(frozen=True)
class Shown:
    """A result, what was asked for, and the layers that it is shown in."""

    results: Results
    job: SegmentJob
    result: Segmentation

    def decoded(self, config: DecodeConfig) -> Shown:
        """Return the same with its objects made anew; to be called in a worker."""
        return replace(self, result=self.result.decoded(config))


class Sliders(QObject):
    """Makes the objects of the newest result anew when a slider is moved, in a worker.

    Parameters
    ----------
    decode
        The sliders.
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

    def __init__(self, decode: Form[DecodeConfig], parent: QObject) -> None:
        super().__init__(parent)
        self._shown: Shown | None = None
        self.latest = LatestOnly(self)
        self.latest.returned.connect(self._tell)
        decode.changed.connect(self.adjust)

    def belong_to(self, shown: Shown | None) -> None:
        """Say which result the sliders change; None for none."""
        self._shown = shown

    def adjust(self, config: DecodeConfig) -> None:
        """Make the objects anew."""
        if self._shown is not None:
            self.latest.submit(partial(self._shown.decoded, config))

    def _tell(self, shown: Shown) -> None:
        """Pass on a result that was decoded anew, unless another has come since."""
        if self._shown is not None and shown.job is self._shown.job:
            self.moved.emit(shown)
