"""Objects of neighbouring planes and frames made one, from tables and not from pixels.

The tables of overlaps are counted block by block and added up; what they give is what
`napari_unet.core.instances.link.link` gives for the whole image.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.instances.link import joined, partners
from napari_unet.core.instances.overlaps import Overlaps, overlap_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.scale.large.context import JobContext
    from napari_unet.scale.large.folder import Task

    Found = Mapping[str, Any]
    Longs = NDArray[np.int64]


def _next(context: JobContext, plane: int, letter: str) -> int | None:
    """Return the plane after one, along an axis."""
    position = list(np.unravel_index(plane, context.planes.lead))
    axis = context.planes.axes.index(letter)
    position[axis] += 1
    if position[axis] == context.planes.lead[axis]:
        return None
    return int(np.ravel_multi_index(position, context.planes.lead))


def count_overlaps(context: JobContext, task: Task, _: Found) -> Found:
    """Count how objects of one block and of the same block in the next planes overlap."""
    tables = {}
    for letter in context.linked:
        after = _next(context, task.plane, letter)
        if after is not None:
            pair = (context.objects(plane, task.block) for plane in (task.plane, after))
            table = overlap_table(*pair)
            tables[letter] = np.stack([table.first, table.second, table.shared])
    context.save_overlaps(task.plane, task.block, tables)
    return {}


def link_planes(context: JobContext, _: Task, needs: Found) -> Found:
    """Find which objects of all planes are one; return the number of ``objects`` left.

    Where they are followed through time, also how many are in a frame that has a next one
    (``frames``), and how many of them go on (``kept``).
    """
    before: list[int] = needs["before"]
    number, counts = np.arange(before[-1] + 1), dict[str, int]()
    for letter in context.linked:
        tables = [_moved(table, number) for table in _tables(context, letter, before)]
        pairs = [partners(table, context.link.overlap) for table in tables]
        if letter == "T":
            counts["kept"] = sum(map(len, pairs))
            counts["frames"] = sum(len(np.unique(each.first[each.first > 0])) for each in tables)
        number = joined(pairs, int(number.max())).astype(np.int64).take(number)
    first, which = np.unique(number[1:], return_index=True, return_inverse=True)[1:]
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(1, len(first) + 1)
    context.save_linked(np.append(np.int64(0), rank.take(which)))
    return {"objects": len(first), **counts}


def _tables(context: JobContext, letter: str, before: Sequence[int]) -> list[Overlaps]:
    """Return a table for each two neighbouring slices of the image across an axis."""
    axis = context.planes.axes.index(letter)
    slices: list[list[Longs]] = [[] for _ in range(context.planes.lead[axis] - 1)]
    for plane in range(len(context.planes)):
        after = _next(context, plane, letter)
        if after is not None:
            index = int(np.unravel_index(plane, context.planes.lead)[axis])
            for block in range(len(context.grid)):
                first, second, shared = context.read_overlaps(plane, block, letter)
                first[first > 0] += before[plane]
                second[second > 0] += before[after]
                slices[index].append(np.stack([first, second, shared]))
    return [Overlaps(*np.concatenate(tables, axis=1)) for tables in slices]


def _moved(table: Overlaps, number: Longs) -> Overlaps:
    """Return a table for other numbers, each pair once."""
    nothing = np.zeros(0, np.int64)
    moved = Overlaps(number.take(table.first), number.take(table.second), table.shared)
    return moved + Overlaps(nothing, nothing, nothing)
