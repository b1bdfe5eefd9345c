"""The *Segment* widget: from an image layer to instance and semantic labels."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from napari.layers import Layer
from napari.viewer import Viewer
from qtpy.QtCore import QTimer

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress
from napari_unet.nn.prediction.too_large import exceeds_memory
from napari_unet.scale.large.folder import LabelFolders
from napari_unet.ui.layers.axes import layer_axes
from napari_unet.ui.layers.file_facts import watch_pixels
from napari_unet.ui.segment.asked_for import asked_for
from napari_unet.ui.segment.fitting import Fitting
from napari_unet.ui.segment.form import SegmentForm
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.segment.large import (
    ask_for_folder,
    found_in_words,
    in_words,
    large_steps,
    pixels_of,
)
from napari_unet.ui.segment.large_layers import LargeLayers
from napari_unet.ui.segment.result.adjusting import Adjusting
from napari_unet.ui.segment.result.image_then import ImageThen
from napari_unet.ui.segment.result.results import Results
from napari_unet.ui.segment.result.shown import Shown, shown_steps
from napari_unet.ui.segment.ruler import Ruler
from napari_unet.ui.widgets.layout import main_button
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget

if TYPE_CHECKING:
    from napari_unet.scale.large.segment import LargeResult

_NO_IMAGE = "There is no image: drop one on the window or use File > Open Sample."


class SegmentWidget(WorkingWidget):
    """Segments an image layer with a model when the button is clicked.

    Parameters
    ----------
    napari_viewer
        The viewer whose layers are segmented and to which the results are added.

    Attributes
    ----------
    image, model
        What is chosen, as `value`, to be read and set.
    """

    title = "Segment"

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(main_button("Segment"), ProgressRow("tiles"))
        self._viewer = self.attach(napari_viewer)
        watch_pixels(self._viewer)
        self._results: WeakKeyDictionary[Layer, Results] = WeakKeyDictionary()
        self._large: LargeLayers | None = None
        self.form = SegmentForm(self._viewer, self)
        self.form.put_into(self)
        self.image, self.model = self.form.image, self.form.model
        self.ruler = Ruler(self._viewer, self.connections)
        self.adjusting = Adjusting(self._viewer, self.form, self.connections)
        self.fitting = Fitting(self._viewer, self.form, self._job, self.connections)
        self.connections.jobs.append(self.form.device.latest)
        self.on_click(self.button, self._segment)
        self.on_click(self.form.size.draw, self._draw, self.form.size.error)
        self.ruler.measured.connect(self.form.size.take_diameter)
        self.form.tiles.changed.connect(self._look_for_device)
        # not before the widget is open: that would have to wait while torch is loaded
        QTimer.singleShot(0, self._look_for_device)

    def _look_for_device(self, _: Any = None) -> None:
        if not self.closed:
            self.form.device.look(self.form.tiles.value().device)

    def _draw(self) -> None:
        layer = self.form.image.value
        if layer is None:
            raise UserError(_NO_IMAGE)
        config = self.form.config()
        self.ruler.start(layer, layer_axes(layer, config.ndim, config.in_channels))

    def _segment(self) -> None:
        layer = self.form.image.value
        job = self._job(layer)
        self.fitting.rest()
        self._large = None
        self.form.device.begin()
        image, views = job.source.image, job.request.tiles.views
        if exceeds_memory(image.shape, job.source.axes, self.form.config(), views):
            self._segment_large(layer, job)
            return
        results = self._results.setdefault(layer, Results(self._viewer))
        segmented = partial(self._segmented, ImageThen(layer))
        self.work(partial(shown_steps, results, job), segmented, f"Segmenting {job.source.name}")

    def _segment_large(self, layer: Layer, job: SegmentJob) -> None:
        words = in_words(job.source.part_name, pixels_of(job.source), self.form.device.kind)
        out = ask_for_folder(self, words)
        ndim = self.form.config().ndim
        if out is not None:
            self._large = LargeLayers(self._viewer, job.source, job.ndim_of_objects(ndim))
            ended = partial(self._segmented_large, ImageThen(layer), job)
            self.work(partial(large_steps, job, out), ended, f"Segmenting {job.source.part_name}")

    def _job(self, layer: Layer | None, channels: tuple[int, ...] | None = None) -> SegmentJob:
        if layer is None:
            raise UserError(_NO_IMAGE)
        decode = self.adjusting.values_for(layer, self.form.model.asked())
        return asked_for(self.form, layer, self._viewer, decode, channels)

    def show_progress(self, progress: Progress) -> None:
        """Show on which device the work is done, and the labels of a large image so far."""
        self.form.device.show_progress(progress)
        match progress.news:
            case LabelFolders(semantic=folder) if self._large is not None:
                self._large.look(folder)

    def _segmented(self, then: ImageThen, shown: Shown) -> None:
        image = then.layer_in(self._viewer)
        if self.form.model.automatic and image is not None and image is self.form.image.value:
            self.fitting.settle(Path(shown.job.model), shown.result.made.request.channels)
        self.adjusting.add(image, shown)
        if image is None:
            raise then.removed()

    def _segmented_large(
        self, then: ImageThen, job: SegmentJob, result: LargeResult | None
    ) -> None:
        if self._large is None or result is None:
            return
        layer = self._large.end(result.semantic, result.instances)
        layer.visible = False  # not before it is known to lie on its image
        image = then.layer_in(self._viewer)
        if image is None:
            raise then.removed()
        layer.visible = True
        told = found_in_words(job.source.part_name, result)
        self.adjusting.add_large(image, job.of(result.model), layer, told)
