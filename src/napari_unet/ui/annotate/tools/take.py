"""Objects that are copied from a result beside the annotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.core.errors import UserError
from napari_unet.core.instances import edit
from napari_unet.ui.annotate.tools.edit_tools import Free, within, write
from napari_unet.ui.layers.arrays import part_of
from napari_unet.ui.layers.below import check_order
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in, with_channel
from napari_unet.ui.layers.in_view import Index, field_of_view
from napari_unet.ui.layers.place_note import tell_place


def take_in_view(
    viewer: ViewerModel, layer: Labels, source: Labels | None, region: Index, free: Free
) -> range:
    """Copy the objects in view of another layer to where nothing is painted.

    Parameters
    ----------
    viewer, layer
        The viewer, and the objects of an annotation.
    source
        The other layer.
    region
        The plane, or the whole array, in which objects are copied.
    free
        Returns the first number for the copies.

    Returns
    -------
    The numbers of the copies.

    Raises
    ------
    UserError
        If there is none, its axes have another order, or all are painted already.
    """
    if source is None:
        raise UserError(
            "Nothing is chosen to take objects from: choose a result or other labels beside Take "
            "from, or segment the image first."
        )
    check_order(layer, source)
    labels = pixels_in(source)
    if labels.shape != pixels_in(layer).shape:
        raise UserError(
            f"“{source.name}” is not of this annotation's size: choose one that was made for this "
            "image."
        )
    tell_place(source, layer)
    labels = with_channel(labels, channel_axis(layer))
    ends = np.array(field_of_view(viewer, layer) or [[0], [None]]).T.tolist()
    numbers = np.unique(np.asarray(part_of(labels, tuple(slice(*each) for each in ends))))
    numbers = numbers[numbers > 0].tolist()
    if not numbers:
        raise UserError(f"“{source.name}” has no object here: move to where one is.")
    return take_objects(layer, region, labels, numbers, free)


def take_objects(
    layer: Labels, region: Index, source: Any, numbers: Sequence[int], free: Free
) -> range:
    """Copy objects of other labels to where nothing is painted.

    Parameters
    ----------
    layer, region
        As in `edit_objects`.
    source
        The other labels, of the layer's shape.
    numbers
        Their objects.
    free
        Returns the first number for the copies.

    Returns
    -------
    The numbers of the copies.

    Raises
    ------
    UserError
        If all are painted already.
    """
    others = np.asarray(part_of(source, region))
    box = edit.surroundings(others, numbers, 0)
    part = within(region, box)
    first = free(layer.data[part])
    taken = edit.take(layer.data[part], others[box], numbers, first)
    write(layer, part, taken)
    return range(first, int(taken.max()) + 1)
