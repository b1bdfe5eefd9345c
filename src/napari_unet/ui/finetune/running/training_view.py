"""What is shown while a training runs: curves, time left, device, and the buttons to steer it."""

from __future__ import annotations

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_unet.core.evaluation.figures import foreground_dice
from napari_unet.core.progress import Progress
from napari_unet.runs.training_process import NotPaused
from napari_unet.ui.finetune.result.figures import EXPLAINED
from napari_unet.ui.finetune.running.curves import Curves
from napari_unet.ui.finetune.running.training import COMPARING, Replayed
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.progress_row import ProgressRow

PATIENCE = 5000
"""Milliseconds after which a training that was asked to stop may be ended by force."""


class RunState(QWidget):
    """Shows a training that runs or has run; hidden before the first.

    Attributes
    ----------
    asked
        Emitted with ``"pause"``, ``"resume"`` or ``"kill"`` when the user asks for it.
    logged
        Emitted when the user wants to see the log.
    """

    asked = Signal(str)
    logged = Signal()

    def __init__(self, progress: ProgressRow) -> None:
        super().__init__()
        self.progress = progress
        self.loss = Curves("Loss", ["training"])
        self.score = Curves("Held-out pixels", ["AP at 0.5", "Dice"])
        self.loss.setToolTip(
            "How far the network is from what it is taught, step by step: lower is better. Where "
            "it falls no more, longer training brings little."
        )
        explained = f"{EXPLAINED['ap50']}\n{EXPLAINED['dice']}"
        self.score.setToolTip(
            f"How well it finds what you painted where it has not learnt.\n{explained}"
        )
        self.epoch, self.device, self.notice = Words(), Words(), Words()
        self.preview = QCheckBox("Show the held-out picture")
        self.preview.setToolTip(
            "Put the picture that progress is measured on beside your image, with what you "
            "painted and what the network finds; new after each epoch."
        )
        self.pause, self.log, self.kill = (QPushButton(t) for t in ("Pause", "Log", "Kill"))
        self.pause.setToolTip("Let the training wait and free the processor, or go on.")
        self.log.setToolTip("Read how each epoch went, all figures, and what went wrong.")
        self.kill.setToolTip("End the training by force; the best model so far is kept.")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.kill.show)
        self._smooth: float | None = None
        self._device, self._memory = "", ""
        self._comparing = self._steered = False
        self._lay_out()
        progress.stopped.connect(self._stopping)
        self.pause.clicked.connect(self._toggle)
        self.kill.clicked.connect(lambda: self.asked.emit("kill"))
        self.log.clicked.connect(self.logged)
        self.hide()

    def begin(self) -> None:
        """Show a training that begins."""
        self.loss.clear()
        self.score.clear()
        self._smooth = None
        self._device, self._memory = "", ""
        for words in (self.epoch, self.device, self.notice):
            words.clear()
            words.hide()
        self.kill.hide()
        self._comparing = self._steered = False
        self.pause.setText("Pause")
        self.pause.setEnabled(True)
        self.pause.show()
        self.show()

    def end(self) -> None:
        """Show that it has ended; the curves stay."""
        self._timer.stop()
        for part in (self.pause, self.kill, self.epoch, self.notice, self.device):
            part.hide()

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        if progress.stage == COMPARING and not self._comparing:
            self._compare()
        if isinstance(progress.news, NotPaused):
            self.pause.setText("Pause")
        elif not self._steered:  # somebody else may have let it wait
            self.pause.setText("Continue" if progress.stage == "paused" else "Pause")
        values = progress.values
        if "learning_rate" not in values and "loss" in values:
            self._add_loss(progress.done, values["loss"])
        if isinstance(progress.news, Replayed) and "loss" in values:
            self._smooth = None  # of an epoch it is a mean already
            self._add_loss(int(values["step"]), values["loss"])
        self._add_scores(progress)
        if progress.device is not None:
            self._device = progress.device.in_words()
        if "memory" in values:
            self._memory = f"Memory in use: {values['memory']:.1f} GB"
        _show(self.device, "\n".join(filter(None, (self._device, self._memory))))
        _show(self.notice, progress.notice)
        _show(self.epoch, f"Epoch {values['epoch']}" if values.get("epoch") else "")

    def _add_loss(self, step: int, loss: float) -> None:
        smooth = loss if self._smooth is None else 0.9 * self._smooth + 0.1 * loss
        self._smooth = smooth
        self.loss.add("training", step, smooth)

    def _add_scores(self, progress: Progress) -> None:
        values = progress.values
        if "ap50" in values:
            self.score.add("AP at 0.5", values["step"], values["ap50"])
        dice = foreground_dice(progress.per_class.get("dice"))
        if dice is not None:
            self.score.add("Dice", values["step"], dice)

    def _toggle(self) -> None:
        pausing, self._steered = self.pause.text() == "Pause", True
        self.pause.setText("Continue" if pausing else "Pause")
        self.asked.emit("pause" if pausing else "resume")

    def _compare(self) -> None:
        """Show a training that has ended and is compared, which can be stopped, too."""
        self._comparing = True
        self._timer.stop()
        for part in (self.pause, self.kill, self.epoch):
            part.hide()
        self.progress.stop.setEnabled(True)

    def _stopping(self) -> None:
        if self._comparing:
            return
        self.pause.setEnabled(False)
        self._timer.start(PATIENCE)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        for button in (self.pause, self.log, self.kill):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.progress)
        for part in (self.loss, self.score, self.preview):
            layout.addWidget(part)
        layout.addLayout(buttons)
        for words in (self.epoch, self.notice, self.device):
            layout.addWidget(words)


def _show(words: QLabel, text: str) -> None:
    """Show a text, if there is one; else what there was stays."""
    if text:
        words.setText(text)
        words.show()
