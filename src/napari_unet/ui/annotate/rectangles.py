"""Training rectangles: from shapes in the viewer to pixels, and over whole planes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from napari.layers import Labels, Shapes

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.channel_axis import (
    channel_axis,
    pixels_in,
    place_in_layer,
    place_in_pixels,
)
from napari_unet.ui.layers.geometry import corners_of, placed, places_seen


def corners_in(rectangles: Shapes, objects: Labels) -> list[tuple[np.ndarray, str]]:
    """Return the corners of shapes in pixels of the objects, and each shape's type.

    They are where they are seen, also where one of the layers was moved.
    """
    channel, one, other = channel_axis(objects), placed(rectangles), placed(objects)
    return [
        (place_in_pixels(places_seen(np.asarray(corners), one, other), channel), kind)
        for corners, kind in zip(rectangles.data, rectangles.shape_type, strict=True)
    ]


def boxes_of(rectangles: Shapes, objects: Labels) -> np.ndarray:
    """Return the pixels whose centres lie in rectangles.

    Parameters
    ----------
    rectangles
        A layer of rectangles; in a stack they lie in a plane.
    objects
        The objects of the annotation; what reaches out of their image is cut off.

    Returns
    -------
    Integers ``(n, 2, ndim)``: the first pixel, and the one after the last.
    """
    found, shape = [], pixels_in(objects).shape
    for vertices, kind in corners_in(rectangles, objects):
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        upright = (np.isclose(vertices, low) | np.isclose(vertices, high)).all()
        if kind != "rectangle" or not upright:
            raise UserError(
                f"“{rectangles.name}” holds a shape that is not an upright rectangle: "
                "delete it and draw a rectangle."
            )
        flat = np.isclose(low, high)
        if not flat[:-2].all():
            raise UserError(
                f"“{rectangles.name}” holds a rectangle that was drawn through planes: delete it, "
                "and draw one in a plane along Y and X."
            )
        first = np.where(flat, np.round(low), np.ceil(low))
        after = np.where(flat, first + 1, np.ceil(high))
        first, after = np.clip(first, 0, shape), np.clip(after, 0, shape)
        if (first < after).all():
            found.append((first, after))
    return np.array(found, np.int64).reshape(-1, 2, len(shape))


def add_planes(rectangles: Shapes, objects: Labels, planes: Sequence[Sequence[int]]) -> None:
    """Add a rectangle over each of some planes, unless there is one already.

    Parameters
    ----------
    rectangles
        The layer to which they are added.
    objects
        The objects of the annotation.
    planes
        For each plane its index along all axes but the last two.
    """
    channel, shape = channel_axis(objects), pixels_in(objects).shape
    there = {tuple(box.ravel()) for box in boxes_of(rectangles, objects)}
    new = []
    for plane in planes:
        low, high = (*plane, 0, 0), (*(index + 1 for index in plane), *shape[-2:])
        if (*low, *high) not in there:
            new += outlines((low, high))
    if new:
        one, other = placed(objects), placed(rectangles)
        rectangles.add_rectangles(
            [places_seen(place_in_layer(each, channel), one, other) for each in new]
        )


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
