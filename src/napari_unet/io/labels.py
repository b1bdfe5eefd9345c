"""Labels from files, as other programs save them, as one whole number per pixel."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import FORESEEN, UserError
from napari_unet.core.image.axes import COLOUR, STACK, guess_axes
from napari_unet.core.instances.labels import whole
from napari_unet.core.instances.masks import are_masks
from napari_unet.io.listing import JPEG, is_drawn
from napari_unet.io.read import read_label_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from napari_unet.io.picture import Picture


def read_labels(path: str | Path, axes: str = "") -> Picture:
    """Read a label image.

    Of a picture with a palette these are the numbers of its colours; equal channels are one
    number; decimal numbers that are whole become integers.

    Parameters
    ----------
    path
        As for `read_label_image`.
    axes
        One letter per axis of the labels, to tell planes from colours where the file does not;
        of another number they do not count.

    Returns
    -------
    The labels in memory, without a channel axis, and without axes of time and depth that have
    length 1. What they hold is not looked at: there may be negative numbers, or decimal ones.

    Raises
    ------
    UserError
        If the file cannot be read, is in colour, has several channels, no pixels, or is a JPEG.
    """
    path = Path(path)
    if path.suffix.lower() in JPEG and not is_drawn(path):
        raise UserError(
            f"{path.name} is a JPEG, which changes numbers: save the labels as PNG or TIFF."
        )
    picture = read_label_image(path).loaded()
    if not picture.data.size:
        raise UserError(f"{path.name} is empty: it has no pixels.")
    grey = _one_channel(picture, path.name, axes)
    return replace(grey, data=whole(grey.data)).without_single()


def are_mask_files(paths: Iterable[Path]) -> bool:
    """Tell whether label images are masks, see `are_masks`; what cannot be read says nothing."""
    return are_masks(_readable(paths))


def coloured(subject: str) -> UserError:
    """Return what is wrong with labels in colour."""
    return UserError(
        f"{subject} is a colour picture, not labels: save one whole number per pixel instead."
    )


def _readable(paths: Iterable[Path]) -> Iterator[NDArray[Any]]:
    for path in paths:
        with suppress(*FORESEEN):
            yield read_labels(path).data


def _one_channel(picture: Picture, name: str, stated: str) -> Picture:
    fits = len(stated) == picture.data.ndim
    axes = picture.axes or (stated if fits else _guessed(picture.data.shape))
    if "C" not in axes:
        return picture
    place = axes.index("C")
    first, *others = np.moveaxis(picture.data, place, 0)
    if not all(np.array_equal(first, other) for other in others):
        if 1 + len(others) in COLOUR:
            raise coloured(name)
        raise UserError(
            f"{name} has {1 + len(others)} channels, but labels have none: save the channel that "
            "holds the labels on its own."
        )
    return replace(picture, data=first, axes=picture.axes and axes.replace("C", ""))


def _guessed(shape: tuple[int, ...]) -> str:
    """Return the axes of an array that does not tell them: only colour stands out."""
    return guess_axes(shape, 2, 1) if len(shape) <= len(STACK) else ""
