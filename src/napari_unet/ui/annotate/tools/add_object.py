"""One click on a missed object adds it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels
from qtpy.QtCore import QObject, Signal

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.saving.annotated_image import annotated_image
from napari_unet.ui.annotate.tools.edit_tools import Free, write
from napari_unet.ui.annotate.tools.question import Question, click_in, hills_in, widest_window
from napari_unet.ui.layers.below import label_axes
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in, place_in_pixels
from napari_unet.ui.layers.geometry import lengths_of
from napari_unet.ui.layers.in_view import Index, plane_in_view
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.threads import LatestOnly


class AddObject(QObject):
    """Finds the object under a click in a worker, and paints it where nothing is painted.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The objects of an annotation.
    free
        Returns the number of a new object.

    Attributes
    ----------
    added
        Brings the number of an object that was added.
    failed
        Brings what is wrong.
    """

    added = Signal(int)
    failed = Signal(object)

    def __init__(self, viewer: ViewerModel, layer: Labels, free: Free) -> None:
        super().__init__()
        self._viewer, self._layer, self._free = viewer, layer, free
        self._diameter: float | None = None
        self.work = LatestOnly(self, self.failed.emit)
        self.work.returned.connect(self._paint)

    def look(self, position: Sequence[float], deep: bool) -> None:
        """Look for the object at a place.

        Parameters
        ----------
        position
            The place in the world.
        deep
            Whether objects extend through depth; else only the plane in view is looked at.

        Raises
        ------
        UserError
            If there is nothing to look at.
        """
        if self._viewer.dims.ndisplay != 2:
            raise UserError("Objects are added in the 2D view: switch back to it first.")
        image, labels = self._image(), pixels_in(self._layer)
        channel = channel_axis(self._layer)
        place = np.round(self._layer.world_to_data(position)).astype(int)
        point = place_in_pixels(place, channel)
        if (point < 0).any() or (point >= labels.shape).any():
            raise UserError("Click inside the image to add an object.")
        region = self._region(deep)
        free = [axis for axis, part in enumerate(region) if isinstance(part, slice)]
        sizes = place_in_pixels(lengths_of(self._layer), channel)[free]
        spacing = tuple((sizes / sizes.min()).tolist())
        part = widest_window(labels.shape, point, region, spacing)
        where = part if channel is None else (*part[:channel], 0, *part[channel:])
        hills = hills_in(self._viewer.layers, image, labels.shape, part)
        click = click_in(image, labels, point, part, spacing)
        self.work.submit(Question(click, where, hills, self._diameter).answer)

    def _paint(self, answer: tuple[Index, np.ndarray, float | None]) -> None:
        """Paint what was found; what was painted there meanwhile stays."""
        place, mask, self._diameter = answer
        if self._layer not in self._viewer.layers:
            return
        before = self._layer.data[place]
        number = self._free(before)
        write(self._layer, place, np.where(mask & (before == 0), number, before))
        self.added.emit(number)

    def _region(self, deep: bool) -> list[int | slice]:
        """Return the plane in view, or the volume, without the axis of channels."""
        view, axes = list(plane_in_view(self._viewer, self._layer)), label_axes(self._layer)
        channel = channel_axis(self._layer)
        if channel is not None:
            del view[channel]
        sides = zip(view, axes, strict=True)
        return [slice(None) if deep and letter == "Z" else part for part, letter in sides]

    def _image(self) -> Image:
        parts: AnnotationLayers = self._layer.metadata[ANNOTATION]
        return annotated_image(parts, self._viewer.layers)
