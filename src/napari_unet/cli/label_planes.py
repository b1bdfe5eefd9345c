"""Label images cut into the planes or volumes that are taken on their own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError, called
from napari_unet.core.image.axes import (
    SPATIAL,
    check_count,
    check_letters,
    check_spatial,
    guess_axes,
)
from napari_unet.core.image.planes import arrange
from napari_unet.core.instances.link import depth_doubt
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.labels import coloured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_unet.core.image.planes import Planes
    from napari_unet.io.picture import Picture


@dataclass(frozen=True)
class LabelPlanes:
    """The planes or volumes of a label image, one after the other.

    Parameters
    ----------
    planes
        The labels as planes of one channel.
    axes
        One letter of T, Z, Y, X per axis of ``lead + spatial``.
    """

    planes: Planes
    axes: str

    @property
    def lead(self) -> tuple[int, ...]:
        """Sizes of the axes along which planes are taken."""
        return self.planes.lead

    @property
    def spatial(self) -> tuple[int, ...]:
        """Size of a plane or volume."""
        return self.planes.spatial

    def __iter__(self) -> Iterator[NDArray[np.integer]]:
        return (plane[0] for plane in self.planes)


def dimensions(picture: Picture) -> int:
    """Return 2 for planes and 3 for volumes: what the file says, else what the shape suggests."""
    deep = "Z" in picture.axes if picture.axes else picture.data.ndim > 2
    return 3 if deep else 2


def refuse_other_axes(labels: Picture, other: Picture) -> None:
    """Refuse what lies on each other where both files name their axes, and not the same ones.

    Axes of time and depth that have length 1 are none, and nor is one of channels.

    Raises
    ------
    UserError
        If as many axes have other names, in whatever order.
    """
    one, two = _named(labels), _named(other)
    if one and two and len(one) == len(two) and set(one) != set(two):
        raise UserError(
            f"The axes of {labels.name} are {one} and those of {other.name} are {two}, as their "
            f"files say: say which holds for both, with --axes {one} or --axes {two}."
        )


def renamed(picture: Picture, axes: str) -> Picture:
    """Return labels with the axes that somebody gives, whatever their file says.

    Raises
    ------
    UserError
        If these are no axes, or not as many as the labels have.
    """
    check_letters(axes)
    check_count(axes, picture.data.shape)
    if picture.axes is None:
        return replace(picture, axes=axes)
    return picture.asked(SegmentRequest(), axes)


def plain_axes(given: str | None) -> str:
    """Return the axes of labels of an image with these axes; nothing where none are given."""
    return (given or "").upper().replace("C", "")


def given_axes(
    labels: Picture, picture: Picture | None, given: str | None
) -> tuple[Picture, Picture | None]:
    """Return labels that tell no axes or other ones, and the image, with axes that are given.

    Parameters
    ----------
    labels, picture
        The labels, and the image that they are of; None for none.
    given
        One letter of T, Z, C, Y, X per axis of the image; None where they are not given.

    Raises
    ------
    UserError
        If these are no axes, or fit neither labels nor image.
    """
    if not given:
        return labels, picture
    axes, plain = given.upper(), plain_axes(given)
    check_letters(axes)
    count = len(plain) == labels.data.ndim
    other = labels.axes is not None and count and set(labels.axes) != set(plain)
    meant = other or (labels.axes is None and (picture is None or count))
    if meant:
        labels = renamed(labels, plain)
    elif picture is None:
        check_count(plain, labels.data.shape)
    if picture is not None and not (meant and len(axes) != picture.data.ndim):
        check_count(axes, picture.data.shape)
        picture = replace(picture, axes=axes)
    return labels, picture


def guess_doubt(axes: str, shape: Sequence[int]) -> list[str]:
    """Return what `depth_doubt` says of guessed axes of labels, with the flag that settles it."""
    return [called(told, "--axes") for told in filter(None, [depth_doubt(axes, shape)])]


def _named(picture: Picture) -> str:
    if picture.counted:
        return ""
    sizes = zip(picture.axes or "", picture.data.shape, strict=False)
    return "".join(axis for axis, size in sizes if axis != "C" and (size != 1 or axis not in "TZ"))


def label_planes(picture: Picture, ndim: int | None) -> LabelPlanes:
    """Cut labels into planes or volumes.

    Parameters
    ----------
    picture
        The labels.
    ndim
        2 for planes, 3 for volumes, None for `dimensions`.

    Raises
    ------
    UserError
        If the labels do not have that many spatial axes, or are a colour picture.
    """
    if picture.data.ndim < 2:
        raise UserError(
            f"A label image needs at least two axes, but this one has {picture.data.ndim}: "
            "choose a picture or a stack of pictures."
        )
    ndim = ndim or dimensions(picture)
    axes = picture.axes or guess_axes(picture.data.shape, ndim, 1)
    if "C" in axes:
        raise coloured("The label image")
    check_spatial(axes, ndim, "The label image")
    planes = arrange(picture.data, axes, ndim, 1)
    lead = "".join(axis for axis in axes if axis not in SPATIAL[ndim])
    return LabelPlanes(planes, lead + SPATIAL[ndim])
