"""The *Segment* widget: from an image layer to instance and semantic labels."""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from napari.layers import Image, Layer
from napari.viewer import Viewer
from qtpy.QtWidgets import QPushButton

from napari_unet.core.config import DecodeConfig, ModelConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.segmentation import Segmentation
from napari_unet.ui.connections import bare
from napari_unet.ui.layers import Source, has_planes, take
from napari_unet.ui.progress_row import ProgressRow
from napari_unet.ui.results import Results
from napari_unet.ui.segment_form import SegmentForm
from napari_unet.ui.worker import Latest, report
from napari_unet.ui.working import WorkingWidget


class SegmentWidget(WorkingWidget):
    """Segments an image layer with a model when the button is clicked.

    Parameters
    ----------
    napari_viewer
        The viewer whose layers are segmented and to which the results are added.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(QPushButton("Segment"), ProgressRow("tiles"))
        self._viewer = bare(napari_viewer)
        self._results: WeakKeyDictionary[Layer, Results] = WeakKeyDictionary()
        self._kept: tuple[Results, Source, Segmentation] | None = None
        self._latest = Latest(self)
        self.form = SegmentForm(self._viewer, self)
        self.form.put_into(self)
        self.connections.jobs += [self._latest, self.form.device.latest]
        self._latest.returned.connect(self._adjusted)
        self.form.button.clicked.connect(self._segment)
        self.form.decode.changed.connect(self._adjust)
        self.form.tiles.changed.connect(self._look_for_device)
        self.form.image.changed.connect(self._chosen)
        self.form.model.changed.connect(self._chosen)
        self._chosen()
        self._look_for_device()

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
        self.work(
            work, partial(self._segmented, results, source, decode), f"Segmenting {source.name}"
        )

    def _take(self, layer: Image | None) -> Source:
        if layer is None:
            raise UserError("There is no image: drop one on the window or use File > Open Sample.")
        config = self._model_config()
        point = None if self.form.whole.isChecked() else self._viewer.dims.point[-layer.ndim :]
        return take(layer, config.ndim, config.in_channels, point)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the work is, and on which device."""
        super().show_progress(progress)
        self.form.device.show_values(progress.values)

    def _segmented(
        self, results: Results, source: Source, decode: DecodeConfig, result: Segmentation
    ) -> None:
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
