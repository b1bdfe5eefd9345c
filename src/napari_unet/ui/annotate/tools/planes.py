"""Corrections that reach from the plane in view through the planes of a stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.instances import edit
from napari_unet.ui.annotate.tools.cut_line import rasterized
from napari_unet.ui.annotate.tools.edit_tools import edit_objects
from napari_unet.ui.layers.below import place_axes
from napari_unet.ui.layers.channel_axis import channel_axis, layer_letters, pixels_in
from napari_unet.ui.layers.in_view import Index, other_view, plane_in_view


def fill_planes(viewer: ViewerModel, layer: Labels, picked: Callable[[], list[int]]) -> None:
    """Paint objects in the planes between those where they are painted; through depth, if any.

    Parameters
    ----------
    viewer, layer
        The viewer, and the objects of an annotation.
    picked
        Returns the objects.

    Raises
    ------
    UserError
        If there is one plane only, or no gap between two planes.
    """
    region = list(plane_in_view(viewer, layer))
    if pixels_in(layer).ndim < 3:
        raise UserError("This image has one plane only, so there are no planes to fill.")
    hidden, letters = hidden_axes(layer, region) or [0], layer_letters(layer)
    through = next((axis for axis in hidden if letters[axis : axis + 1] == "Z"), hidden[-1])
    region[through] = slice(None)
    axis = sum(isinstance(part, slice) for part in region[:through])
    for number in picked():
        edit_objects(layer, tuple(region), [number], partial(_interpolated, axis=axis))


def axes_apart(layer: Labels, region: Sequence[int | slice]) -> list[int]:
    """Return along which axes of a part of a layer pixels are no neighbours, such as time."""
    sides = zip(place_axes(layer), region, strict=True)
    letters = [letter for letter, part in sides if isinstance(part, slice)]
    return [axis for axis, letter in enumerate(letters) if letter not in SPATIAL[3]]


def frame_in_view(viewer: ViewerModel, layer: Labels, region: Index) -> Index:
    """Return of a part of a layer what belongs to the plane in view, not to another frame."""
    view, parts = plane_in_view(viewer, layer), list(region)
    whole = [axis for axis, part in enumerate(region) if isinstance(part, slice)]
    for axis in (whole[each] for each in axes_apart(layer, region)):
        parts[axis] = view[axis]
    return tuple(parts)


def line_in_view(
    viewer: ViewerModel, layer: Labels, corners: np.ndarray, region: Index
) -> np.ndarray:
    """Return the pixels of a line that was drawn in the plane in view.

    Parameters
    ----------
    viewer, layer
        The viewer, and the objects of an annotation.
    corners
        The line's corners, ``(n, ndim)`` in pixels.
    region
        The part of the layer through which it goes.

    Returns
    -------
    Boolean, of the plane's shape; 1 long along the other axes of the region.
    """
    view = plane_in_view(viewer, layer)
    sides = zip(view, region, strict=True)
    places = tuple(
        np.newaxis if isinstance(seen, int) else slice(None)
        for seen, part in sides
        if isinstance(part, slice)
    )
    return rasterized(corners, layer.data.shape, view)[places]


def check_flat(viewer: ViewerModel, layer: Labels) -> None:
    """Refuse a view of a stack that is no plane along Y and X.

    Raises
    ------
    UserError
        If the axes are rolled, or the stack is shown in 3D.
    """
    channel = channel_axis(layer)
    axes = [axis for axis in range(layer.ndim) if axis != channel]
    view = other_view(viewer, layer, axes[-2:]) if len(axes) > 2 else ""
    if view:
        raise UserError(f"Training rectangles lie in planes along Y and X, and {view} first.")


def hidden_axes(layer: Labels, region: Sequence[int | slice]) -> list[int]:
    """Return along which axes a region is one plane of several."""
    channel = channel_axis(layer)
    planes = [axis for axis, part in enumerate(region) if isinstance(part, int)]
    return [axis for axis in planes if axis != channel]


def _interpolated(labels: np.ndarray, numbers: Sequence[int], axis: int) -> np.ndarray:
    return edit.interpolate(labels, numbers[0], axis)
