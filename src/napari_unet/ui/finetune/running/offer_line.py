"""A line that offers a training that went on or broke off while nobody looked."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton

from napari_unet.runs.known import KnownRun, mark_seen
from napari_unet.ui.widgets.words import Words


class OfferLine(QFrame):
    """Offers one training after the other; hidden where there is none.

    Attributes
    ----------
    taken
        Emitted with the `KnownRun` that the user wants to go on with.
    """

    taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.words, self.take, self.dismiss = Words(), QPushButton(), QToolButton()
        self.dismiss.setText("✕")
        self.dismiss.setToolTip("Do not offer this training again; its folder stays.")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.take)
        layout.addWidget(self.dismiss)
        self._runs: list[KnownRun] = []
        self._shown: list[KnownRun] = []
        self.take.clicked.connect(self._take)
        self.dismiss.clicked.connect(self._dismiss)
        self.hide()

    def offer(self, runs: Sequence[KnownRun], shown: Sequence[KnownRun] = ()) -> None:
        """Offer the first of some runs; after it was dismissed, the next.

        Parameters
        ----------
        runs
            What is offered.
        shown
            Those of which the result is shown already: they are offered to be continued.
        """
        self._runs, self._shown = list(runs), list(shown)
        self.setVisible(bool(runs))
        if not runs:
            return
        run = runs[0]
        if run.running:
            text, action, tip = "is being trained.", "Follow", "Show how far it is, and steer it."
        elif run in shown:
            text, action, tip = "was stopped.", "Continue", "Go on from its last epoch."
        elif run.result is None:
            text, action, tip = "was interrupted.", "Continue", "Go on from its last epoch."
        else:
            text, action, tip = "has ended.", "See result", "Show what has become of it."
        self.words.setText(f"“{run.name}” {text}")
        self.words.setToolTip(str(run.folder))
        self.take.setText(action)
        self.take.setToolTip(tip)

    def _take(self) -> None:
        run = self._runs[0]
        self.hide()
        self.taken.emit(run)

    def _dismiss(self) -> None:
        mark_seen(self._runs[0].folder)
        self.offer(self._runs[1:], self._shown)
