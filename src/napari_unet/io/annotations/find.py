"""The annotation that a folder has of an image, found by its pixels."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.annotations.read import annotated, completed
from napari_unet.io.annotations.tables import Look, read_looks
from napari_unet.io.pairs.names import short_name
from napari_unet.io.pairs.pair import pair_of
from napari_unet.io.picture import below_zero
from napari_unet.io.read import read_image, read_label_image
from napari_unet.storage.names import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_unet.io.pairs.pair import Pair


def find_annotation(
    folder: str | Path,
    name: str,
    image: NDArray[Any],
    others: Sequence[tuple[str, NDArray[Any]]] = (),
) -> tuple[AnnotatedImage, list[Look]]:
    """Read what was saved for an image, under whatever name.

    Parameters
    ----------
    folder
        Laid out as said in `napari_unet.io.annotations`.
    name
        What the image is called; files of that name are looked at first.
    image
        The pixels, which must be the same in the file, if in another order of axes.
    others
        Name and pixels of others whose annotation is this image's, too: those of its channels.

    Returns
    -------
    annotated
        The image with its annotation, its channels first and its other axes as in the image that
        was found.
    looks
        Name and colour of each class from 1 on; empty if they were not saved.

    Raises
    ------
    UserError
        If the folder has no annotation of the image, or it is damaged.
    """
    folder, wanted = Path(folder), [(name, image), *others]
    starts = [saved_name(each) for each, _ in wanted]
    files = sorted((folder / "images").glob("[!.]*.tif"))
    for file in sorted(files, key=lambda file: [not file.stem.startswith(each) for each in starts]):
        pixels = (each for _, each in wanted)
        found = (readings_of(each, permutations(range(each.ndim))) for each in pixels)
        held = held_as(folder, file.stem, (each for every in found for each in every))
        if held is not None:
            pair, kept = held
            looks = read_looks(folder, pair.name)
            return _turned(completed(annotated(pair), folder), np.argsort(kept).tolist()), looks
    raise UserError(
        f"{folder} has no annotation of “{name}” in it: choose the folder in which it was saved."
    )


def saved_name(name: str) -> str:
    """Return what the files of an image are called, where no other image has that name."""
    return short_name(f"{file_name(name, 'image')}.tif")


def held_as(
    folder: Path, name: str, readings: Iterable[tuple[NDArray[Any], tuple[int, ...]]]
) -> tuple[Pair, tuple[int, ...]] | None:
    """Return the image and the objects that a folder has under a name, if it is that image.

    Parameters
    ----------
    readings
        The image with its axes in the orders to look for, as `readings_of` yields it.

    Returns
    -------
    The pair, and which axis of the image each axis of its objects is; None for another image.
    """
    try:
        pixels, objects = (folder / part / f"{name}.tif" for part in ("images", "labels"))
        pair = pair_of(name, read_image(pixels).loaded(), read_label_image(objects).loaded())
    except UserError:
        return None
    fitting = (kept for each, kept in readings if _equal(pair.image, each))
    return next(((pair, kept) for kept in fitting), None)


def readings_of(
    image: NDArray[Any], orders: Iterable[tuple[int, ...]]
) -> Iterator[tuple[NDArray[Any], tuple[int, ...]]]:
    """Yield the image with each axis taken for its channels and put first, and the other axes."""
    for order in orders:
        yield image.transpose(order)[np.newaxis], order
        for channel in order:
            kept = tuple(axis for axis in order if axis != channel)
            yield image.transpose(channel, *kept), kept


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    # signed 16 bits of ImageJ were saved as the numbers in their file once
    if one.dtype == np.uint16 and other.dtype == np.int16:
        one = below_zero(one)
    return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")


def _turned(found: AnnotatedImage, order: Sequence[int]) -> AnnotatedImage:
    """Return an image whose channels are first with its other axes in another order."""
    letters = found.axes[1:]
    turned = "".join(letters[axis] for axis in order)
    return replace(
        found,
        image=found.image.transpose(0, *(axis + 1 for axis in order)),
        axes=f"C{turned}",
        annotation=found.annotation.transposed(order),
        spacing=Spacing.along(letters, found.spacing).listed(turned) or None,
        scale=Spacing.along(letters, found.scale).of(turned),
    )
