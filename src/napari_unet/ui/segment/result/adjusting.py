"""The box *Adjust the result*: it belongs to the result of the chosen image that is in view."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from weakref import ReferenceType, WeakKeyDictionary, WeakSet, ref

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QObject

from napari_unet.core.config import DecodeConfig
from napari_unet.ui.layers.axes import typed_axes
from napari_unet.ui.segment.form import SegmentForm
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.segment.result.in_words import found_in_words
from napari_unet.ui.segment.result.kept import KeptResults
from napari_unet.ui.segment.result.shown import Shown
from napari_unet.ui.segment.result.sliders import Sliders
from napari_unet.ui.widgets.last_used import last_used
from napari_unet.ui.work.dock_widget import Connections


class Adjusting(QObject):
    """Shows the result in view with its values, and changes it when a slider is moved.

    Where the plane in view was not segmented, its labels are deleted or painted on, or another
    image is chosen, there is no box.

    Parameters
    ----------
    viewer, form, connections
        The viewer, what the widget shows, and where connections to the viewer are kept.

    Attributes
    ----------
    kept
        All results that can be adjusted.
    """

    def __init__(self, viewer: ViewerModel, form: SegmentForm, connections: Connections) -> None:
        super().__init__()
        self._viewer, self._form, self._connections = viewer, form, connections
        self.kept, self._sliders = KeptResults(viewer), Sliders(self)
        self._large: WeakKeyDictionary[Layer, tuple[ReferenceType[Layer], str]]
        self._large, self._watched = WeakKeyDictionary(), WeakSet[Layer]()
        connections.jobs.append(self._sliders)
        self._sliders.moved.connect(self._moved)
        form.values.changed.connect(self._adjust)
        form.image.changed.connect(self.look)
        dims = viewer.dims.events
        for event in (dims.point, dims.order, dims.ndisplay, viewer.layers.events.removed):
            connections.add(event, self.look)

    def values_for(self, image: Layer, model: Path | str | None) -> DecodeConfig | None:
        """Return the values with which an image is segmented next; None for the model's own.

        They are those of its result in view, else of its newest: an image that has none from this
        model starts from the model's values.
        """
        shown = self.kept.nearest(image)
        same = shown is not None and shown.job.model == model
        return self._sliders.wanted(shown) if shown is not None and same else None

    def add(self, image: Layer | None, shown: Shown) -> None:
        """Show a new result; the values are what they have become while it was made.

        That of an image that is gone, for None, is hidden: it would lie on another one.
        """
        model = Path(shown.job.model)
        shown.results.begin()
        shown.results.show_output(shown.job.source, shown.result, self._form.extras.wanted())
        wanted = None if image is None else self.values_for(image, model)
        drawn = shown.drawn()
        if image is None:
            drawn.results.hide()
            return
        drawn.show()
        self.kept.add(image, drawn)
        self._watch(drawn)
        self._remember(drawn.job)
        if wanted not in (None, drawn.decode):
            self._sliders.adjust(drawn, wanted)
        self.look()

    def add_large(self, image: Layer, job: SegmentJob, layer: Layer, told: str) -> None:
        """Say what was found in an image whose labels were written block by block."""
        self._remember(job)
        self._large[image] = ref(layer), told
        self.look()

    def look(self, _: Any = None) -> None:
        """Show what there is to say of what is in view, and to adjust."""
        image = self._form.image.value
        shown = self.kept.in_view(image)
        if shown is None:
            self._form.adjust.show_found(self._told_of_large(image))
            return
        told = found_in_words(shown, self.kept.place_of(shown), self.kept.beside(shown))
        self._form.adjust.show_result(told, self._sliders.wanted(shown), shown.job.own)
        off = shown.job.request.size.match == "off"
        self._form.adjust.offer_size(matched=bool(shown.result.match.by), off=off)

    def _told_of_large(self, image: Layer | None) -> str:
        if image is None or image not in self._large:
            return ""
        layer, told = self._large[image]
        return told if layer() in self._viewer.layers else ""

    def _adjust(self, config: DecodeConfig) -> None:
        shown = self.kept.in_view(self._form.image.value)
        if shown is not None:
            self._sliders.adjust(shown, config)

    def _moved(self, shown: Shown) -> None:
        if not self._connections.undone:
            self.kept.update(shown)
            self._remember(shown.job)
            self.look()

    def _remember(self, job: SegmentJob) -> None:
        source, request = job.source, job.request
        image = source.layer and source.layer()
        known = {
            "axes": typed_axes(image) if image is not None else None,
            "channels": source.channels or (() if self._form.model.channels else request.channels),
            "spacing": (),  # of this image, as its axes are, unless somebody has typed them
        }
        last_used(self._viewer).take(Path(job.model), request.replace(**known))

    def _watch(self, shown: Shown) -> None:
        """Look again once somebody paints on a result."""
        layer = shown.layer
        if layer is not None and layer not in self._watched:
            self._watched.add(layer)
            self._connections.add(layer.events.paint, self.look)
