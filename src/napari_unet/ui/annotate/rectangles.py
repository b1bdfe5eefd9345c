"""Training rectangles: from shapes in the viewer to pixels, and over whole planes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from napari.layers import Shapes

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import place_in_layer, place_in_pixels
from napari_unet.ui.layers.geometry import corners_of


def boxes_of(rectangles: Shapes, shape: Sequence[int], channel: int | None = None) -> np.ndarray:
    """Return the pixels whose centres lie in rectangles.

    Parameters
    ----------
    rectangles
        A layer of rectangles; in a stack they lie in a plane.
    shape
        Shape of the image in which they lie, without channels; what reaches out of it is cut off.
    channel
        Which axis of the layer stands for channels; None if none does.

    Returns
    -------
    Integers ``(n, 2, ndim)``: the first pixel, and the one after the last.
    """
    found = []
    for corners, kind in zip(rectangles.data, rectangles.shape_type, strict=True):
        vertices = place_in_pixels(corners, channel)
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        upright = (np.isclose(vertices, low) | np.isclose(vertices, high)).all()
        if kind != "rectangle" or not upright:
            raise UserError(
                f"“{rectangles.name}” holds a shape that is not an upright rectangle: "
                "delete it and draw a rectangle."
            )
        flat = np.isclose(low, high)
        first = np.where(flat, np.round(low), np.ceil(low))
        after = np.where(flat, first + 1, np.ceil(high))
        first, after = np.clip(first, 0, shape), np.clip(after, 0, shape)
        if (first < after).all():
            found.append((first, after))
    return np.array(found, np.int64).reshape(-1, 2, len(shape))


def add_planes(
    rectangles: Shapes,
    shape: Sequence[int],
    planes: Sequence[Sequence[int]],
    channel: int | None = None,
) -> None:
    """Add a rectangle over each of some planes, unless there is one already.

    Parameters
    ----------
    rectangles
        The layer to which they are added.
    shape
        Shape of the image, without channels.
    planes
        For each plane its index along all axes but the last two.
    channel
        Which axis of the layer stands for channels; None if none does.
    """
    there = {tuple(box.ravel()) for box in boxes_of(rectangles, shape, channel)}
    new = []
    for plane in planes:
        low, high = (*plane, 0, 0), (*(index + 1 for index in plane), *shape[-2:])
        if (*low, *high) not in there:
            new += outlines((low, high))
    if new:
        rectangles.add_rectangles([place_in_layer(each, channel) for each in new])


def outlines(box: Sequence[Sequence[int]]) -> list[np.ndarray]:
    """Return the corners of the rectangles that cover a box, one in each of its planes.

    Parameters
    ----------
    box
        The first pixel, and the one after the last.
    """
    low, high = (tuple(map(int, end)) for end in box)
    corners = corners_of(low[-2:], high[-2:])
    planes = product(*(range(*ends) for ends in zip(low[:-2], high[:-2], strict=True)))
    return [np.array([(*plane, *corner) for corner in corners], float) for plane in planes]
