"""The outline of the object that is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Shapes

from napari_unet.core.errors import UserError
from napari_unet.core.instances.boxes import around, box_of, object_boxes, pixels_of
from napari_unet.core.review.finding import Finding
from napari_unet.core.review.queue import Queue
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.measure.place import place_of_pixels

_COLOUR, _WIDTH = "#ff2fd0", 1
"""A colour that neither images nor objects coloured by a number have; pixels of the image."""


class Outline:
    """A layer that has the outline of one object, in all planes that it is in.

    Parameters
    ----------
    viewer, layer
        The viewer, and the objects.
    """

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        self._viewer, self._layer = viewer, layer
        self._shapes: Shapes | None = None
        self._boxes = object_boxes(np.asarray(layer.data))
        layer.events.data.connect(self._look_anew)

    def pixels(self, number: int) -> tuple[Any, ...]:
        """Return the pixels of an object, integers ``(pixels,)`` along each axis.

        Only where it was when proof-reading began, and where it was painted since, is looked.
        """
        box = self._boxes.get(number)
        if box is None:
            return (np.zeros(0, np.int64),) * self._layer.ndim
        return pixels_of(self._layer.data, number, box)

    def place(self, number: int) -> Finding:
        """Return where an object lies now."""
        return place_of_pixels(self._layer, self.pixels(number))

    def painted(self, event: Any) -> None:
        """Take note of where objects are now, from what napari tells of a step of painting."""
        for indices, *_, after in event.value:  # what lies between differs with napari's version
            box = box_of(indices, self._layer.data.shape)
            for number in np.unique(after).tolist():
                self._boxes[number] = around(self._boxes.get(number), box)

    def _look_anew(self, event: Any = None) -> None:
        self._boxes = object_boxes(np.asarray(self._layer.data))

    def show(self, number: int) -> None:
        """Draw around an object.

        Raises
        ------
        UserError
            If it is not there.
        """
        pixels = self.pixels(number)
        if not len(pixels[0]):
            raise UserError("This object is not there any more.")
        box = box_of(pixels, self._layer.data.shape)
        drawn = _outlines(np.asarray(self._layer.data[box]) == number)
        start = np.array([side.start for side in box])
        shapes, active = self._made(), self._viewer.layers.selection.active
        shapes.data = []
        shapes.add(
            [start + each for each in drawn],
            shape_type="polygon",
            edge_color=_COLOUR,
            edge_width=_WIDTH,
            face_color="transparent",
        )
        self._viewer.layers.selection.active = active

    def there(self, queue: Queue) -> Queue:
        """Return the queue; its object here is lost if it was merged or deleted elsewhere."""
        number = queue.here
        if number is None or len(self.pixels(number)[0]):
            return queue
        return queue.without(number)

    def show_first(self, queue: Queue) -> Queue:
        """Draw around the first object from the one here on that is still there.

        Returns
        -------
        The queue at this object; without those that were merged or deleted elsewhere.
        """
        while queue.here is not None:
            try:
                self.show(queue.here)
            except UserError:
                queue = queue.without(queue.here).next()
            else:
                return queue
        self.hide()
        return queue

    def quit(self) -> None:
        """Take the layer away, and look no more at the objects."""
        self._layer.events.data.disconnect(self._look_anew)
        self.hide()

    def hide(self) -> None:
        """Take the layer away."""
        shapes, self._shapes = self._shapes, None
        if shapes in self._viewer.layers:
            active = self._viewer.layers.selection.active
            self._viewer.layers.remove(shapes)
            if active in self._viewer.layers:
                self._viewer.layers.selection.active = active

    def _made(self) -> Shapes:
        if self._shapes is None or self._shapes not in self._viewer.layers:
            place = geometry(self._layer)
            self._shapes = Shapes(ndim=self._layer.ndim, name="proof-read", **place)
            active = self._viewer.layers.selection.active
            self._viewer.add_layer(self._shapes)
            self._viewer.layers.selection.active = active
        return self._shapes


def _outlines(mask: np.ndarray) -> list[np.ndarray]:
    """Return the closed lines around what is true, ``(n, ndim)`` each, in every plane."""
    from skimage.measure import find_contours  # noqa: PLC0415 - takes a moment

    contours: Any = find_contours

    lines = []
    for plane in np.ndindex(*mask.shape[:-2]):
        for line in contours(np.pad(mask[plane], 1).astype(float), 0.5):
            hidden = np.broadcast_to(plane, (len(line) - 1, len(plane)))
            lines.append(np.hstack([hidden, line[:-1] - 1]))
    return lines
