"""Where an object was deleted there is nothing, which the next training learns from marks."""

from __future__ import annotations

from typing import Any

from napari.layers import Labels

from napari_unet.core.annotation.annotation import BACKGROUND, NOTHING

Pixels = tuple[Any, ...]


def mark_background(marks: Labels | None, pixels: Pixels) -> Pixels | None:
    """Mark pixels as background that have no mark yet.

    Parameters
    ----------
    marks
        The layer of marks of an annotation, if it is there.
    pixels
        Integers ``(pixels,)`` along each axis.

    Returns
    -------
    Those that were marked; None where there is no such layer.
    """
    if marks is None:
        return None
    bare = marks.data[pixels] == NOTHING
    marked = tuple(each[bare] for each in pixels)
    set_marks(marks, marked, BACKGROUND)
    return marked


def set_marks(marks: Labels | None, pixels: Pixels | None, mark: int) -> None:
    """Give pixels a mark; none where there is no layer of marks, or there are no pixels."""
    if marks is not None and pixels is not None:
        marks.data_setitem(pixels, mark)
