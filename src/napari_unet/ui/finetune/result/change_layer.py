"""The layers that show what a training has corrected, and what is still wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from napari.utils.colormaps import DirectLabelColormap

from napari_unet.ui.finetune.data.partner import annotated_over, partner
from napari_unet.ui.layers.axes import fits, image_axes
from napari_unet.ui.layers.channel_axis import kept_axes, made_geometry, pixels_in, with_channel
from napari_unet.ui.layers.image_choice import choices, in_viewer
from napari_unet.ui.layers.metadata import MADE

COLOURS = {"corrected": "#2fbf4f", "still missed": "#3d9be9", "false": "#e0403a"}
"""What the values 1, 2 and 3 mean, and how they are shown."""

Find = Callable[[str], tuple[Image, Labels] | None]
"""Returns the image that was learnt from under a name, and its annotation."""


class ChangeLayer:
    """Shows changes on the images that they belong to, if these are open, else on copies."""

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._shown: WeakKeyDictionary[Layer, Labels] = WeakKeyDictionary()

    def show(self, errors: Sequence[Any], find: Find) -> list[str]:
        """Show what has changed in all held-out samples, the first of them in view.

        Parameters
        ----------
        errors
            `SampleErrors`, of a `Comparison`.
        find
            Knows the images of the training; those of an earlier day are known by their names.

        Returns
        -------
        The names of the images.
        """
        active = self._viewer.layers.selection.active
        values: dict[Image, np.ndarray] = {}
        for each in errors:
            place = self._place(each, find)
            if place is None:
                image = Image(np.asarray(each.image[0]), name=each.name)
                self._viewer.add_layer(image)
                place = image, each.error_map.shape, ()
            layer, shape, where = place
            values.setdefault(layer, np.zeros(shape, np.uint8))[where] = each.error_map
        for layer, painted in reversed(values.items()):
            self._show(layer, painted)
        self._bring_into_view(list(values))
        self._viewer.layers.selection.active = active
        return [layer.name for layer in values]

    def hide(self) -> None:
        """Hide what is shown, which else lies over what comes next."""
        for layer in self._shown.values():
            layer.visible = False

    def _bring_into_view(self, images: Sequence[Image]) -> None:
        """Show the first image with its changes, and hide what others would lay over it."""
        for image in images[:1]:
            for layer in annotated_over(image, self._viewer.layers):
                layer.visible = False
            image.visible = True
        for image in images:
            self._shown[image].visible = image is images[0]

    def _show(self, image: Image, painted: np.ndarray) -> None:
        before = self._shown.pop(image, None)
        if before is not None and before in self._viewer.layers:
            self._viewer.layers.remove(before)
        axes = image_axes(image, painted.shape)
        letters = "".join(axes[axis] for axis in kept_axes(axes, image.ndim))
        channel = letters.find("C")
        painted = with_channel(painted, None if channel < 0 else channel)
        colours: dict[int | None, str] = dict(enumerate(("#00000000", *COLOURS.values())))
        colours[None] = colours[0]
        layer = self._shown[image] = Labels(
            painted,
            name=f"{image.name} changes",
            colormap=DirectLabelColormap(color_dict=colours),
            metadata={MADE: {"axes": letters, "role": "changes"}},
            **made_geometry(image, axes),
        )
        self._viewer.add_layer(layer)
        planes = np.argwhere(painted)[:1]
        if len(planes) and painted.ndim > 2:
            world = layer.data_to_world(planes[0])
            first = self._viewer.dims.ndim - layer.ndim
            planes_of = [axis for axis in range(layer.ndim) if axis != channel]
            hidden = [axis for axis in self._viewer.dims.not_displayed if axis - first in planes_of]
            self._viewer.dims.set_point(hidden, [world[axis - first] for axis in hidden])

    def _place(self, errors: Any, find: Find) -> tuple[Image, tuple[int, ...], Any] | None:
        """Return the image that errors belong to, its annotation's shape, and where they lie."""
        if errors.origin is None:
            return None
        name, plane = errors.origin
        found = find(name) or self._named(name)
        if found is None or in_viewer(found[0], self._viewer.layers) is None:
            return None
        image, labels = found
        shape, size = pixels_in(labels).shape, errors.error_map.shape
        lead = shape[: -len(size)]
        if (
            not fits(image, shape)
            or shape[-len(size) :] != size
            or plane >= np.prod(lead, dtype=int)
        ):
            return None
        return image, shape, np.unravel_index(plane, lead)

    def _named(self, name: str) -> tuple[Image, Labels] | None:
        layers = self._viewer.layers
        images = [each for each in choices(layers) if isinstance(each, Image) and each.name == name]
        found = [(image, partner(image, layers)) for image in images]
        return next(((image, labels) for image, labels in found if labels is not None), None)
