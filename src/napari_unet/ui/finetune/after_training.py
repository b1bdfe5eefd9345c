"""What can be done with a training that has ended: compare, keep, look, and paint on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from napari.viewer import Viewer

from napari_unet.core.progress import Progress, Steps
from napari_unet.runs.known import mark_seen, mark_shown
from napari_unet.storage.model_header import free_model_name
from napari_unet.storage.names import file_name
from napari_unet.ui.finetune.data.copied_layers import CopiedLayers
from napari_unet.ui.finetune.data.partner import partner, with_weight_maps
from napari_unet.ui.finetune.form import FineTuneForm
from napari_unet.ui.finetune.result.change_layer import COLOURS, ChangeLayer
from napari_unet.ui.finetune.result.place_layer import PlaceLayer
from napari_unet.ui.finetune.result.searched_images import chunked_images
from napari_unet.ui.finetune.result.suggestions import Suggestion, suggestion_steps
from napari_unet.ui.finetune.running.training import Ended, compared_steps
from napari_unet.ui.widgets.choices import IMAGE, choices_of
from napari_unet.ui.widgets.findings_list import go_to
from napari_unet.ui.widgets.models.actions import models_changed
from napari_unet.ui.work import torch_library
from napari_unet.ui.work.opening import open_widget
from napari_unet.ui.work.settings import usual_tiles
from napari_unet.ui.work.working_widget import WorkingWidget


class AfterTraining:
    """Shows a result in the form, and does what its buttons ask for; `folder` is its training.

    Parameters
    ----------
    viewer, form
        Where things are shown.
    worker
        The widget that runs long work.
    """

    def __init__(self, viewer: Viewer, form: FineTuneForm, worker: WorkingWidget) -> None:
        self._viewer, self._form, self._worker = viewer, form, worker
        self._ended: Ended | None = None
        self.folder: Path | None = None
        self._change, self._place = ChangeLayer(viewer), PlaceLayer(viewer)
        self._copied = CopiedLayers()
        result = form.result
        result.chosen.connect(self._choose)
        result.kept.connect(self._keep)
        result.kept_line.asked.connect(self._segment_with)
        result.changes.connect(self._show_changes)
        result.suggest.connect(self._suggest)
        result.places.chosen.connect(self._go_to)

    def show(self, ended: Ended) -> None:
        """Show the result of a training."""
        self._ended, self._copied = ended, self._form.pairs.copied
        self.folder = ended.folder
        mark_shown(ended.folder)
        self._form.result.begin(free_model_name(file_name(ended.name, "model")))
        self._form.result.show_comparison(ended.comparison)
        self._form.fold(True)

    def _model(self) -> Path:
        assert self._ended is not None
        return self._ended.folder / f"{self._form.result.which}.safetensors"

    def _choose(self, which: str) -> None:
        if self._ended is not None:
            steps = partial(compared_steps, self._ended.folder, which, usual_tiles().device)
            self._work(steps, self._show_other, "Comparing")

    def _show_other(self, ended: Ended) -> None:
        self._ended = ended
        self._form.result.show_comparison(ended.comparison)

    def _keep(self) -> None:
        result = self._form.result
        if self._ended is not None:
            steps = partial(_publish_steps, self._ended.folder, result.which, result.name.text())
            self._work(steps, self._show_kept, "Keeping the model")

    def _show_kept(self, path: Path) -> None:
        mark_seen(self._model().parent)
        models_changed.emit()
        self._form.model.add(path)
        self._form.result.name.setText(free_model_name(path.stem))
        self._form.result.kept_line.show_kept(path)

    def _segment_with(self, path: Path) -> None:
        """Segment the image in hand with a model, in the Segment widget, where it can be seen."""
        choices, pairs = choices_of(self._viewer), self._form.pairs.layers()
        segment = open_widget(self._viewer, "Segment")
        for image, labels in pairs[:1]:
            choices.choose(IMAGE, image, everywhere=True)
            for layer in with_weight_maps(labels, self._viewer.layers):
                layer.visible = False
        self._change.hide()
        choices.model = path
        segment.button.click()

    def _show_changes(self) -> None:
        if self._ended is not None:
            names = self._change.show(self._ended.comparison.errors, self._copied.find)
            self._form.result.show_legend(COLOURS, names)

    def _suggest(self) -> None:
        if not self._worker.running:
            self._form.result.set_enabled(False)
            copy = partial(chunked_images, self._viewer, self._model())
            steps = partial(suggestion_steps, model=self._model(), tiles=usual_tiles())
            shown = self._form.result.show_places
            work = partial(self._worker.work_on, copy, steps, shown, "Looking for places")
            self._worker.do(work, self._form.result.error)

    def _go_to(self, place: Suggestion) -> None:
        """Outline a place, and make ready to paint there."""
        layers, image = self._viewer.layers, place.layer()
        if image is None or place.where is None:
            return
        channel = place.axes.find("C", 0, image.ndim)  # the colours of RGB are no axis
        go_to(self._viewer, image, place, None if channel < 0 else channel)
        active = partner(image, layers) or image
        self._place.outline(image, place.axes, place.where, place.box)
        layers.selection.active = active

    def _work(
        self, steps: Callable[[], Steps[Any]], shown: Callable[[Any], None], title: str
    ) -> None:
        if not self._worker.running:
            self._form.result.set_enabled(False)
            work = partial(self._worker.work, steps, shown, title)
            self._worker.do(work, self._form.result.error)


def _publish_steps(folder: Path, which: str, name: str) -> Steps[Path]:
    torch_library.load()
    from napari_unet.nn.training.keep_model import publish  # noqa: PLC0415 - loads torch

    yield Progress("keeping the model")
    return publish(folder, which, name)
