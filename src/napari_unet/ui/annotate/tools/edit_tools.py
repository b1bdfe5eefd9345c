"""The corrections that can be made to the objects of an annotation, each one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.layers import Labels

from napari_unet.core.instances import edit
from napari_unet.ui.annotate.tools.protection import without_accepted
from napari_unet.ui.layers.in_view import Index

Free = Callable[[np.ndarray], int]
"""Takes the part of the labels that is looked at anyway, and returns a number no object has."""


@dataclass(frozen=True)
class Tool:
    """A correction of the picked objects.

    Parameters
    ----------
    title
        Its name.
    key
        Its shortcut, as napari writes it.
    tip
        What it does.
    change
        Takes labels, the numbers of the picked objects, and axes that are `apart`.
    kept
        How many of the picked objects are picked afterwards; None for all.
    """

    title: str
    key: str
    tip: str
    change: Callable[..., np.ndarray]
    kept: int | None = None

    @property
    def label(self) -> str:
        """What stands on its button, with its shortcut."""
        return f"{self.title}  ({self.key.replace('-', '+')})"


TOOLS = (
    Tool("Merge", "J", "Join the picked objects: click them one after the other.", edit.merge, 1),
    Tool("Delete", "D", "Delete the picked objects.", edit.delete, 0),
    Tool("Fill holes", "H", "Fill the holes in the picked objects.", edit.fill_holes),
    Tool("Keep largest", "K", "Delete all but the largest piece of each.", edit.keep_largest),
    Tool("Smooth", "O", "Smooth the outlines of the picked objects.", edit.smooth),
    Tool("Grow", "G", "Let the picked objects grow by one pixel.", edit.grow),
    Tool("Shrink", "Shift-G", "Shrink the picked objects by one pixel.", edit.shrink),
)


def edit_objects(
    layer: Labels,
    region: Index,
    numbers: Sequence[int],
    change: Callable[[np.ndarray, Sequence[int]], np.ndarray],
) -> None:
    """Change objects, looking at their surroundings only.

    Parameters
    ----------
    layer
        The objects.
    region
        The plane, or the whole array, in which they are changed.
    numbers
        The objects.
    change
        Takes labels and their numbers, and returns the new labels.
    """
    box = edit.surroundings(layer.data[region], numbers)
    part = within(region, box)
    write(layer, part, change(layer.data[part], numbers))


def split_objects(
    layer: Labels, region: Index, numbers: Sequence[int], line: np.ndarray, free: Free
) -> dict[int, int]:
    """Split objects along a line.

    Parameters
    ----------
    layer, region
        As in `edit_objects`.
    numbers
        The objects that may be split.
    line
        True on the line; of the region's shape, or 1 long along axes through which it goes.
    free
        Returns the first number for new objects.

    Returns
    -------
    For each new object the one of which it was a part.

    Raises
    ------
    UserError
        If the line parts none of the objects.
    """
    box = edit.surroundings(layer.data[region], numbers)
    part = within(region, box)
    line = np.broadcast_to(line, layer.data[region].shape)[box]
    before, first = layer.data[part].copy(), free(layer.data[part])
    parted = edit.split(before, numbers, line, first)
    write(layer, part, parted)
    new = range(first, int(parted.max()) + 1)
    return {number: int(before[parted == number][0]) for number in new}


def write(layer: Labels, region: Index, labels: np.ndarray) -> None:
    """Write labels into a part of a layer, as one step that napari can undo.

    Raises
    ------
    UserError
        If nothing but accepted objects would change; of others these stay as they are.
    """
    labels = without_accepted(layer, layer.data[region], labels)
    changed = np.nonzero(layer.data[region] != labels)
    if not changed[0].size:
        return
    found = iter(changed)
    indices: list[Any] = [
        np.full(changed[0].size, part) if isinstance(part, int) else next(found) + (part.start or 0)
        for part in region
    ]
    with layer.block_history():
        layer.data_setitem(tuple(indices), labels[changed])


def within(region: Index, box: Sequence[slice]) -> Index:
    """Return a part of a region, given by a slice along each axis that the region has."""
    parts = iter(box)
    return tuple(part if isinstance(part, int) else next(parts) for part in region)
