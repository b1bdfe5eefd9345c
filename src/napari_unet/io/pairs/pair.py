"""An image and its labels, laid along the same axes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.listing import is_drawn
from napari_unet.io.picture import numbered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_unet.core.image.spacing import Listed
    from napari_unet.io.picture import Picture


@dataclass(frozen=True)
class Pair:
    """An image and its labels.

    Parameters
    ----------
    name
        What both files' names have in common.
    image
        ``(C, *shape of the labels)``, in the file's own dtype.
    labels
        Instances or classes, integer.
    axes
        One letter of T, Z, Y, X per axis of the labels; None where the files do not say.
    spacing
        Size of a pixel along the Z, Y and X axes in µm, as the image's file says or, where it does
        not, that of the labels; None where neither does, of all or of one.
    kinds
        Name of the class of each object, by its number; empty where the file of the labels says
        nothing of classes.
    class_names
        Names of the classes from 1 on, of all that belong together.
    """

    name: str
    image: NDArray[Any]
    labels: NDArray[np.integer]
    axes: str | None
    spacing: Listed | None
    kinds: Mapping[int, str] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()

    @property
    def classes(self) -> dict[int, int]:
        """Number of an object to number of its class."""
        return numbered(self.kinds, self.class_names)


def pair_of(name: str, image: Picture, labels: Picture) -> Pair:
    """Return an image and its labels as a pair, whatever they hold.

    Raises
    ------
    UserError
        If their shapes do not fit.
    """
    named = image.axes and image.axes.replace("C", "")
    if labels.axes is None and named and len(named) == labels.data.ndim:
        labels = replace(labels, axes=named)
    image = image.without_single()
    labels = labels.without_single().fitted(image)
    channels = _channels_first(image, labels)
    axes = labels.axes or (image.axes.replace("C", "") if image.axes else None)
    fits = axes is not None and len(axes) == labels.data.ndim and "C" not in axes
    spacing = _pixel(image, labels).listed(axes) if axes and fits else image.spacing
    kinds, names = labels.kinds, tuple(dict.fromkeys(labels.kinds.values()))
    return Pair(name, channels, labels.data, axes if fits else None, spacing or None, kinds, names)


def _pixel(image: Picture, labels: Picture) -> Spacing:
    """Return the size of a pixel in the image, with what only the labels say of it."""
    one, other = image.pixel, labels.pixel
    return one if one.differs(other) else Spacing({**other.sizes, **one.sizes})


def size_note(image: Picture, labels: Picture, taken: str = "labels") -> tuple[str, ...]:
    """Return a sentence where an image and its labels say different pixel sizes; else nothing.

    Parameters
    ----------
    image, labels
        As their files say.
    taken
        Whose size is taken, ``"image"`` or ``"labels"``.
    """
    one, other = image.pixel, labels.pixel
    if not one.differs(other):
        return ()
    return (
        f"A pixel is {one.in_words('µm')} in the image and {other.in_words('µm')} in its labels: "
        f"that of the {taken} is taken, so put it right if it is the wrong one.",
    )


def _channels_first(image: Picture, labels: Picture) -> NDArray[Any]:
    """Return the image with its channel axis first and the others as they lie in the labels."""
    axes, shape = labels.axes, labels.data.shape
    image = image.along(axes and ("C" + axes if "C" in (image.axes or "") else axes))
    data: NDArray[Any] = image.data
    if _same_letters(image.axes, axes):
        for axis in _channel_places(image, len(shape)):
            first = data[np.newaxis] if axis is None else np.moveaxis(data, axis, 0)
            if first.shape[1:] == shape:
                return first
    raise _misfit(image, labels)


def _same_letters(image: str | None, labels: str | None) -> bool:
    """Return whether axes may be the same; time and depth are often mistaken for each other."""
    one, other = (axes and axes.replace("C", "").replace("T", "Z") for axes in (image, labels))
    return not one or not other or one == other


def _channel_places(image: Picture, ndim: int) -> list[int | None]:
    """Return where an image may have its channels, None for nowhere: where it says they are."""
    if image.axes:
        return [image.axes.index("C") if "C" in image.axes else None]
    return [ndim, 0, 1] if image.data.ndim > max(ndim, 1) else [None]


def _misfit(image: Picture, labels: Picture) -> UserError:
    """Return what is wrong with labels of a shape that an image does not have."""
    own, shape = image.axes or "", labels.data.shape
    axes = f", the axes {own}," if own else ""
    told = f"The image has the shape {image.data.shape}{axes} and its labels {shape}"
    channels = (
        "if these are channels, have the image say so (in Fiji with Stack to Hyperstack)"
        if own and "C" not in own
        else ""
    )
    drawn = labels.file is not None and is_drawn(labels.file)
    if drawn and {"T", "Z"} & set(own) and not {"T", "Z"} & set(labels.axes or ""):
        return UserError(
            f"{told}, as the outlines do not say in which plane they lie: give labels of each "
            "plane, drawn with that plane in view (Fiji and QuPath keep its number then), or the "
            f"plane that they are of as an image of its own{channels and '; or, '}{channels}."
        )
    if channels and image.data.shape[1:] == shape:
        return UserError(f"{told}: give labels of each plane, or, {channels}.")
    return UserError(f"{told}: labels must have the image's shape, without the channels.")
