"""Whether the chosen model fits the chosen image, and what to do where it does not."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work import torch_library
from napari_unet.ui.work.threads import LatestOnly

if TYPE_CHECKING:
    from napari_unet.nn.prediction.fit import Proposal


class FitLine(QWidget):
    """Says in a line that a model does not fit an image, and why; hidden where it does.

    Attributes
    ----------
    doubt
        Why its labels may be wrong.
    exchange
        The button that segments as is proposed.
    train
        The button that leads to a model of one's own.
    proposed
        How the image would better be segmented; None if nothing is proposed.
    latest
        Finds it out in a worker.
    """

    def __init__(self) -> None:
        super().__init__()
        self.doubt = Words()
        self.exchange = button("", _EXCHANGE)
        self.train = button("Annotate a few and train", _TRAIN)
        self.proposed: SegmentRequest | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.doubt, self.exchange, self.train):
            layout.addWidget(part)
        self.latest = LatestOnly(self, lambda _: None)  # what goes wrong, Segment will tell
        self.latest.returned.connect(self._show)
        self.forget()

    def look(
        self, image: Any, model: str | Path, request: SegmentRequest, *, red: bool = False
    ) -> None:
        """Find out whether a model fits an image.

        Parameters
        ----------
        image
            A copy of the pixels, or a lazy array.
        model, request
            The model's file, and how the image would be segmented.
        red
            Whether no channel of a colour image is chosen yet, and red stands for it.
        """
        self.latest.submit(partial(_find, image, model, request, red))

    def forget(self) -> None:
        """Say nothing of the image."""
        self.latest.quit()
        self._show_doubt("", None)

    def _show(self, found: tuple[Proposal, SegmentRequest, bool]) -> None:
        proposal, asked, red = found
        if not red:
            self._show_doubt(proposal.fit.told, proposal.better)
            return
        self._show_doubt(_COLOUR, proposal.better or asked)
        self.exchange.setText(_RED_EXCHANGED if proposal.better else _RED)

    def _show_doubt(self, told: str, proposed: SegmentRequest | None) -> None:
        self.proposed = proposed
        self.doubt.setText(told)
        self.exchange.setText("Segment with dark and bright exchanged")
        self.exchange.setVisible(proposed is not None)
        self.setVisible(bool(told))


def _find(
    image: Any, model: str | Path, request: SegmentRequest, red: bool
) -> tuple[Proposal, SegmentRequest, bool]:
    torch_library.load()
    from napari_unet.nn.model import load_model  # noqa: PLC0415 - loads torch
    from napari_unet.nn.prediction.fit import propose_steps  # noqa: PLC0415

    return drive(propose_steps(image, load_model(model), request)), request, red


_COLOUR = "This is a colour image, and the model looks at one channel."
_RED, _RED_EXCHANGED = "Segment red", "Segment red, dark and bright exchanged"
_EXCHANGE = "It stays so until it is changed under Advanced."
_TRAIN = "Opens Annotate: a few painted objects and two minutes of training make a model that fits."
