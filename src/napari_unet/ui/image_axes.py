"""Which axis of an annotated image is which."""

from __future__ import annotations

from collections.abc import Sequence

from napari.layers import Image

from napari_unet.core.axes import guess_axes
from napari_unet.core.errors import UserError
from napari_unet.ui.layers import full_resolution
from napari_unet.ui.stated import LETTERS, stated_axes


def image_axes(image: Image, shape: tuple[int, ...] | None, name: str = "the result") -> str:
    """Name an image's axes, one letter of TZCYX each.

    Parameters
    ----------
    image
        The image layer.
    shape
        What its annotation's shape is, that is the image's without C; None for any.
    name
        How the annotation is called.

    Raises
    ------
    UserError
        If the shape does not fit the image.
    """
    size = full_resolution(image).shape
    possible = _possible_axes(image, size)
    fitting = [axes for axes in possible if shape in (None, _without(axes, size))]
    if not fitting:
        raise UserError(
            f"“{image.name}” is {_times(size)} pixels and “{name}” "
            f"{_times(shape or ())}: choose one that was made for this image."
        )
    return fitting[0]


def _possible_axes(image: Image, size: tuple[int, ...]) -> list[str]:
    stated = stated_axes(image)
    if stated is not None:
        return [stated]
    if image.ndim > len(LETTERS):
        raise UserError(
            f"“{image.name}” has {image.ndim} axes: say under Axes what each of them is, or choose "
            "a part of it."
        )
    if image.rgb:
        return [LETTERS[-image.ndim :] + "C"]
    others = LETTERS[-(len(size) - 1) :]
    with_channel = [others[:axis] + "C" + others[axis:] for axis in range(len(size))]
    return [guess_axes(size, 2, 1), LETTERS[-len(size) :], *with_channel]


def _without(axes: str, size: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length, letter in zip(size, axes, strict=True) if letter != "C")


def _times(size: Sequence[int]) -> str:
    return " × ".join(map(str, size))
