"""The *Segment* widget: from an image layer to instance and semantic labels."""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from napari.layers import Image, Layer
from napari.viewer import Viewer

from napari_unet.core.config import DecodeConfig, ModelConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.segmentation import Segmentation
from napari_unet.ui.connections import DockWidget, bare
from napari_unet.ui.layers import Source, has_planes, take
from napari_unet.ui.results import Results
from napari_unet.ui.segment_form import SegmentForm
from napari_unet.ui.worker import Latest, StepsWorker, report


class SegmentWidget(DockWidget):
    """Segments an image layer with a model when the button is clicked.

    Parameters
    ----------
    napari_viewer
        The viewer whose layers are segmented and to which the results are added.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._viewer = bare(napari_viewer)
        self._results: WeakKeyDictionary[Layer, Results] = WeakKeyDictionary()
        self._worker: StepsWorker | None = None
        self._kept: tuple[Results, Source, Segmentation] | None = None
        self._latest = Latest(self)
        self.form = SegmentForm(self._viewer, self.connections)
        self.form.put_into(self)
        self.connections.jobs += [self._latest, self.form.device.latest]
        self._latest.returned.connect(self._adjusted)
        self.form.button.clicked.connect(self._segment)
        self.form.progress.stopped.connect(self._stop)
        self.form.decode.changed.connect(self._adjust)
        self.form.tiles.changed.connect(self._look_for_device)
        self.form.image.changed.connect(self._chosen)
        self.form.model.changed.connect(self._chosen)
        self._chosen()
        self._look_for_device()

    @property
    def running(self) -> bool:
        """Whether a segmentation is running."""
        return self._worker is not None

    def release(self) -> None:
        """Stop what is running and let go of the viewer."""
        super().release()
        self.form.progress.end()

    def _chosen(self, _: Any = None) -> None:
        layer = self.form.image.layer()
        try:
            config = self._model_config()
            planes = layer is not None and has_planes(layer, config.ndim, config.in_channels)
        except UserError:
            planes = False
        self.form.extent.setVisible(planes)

    def _look_for_device(self, _: Any = None) -> None:
        self.form.device.look(self.form.tiles.value().device)

    def _model_config(self) -> ModelConfig:
        return ModelConfig.from_dict(self.form.model.header()["config"])

    def _segment(self) -> None:
        layer = self.form.image.layer()
        try:
            source = self._take(layer)
        except UserError as error:
            report(error)
            return
        results = self._results.setdefault(layer, Results(self._viewer))
        decode = self.form.decode.value()
        work = partial(_steps, source, self.form.model.path(), self.form.tiles.value(), decode)
        self._worker = StepsWorker(work)
        self._worker.progressed.connect(self._progressed)
        self._worker.returned.connect(partial(self._segmented, results, source, decode))
        self._worker.errored.connect(report)
        self._worker.finished.connect(self._finished)
        self.connections.jobs.append(self._worker)
        self.form.begin(f"Segmenting {source.name}")
        self._worker.start()

    def _take(self, layer: Image | None) -> Source:
        if layer is None:
            raise UserError("There is no image: drop one on the window or use File > Open Sample.")
        config = self._model_config()
        point = None if self.form.whole.isChecked() else self._viewer.dims.point[-layer.ndim :]
        return take(layer, config.ndim, config.in_channels, point)

    def _progressed(self, progress: Progress) -> None:
        self.form.progress.update_progress(progress)
        self.form.device.show_values(progress.values)

    def _segmented(
        self, results: Results, source: Source, decode: DecodeConfig, result: Segmentation
    ) -> None:
        if self.closed:
            return
        form = self.form
        results.show_output(
            source,
            result,
            probabilities=form.probabilities.isChecked(),
            height=form.height.isChecked(),
        )
        self._show((results, source, result))
        if form.decode.value() != decode:
            self._adjust(form.decode.value())

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.quit()

    def _finished(self) -> None:
        if self._worker in self.connections.jobs:
            self.connections.jobs.remove(self._worker)
        self._worker = None
        if not self.closed:
            self.form.end()

    def _adjust(self, config: DecodeConfig) -> None:
        if self._kept is not None:
            self._latest.submit(partial(_decoded, self._kept, config))

    def _adjusted(self, kept: tuple[Results, Source, Segmentation]) -> None:
        if not self.closed:
            self._show(kept)

    def _show(self, kept: tuple[Results, Source, Segmentation]) -> None:
        results, source, result = self._kept = kept
        layer = results.show_labels(source, result)
        self.form.show_found(int(result.instances.max(initial=0)), layer.name)


def _steps(source: Source, model: Any, tiles: TileConfig, decode: DecodeConfig) -> Steps[Any]:
    from napari_unet.nn.segment import segment_steps  # noqa: PLC0415 - loads torch

    return segment_steps(source.image, model, axes=source.axes, tiles=tiles, decode=decode)


def _decoded(
    kept: tuple[Results, Source, Segmentation], config: DecodeConfig
) -> tuple[Results, Source, Segmentation]:
    results, source, result = kept
    return results, source, result.decoded(config)
