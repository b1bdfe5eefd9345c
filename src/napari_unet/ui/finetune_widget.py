"""The *Fine-tune* widget: a network learns what was painted, in a process of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari.viewer import Viewer
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QPushButton

from napari_unet.core.errors import UserError
from napari_unet.core.finding import Finding
from napari_unet.core.progress import Progress
from napari_unet.ui import closing
from napari_unet.ui.after_training import AfterTraining
from napari_unet.ui.closing import CloseGuard
from napari_unet.ui.connections import bare
from napari_unet.ui.findings_list import go_to
from napari_unet.ui.finetune_form import FineTuneForm
from napari_unet.ui.job import Checked, Job, check
from napari_unet.ui.preview_layers import PreviewLayers
from napari_unet.ui.progress_row import ProgressRow
from napari_unet.ui.run_state import show_log
from napari_unet.ui.runs import KnownRun, unseen_runs
from napari_unet.ui.training import Training
from napari_unet.ui.worker import Latest, report
from napari_unet.ui.working import WorkingWidget

_CALM = 400
"""Milliseconds without a further change, after which the annotations are looked at."""


class FineTuneWidget(WorkingWidget):
    """Teaches a model what was painted on images, when the button is clicked.

    Parameters
    ----------
    napari_viewer
        The viewer with images and annotations.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        button = QPushButton("Fine-tune")
        button.setMinimumHeight(44)
        button.setStyleSheet("QPushButton { font-size: 15px; font-weight: bold; }")
        button.setToolTip("Check the annotations, and train on a copy of them.")
        super().__init__(button, ProgressRow("steps"))
        self._viewer = bare(napari_viewer)
        self._training = Training()
        self._answered = False
        self._picture: dict[str, Any] | None = None
        self._preview = PreviewLayers(self._viewer)
        self._checks, self._scans = Latest(self), Latest(self)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM)
        self.form = FineTuneForm(self._viewer, self.connections, button, self.progress)
        self.form.put_into(self)
        self._after = AfterTraining(self._viewer, self.form, self)
        self._guard = CloseGuard(self._viewer.window._qt_window, self._may_close)
        self._connect()
        self._look_for_runs()
        self._calm.start()

    def stop(self) -> None:
        """End what is running; of a training, the best model so far is kept."""
        training = self._training.child_running
        self._training.stop()
        if not training:
            super().stop()

    def show_progress(self, progress: Progress) -> None:
        """Show what the training tells, and the picture that comes with it."""
        self.form.state.show_progress(progress)
        if isinstance(progress.preview, Checked):
            self._show_checked(progress.preview)
        elif progress.preview is not None:
            self._picture = progress.preview
            self._show_picture()

    def is_counted(self, progress: Progress) -> bool:
        """Return whether a progress says how far the training is; validating is a part of it."""
        return progress.stage != "validating"

    def release(self) -> None:
        """Let go of the viewer; ask what becomes of a training that runs."""
        if self._training.child_running and not self._answered:
            self._take(closing.ask(None, (closing.STOP, closing.GO_ON)))
        super().release()

    def _connect(self) -> None:
        form, state = self.form, self.form.state
        self.connections.jobs += [self._checks, self._scans]
        self._calm.timeout.connect(self._check)
        self._checks.returned.connect(self._show_checked)
        self._scans.returned.connect(self._offer)
        self.button.clicked.connect(self._fine_tune)
        form.changed.connect(self._calm.start)
        form.offer.taken.connect(self._take_up)
        form.check.findings.chosen.connect(self._go_to)
        state.asked.connect(self._ask)
        state.logged.connect(self._show_log)
        state.preview.toggled.connect(self._show_picture)

    def _job(self) -> Job:
        form = self.form
        train, targets = form.chosen()
        return Job(
            images=tuple(form.pairs.value()),
            folders=tuple(form.pairs.folders),
            header=form.model.header(),
            start=form.model.path(),
            length=form.length(),
            ndim=form.extent.currentData(),
            classes=form.pairs.class_names(),
            train=train,
            targets=targets,
        )

    def _check(self) -> None:
        """Look at the annotations in a worker; say nothing of what is not chosen yet."""
        if self.running or self.closed:
            return
        try:
            self._checks.submit(partial(check, self._job()))
        except UserError as error:
            self.form.check.say(str(error))

    def _show_checked(self, checked: Checked) -> None:
        if self.closed:
            return
        self.form.check.show_findings(checked.findings)
        if checked.config is not None:
            self.form.show_config(checked.config)

    def _fine_tune(self) -> None:
        try:
            job = self._job()
        except UserError as error:
            report(error)
            return
        self._begin("Fine-tuning", lambda training: training.new_steps(job))

    def _take_up(self, run: KnownRun) -> None:
        ended = run.result is not None
        self._begin(
            f"Training {run.name}",
            lambda training: (training.ended_steps if ended else training.steps)(run.folder),
        )

    def _begin(self, title: str, steps: Any) -> None:
        training = self._training = Training()
        self._picture = None
        self._preview.remove()
        self.form.begin()
        self.work(partial(steps, training), self._after.show, title)

    def _end(self) -> None:
        super()._end()
        if not self.closed:
            self.form.end()
            self._look_for_runs()

    def _look_for_runs(self) -> None:
        self._scans.submit(unseen_runs)

    def _offer(self, runs: list[KnownRun]) -> None:
        if not self.closed and not self.running:
            self.form.offer.offer(runs)

    def _show_picture(self, _: Any = None) -> None:
        if not self.form.state.preview.isChecked():
            self._preview.remove()
        elif self._picture is not None:
            self._preview.show(self._picture)

    def _ask(self, wish: str) -> None:
        training = self._training
        {"pause": training.pause, "resume": training.resume, "kill": training.kill}[wish]()

    def _show_log(self) -> None:
        if self._training.folder is not None:
            show_log(self, self._training.folder)

    def _go_to(self, finding: Finding) -> None:
        layers = self.form.pairs.layers_of(finding.name)
        if layers is not None:
            go_to(self._viewer, layers[1], finding)

    def _may_close(self) -> bool:
        """Ask what becomes of a training that runs when the window is closed."""
        if self.closed or not self._training.child_running:
            return True
        if self._viewer.window._qt_window.isVisible():
            return self._take(closing.ask(self))
        return True

    def _take(self, answer: str) -> bool:
        """Take an answer; return whether the window may be closed."""
        if answer == closing.CANCEL:
            return False
        self._answered = True
        if answer == closing.STOP:
            self._training.stop()
        return True
