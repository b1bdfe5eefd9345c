"""The *Fine-tune* widget: a network learns what was painted, in a process of its own."""

from __future__ import annotations

from functools import partial
from typing import Any

from napari.viewer import Viewer

from napari_unet.core.progress import Progress
from napari_unet.runs.known import KnownRun, unseen_runs
from napari_unet.ui.finetune.after_training import AfterTraining
from napari_unet.ui.finetune.before_training import BeforeTraining
from napari_unet.ui.finetune.data.asked import written_down
from napari_unet.ui.finetune.form import FineTuneForm
from napari_unet.ui.finetune.running import closing
from napari_unet.ui.finetune.running.closing import CloseGuard
from napari_unet.ui.finetune.running.log import show_log
from napari_unet.ui.finetune.running.preview_layers import PreviewLayers
from napari_unet.ui.finetune.running.training import Checked, Picture, Training
from napari_unet.ui.widgets.copying.copy_box import CopyBox
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import main_button
from napari_unet.ui.widgets.models.actions import models_changed
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.settings import usual_tiles
from napari_unet.ui.work.threads import LatestOnly
from napari_unet.ui.work.working_widget import WorkingWidget


class FineTuneWidget(WorkingWidget):
    """Teaches a model what was painted on images, when the button is clicked.

    Parameters
    ----------
    napari_viewer
        The viewer with images and annotations.

    Attributes
    ----------
    model
        What is chosen, as `value`, to be read and set.
    """

    title = "Fine-tune"

    def __init__(self, napari_viewer: Viewer) -> None:
        button = main_button("Fine-tune", "Check the annotations, and train on a copy of them.")
        super().__init__(button, ProgressRow("steps"))
        self._viewer = self.attach(napari_viewer)
        self._training = Training()
        self._answered = False
        self._picture: dict[str, Any] | None = None
        self._preview = PreviewLayers(self._viewer)
        self._scans = LatestOnly(self)
        self.form = FineTuneForm(self._viewer, self)
        self.form.put_into(self)
        self.model = self.form.model
        self._before = BeforeTraining(self._viewer, self.form, self)
        self._after = AfterTraining(self._viewer, self.form, self)
        self.copy = CopyBox(partial(written_down, self.form), "the same training")
        self.form.advanced.addWidget(self.copy)
        self._guard = CloseGuard(self._viewer.window._qt_window, self._may_close)
        self._connect()
        self._look_for_runs()

    @property
    def image(self) -> LayerBox:
        """The choice of the first image that is learnt from."""
        return self.form.pairs.pairs[0].image

    @property
    def labels(self) -> LayerBox:
        """The choice of what was painted on it."""
        return self.form.pairs.pairs[0].labels

    def stop(self) -> None:
        """End what is running; the best model of a training is kept, compared or not."""
        training = self._training
        in_hand = training.child_running or training.comparing
        training.stop()
        if not in_hand:
            super().stop()

    def show_progress(self, progress: Progress) -> None:
        """Show what the training tells, and the picture that comes with it."""
        self.form.state.show_progress(progress)
        match progress.news:
            case Checked(prepared):
                self._before.show(prepared)
            case Picture(arrays):
                self._picture = arrays
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
        self.connections.jobs.append(self._scans)
        self._scans.returned.connect(self._offer)
        self.connections.add(models_changed, self._look_for_runs)  # trainings come with models
        self.on_click(self.button, self._fine_tune)
        form.offer.taken.connect(lambda run: self.do(partial(self._take_up, run)))
        state.asked.connect(self._ask)
        state.logged.connect(self._show_log)
        state.preview.toggled.connect(self._show_picture)

    def _fine_tune(self) -> None:
        training = Training(usual_tiles().device)
        self.work_on(self._before.request, training.new_steps, self._after.show, "Fine-tuning")
        self._follow(training)

    def _take_up(self, run: KnownRun) -> None:
        training = Training(usual_tiles().device)
        goes_on = run.result is None or run.folder == self._after.folder
        steps = training.steps if goes_on else training.ended_steps
        self.work(partial(steps, run.folder), self._after.show, f"Training {run.name}")
        self._follow(training)

    def _follow(self, training: Training) -> None:
        """Show a training, unless it was refused at once."""
        if self.running:
            self._training, self._picture = training, None
            self._preview.remove()
            self.form.begin()

    def _end(self) -> None:
        super()._end()
        if not self.closed:
            self.form.end()
            if self._training.folder is None:
                self._show_before()
                if self._before.outdated:  # what was refused is not there any more
                    self.error.forget()
            self._before.look_soon()
            self._look_for_runs()

    def _show_before(self) -> None:
        """Show what gave way to a training that was refused: a result, or nothing."""
        if self._after.folder is not None:
            self.form.result.show()
        else:
            self.form.state.hide()

    def _look_for_runs(self) -> None:
        self._scans.submit(unseen_runs)

    def _offer(self, runs: list[KnownRun]) -> None:
        """Offer trainings; one whose result is shown only if it was stopped, to be continued."""
        if not self.closed and not self.running:
            shown = [each for each in runs if each.folder == self._after.folder]
            ended = [each for each in shown if not each.running and each.result is not None]
            runs = [each for each in runs if each not in ended or each.stopped]
            self.form.offer.offer(runs, ended)

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
        else:  # nobody could let one that waits go on
            self._training.resume()
        return True
