"""The *Export* widget: label layers in the formats of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from napari.components import ViewerModel
from napari.layers import Image, Labels
from napari.utils.notifications import show_info
from napari.viewer import Viewer

from napari_unet.core.progress import Steps
from napari_unet.io.exchange.formats import FORMATS
from napari_unet.ui.export.form import ExportForm
from napari_unet.ui.export.shown_plane import plane_note, shown_plane
from napari_unet.ui.export.steps import Copies, Target, layer_steps
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.axes import own_channel_names
from napari_unet.ui.layers.below import axes_below, check_order, lie_on
from napari_unet.ui.layers.labels import LayerCopy, chunked_layer_copy, is_deep
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.layers.place_note import refuse_own_nuclei, tell_place
from napari_unet.ui.widgets.layout import button
from napari_unet.ui.widgets.objects.evidence import EvidenceCopies, chunked_evidence
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget

_WITH_IMAGE = {"zarr", "png", "svg"}
_PICTURES = {"png", "svg"}
_WITH_NUCLEI = "geojson"


class ExportWidget(WorkingWidget):
    """Writes objects and classes in several formats at once.

    Parameters
    ----------
    napari_viewer
        The viewer whose label layers are exported.

    Attributes
    ----------
    form
        What is shown.
    instances, semantic, image
        What is chosen, as `value`, to be read and set.
    """

    title = "Export"

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(button("Export", high=True), ProgressRow("files"))
        self._viewer: ViewerModel = self.attach(napari_viewer)
        self.form = ExportForm(self._viewer, self)
        self.instances, self.semantic = self.form.instances, self.form.semantic
        self.image, self.written = self.form.image, self.form.written
        self.on_click(self.button, self._export)

    def _export(self) -> None:
        self.written.clear()
        target, form = self.form.target(), self.form
        self._lay()
        chosen = _Chosen(
            self.instances.value,
            self.semantic.value,
            form.nuclei.value if _WITH_NUCLEI in target.formats else None,
            self.image.value if _WITH_IMAGE & set(target.formats) else None,
            form.extent.value,
            measured=any(FORMATS[word].measured for word in target.formats),
        )
        copy = partial(_copies, self._viewer, chosen)
        notes = self._notes(chosen, target)

        def steps(copies: Copies) -> Steps[list[Path]]:
            return layer_steps(copies, target)

        self.work_on(copy, steps, partial(self._written, notes), "Exporting")

    def _lay(self) -> None:
        """Have labels that say nothing of their axes lie on the image, or on the objects."""
        self.image.lay()
        for layer in filter(None, (self.semantic.value, self.form.nuclei.value)):
            lie_on(layer, self.image.value, self.instances.value)

    def _notes(self, chosen: _Chosen, target: Target) -> list[str]:
        """Say what pictures show where that may not be what is expected."""
        instances, pictured = chosen.instances, _PICTURES & set(target.formats)
        over = "Pictures lie over" if pictured else "The file's image is"
        notes = [*self.image.unknown(), self.image.note(over) if chosen.image is not None else ""]
        if pictured and instances is not None:
            notes.append(plane_note(self._viewer, instances))
        return [note for note in notes if note]

    def _written(self, notes: list[str], files: list[Path]) -> None:
        names = ", ".join(file.name for file in files)
        told = " ".join([f"Wrote {names} to {files[0].parent}.", *notes])
        self.written.setText(told)
        show_info(told)


@dataclass(frozen=True)
class _Chosen:
    """The layers that are exported, None for nothing, how far objects extend, and if measured."""

    instances: Labels | None
    semantic: Labels | None
    nuclei: Labels | None
    image: Image | None
    ndim: int
    measured: bool


def _copies(viewer: ViewerModel, chosen: _Chosen) -> ChunkedCopy[Copies]:
    instances, semantic, image = chosen.instances, chosen.semantic, chosen.image
    if instances is None:
        classes = None if semantic is None else (yield from chunked_layer_copy(semantic))
        return Copies(None, classes)
    check_order(instances, semantic, chosen.nuclei)
    refuse_own_nuclei(instances, chosen.nuclei)
    for other in filter(None, (semantic, chosen.nuclei)):
        tell_place(other, instances)
    below, names = None, tuple[str, ...]()
    if image is not None:
        axes = axes_below(image, instances)
        tell_place(instances, image)
        below = (yield from chunked_copy(full_resolution(image))), axes
        names = own_channel_names(image, axes)
    nuclei, painted = chosen.nuclei, instances.metadata.get(ANNOTATION)
    objects = yield from _copy_layer(instances, chosen.ndim)
    known = chunked_evidence(instances, objects, viewer.layers) if chosen.measured else None
    return Copies(
        objects,
        None if semantic is None else (yield from chunked_layer_copy(semantic)),
        below,
        names,
        shown_plane(viewer, instances),
        None if nuclei is None else (yield from chunked_layer_copy(nuclei)),
        EvidenceCopies() if known is None else (yield from known),
        None if painted is None else painted.record,
    )


def _copy_layer(layer: Labels, ndim: int) -> ChunkedCopy[LayerCopy]:
    return chunked_layer_copy(layer, ndim if is_deep(layer) else None)
