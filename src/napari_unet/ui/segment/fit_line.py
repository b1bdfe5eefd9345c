"""Whether the chosen model fits the chosen image, and what to do where it does not."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.image.channels import RGB
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work import torch_library
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.nn.prediction.best_model import Best
    from napari_unet.nn.prediction.propose import Looked


class FitLine(QWidget):
    """Says in a line that a model does not fit an image, and why; hidden where it does.

    Attributes
    ----------
    doubt
        Why its labels may be wrong.
    other
        The button that segments with another model.
    exchange
        The button that segments as is proposed.
    train
        The button that leads to a model of one's own.
    proposed, better
        How, and with which bundled model, the image would better be segmented; None where nothing
        is proposed.
    found
        Emitted with what was looked at, a `Looked`.
    latest
        Finds it out in a worker.
    """

    found = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.doubt = Words()
        self.other = button("", "")
        self.better: Best | None = None
        self.exchange = button("", _EXCHANGE)
        self.train = button("Annotate a few and train", _TRAIN)
        self.proposed: SegmentRequest | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.doubt, self.other, self.exchange, self.train):
            layout.addWidget(part)
        self.latest = LatestOnly(self, lambda _: None)  # what goes wrong, Segment will tell
        self.latest.returned.connect(self._show)
        self.forget()

    def look(
        self, image: Any, model: str | Path, request: SegmentRequest, *, colours: bool = False
    ) -> None:
        """Find out whether a model fits an image.

        Parameters
        ----------
        image
            A copy of the pixels, or a lazy array.
        model, request
            The model's file, or `AUTO`, and how the image would be segmented.
        colours
            Whether no channel of a colour image is chosen yet, and one stands for it where the
            model does not look at colours.
        """
        self.latest.submit(partial(_look, image, model, request, colours))

    def forget(self) -> None:
        """Say nothing of the image."""
        self.latest.quit()
        self._show_doubt("", None)

    def _show(self, looked: Looked | None) -> None:
        if looked is None:
            return
        self.found.emit(looked)
        proposal = looked.proposal
        if looked.instead:
            (colour,) = looked.request.channels
            self._show_doubt(_COLOUR, proposal.better or looked.request, proposal.other)
            exchanged = ", dark and bright exchanged" if proposal.better else ""
            self.exchange.setText(f"Segment {RGB[colour].name}{exchanged}")
        else:
            self._show_doubt(looked.told, proposal.better, proposal.other)

    def _show_doubt(
        self, told: str, proposed: SegmentRequest | None, better: Best | None = None
    ) -> None:
        self.proposed, self.better = proposed, better
        self.other.setText(f"Segment with {better.name}" if better else "")
        self.other.setVisible(better is not None)
        self.doubt.setText(told)
        self.exchange.setText("Segment with dark and bright exchanged")
        self.exchange.setVisible(proposed is not None)
        self.setVisible(bool(told))


def _look(image: Any, model: str | Path, request: SegmentRequest, colours: bool) -> Looked | None:
    torch_library.load()
    from napari_unet.nn.prediction.propose import looked_steps  # noqa: PLC0415 - loads torch

    return drive(looked_steps(image, model, request, colours=colours))


_COLOUR = "This is a colour image, and the model looks at one channel."
_EXCHANGE = "It stays so until it is changed under Advanced."
_TRAIN = "Opens Annotate: a few painted objects and two minutes of training make a model that fits."
