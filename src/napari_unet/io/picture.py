"""What a file gives: the array, and what is known about its axes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.channels import Channel
from napari_unet.core.image.planes import exchanged
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.segment_request import SegmentRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_OTHER_SIZE = (
    "The file says that a pixel is {}, but {} was asked for and is taken: give no size where the "
    "file is right."
)
_NO_DEPTH = "The image has no Z axis: the first of the three pixel sizes, along Z, does not count."


@dataclass(frozen=True)
class Picture:
    """An image or a label image as it was read.

    Parameters
    ----------
    data
        The array, in the file's own dtype and axis order: numpy, or lazy where it is large.
    axes
        One letter of T, Z, C, Y, X per array axis; None where the file does not say.
    spacing
        Size of a pixel along each of the array's Z, Y and X axes, in the array's order; None
        where the file does not say it of each of them.
    unit
        Unit of the spacing: ``"µm"``, or ``"px"`` where there is none.
    name
        The file's name without its ending.
    levels
        The arrays of a pyramid that is read part by part, the finest first; empty for an image
        in memory.
    origin
        Place of the first pixel along the axes of `spacing`, in `unit`; None where the file does
        not say.
    labels
        Whether the file says that its numbers are labels.
    negative
        Whether the file says that the lowest number is white, so that an image is to be turned
        round.
    signed
        Whether the file says that its numbers from 0 on mean grey values from -32,768 on.
    partial
        Size of a pixel in µm along Y and X, where the file does not say that along Z.
    notes
        A sentence for each thing in the file that is not read.
    channels
        What the file says of the channels, in their order; empty where it says nothing.
    coloured
        Whether the file says that the channels are the red, green and blue of one picture.
    open_ended
        Whether the file holds outlines and not how large the image is: then the array ends with
        the last object.
    counted
        Whether planes are counted through the channels, planes and frames of an image, as ImageJ
        counts them, and that image is not known.
    redrawn
        Draws the labels again for an image with these numbers of pixels, by axis letter; None
        where these change nothing.
    single
        Axes of time and depth of length 1 that were left away.
    file
        Where it was read from; None for nowhere.
    kinds
        Name of the class of each object, by its number; empty where there are no classes.
    step
        Seconds from one frame to the next; None where the file does not say.
    """

    data: Any
    axes: str | None = None
    spacing: tuple[float, ...] | None = None
    unit: str = "px"
    name: str = ""
    levels: tuple[Any, ...] = ()
    origin: tuple[float, ...] | None = None
    labels: bool = False
    negative: bool = False
    signed: bool = False
    partial: Spacing = Spacing()
    notes: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    coloured: bool = False
    open_ended: bool = False
    counted: bool = False
    redrawn: Callable[[Mapping[str, int]], Picture] | None = None
    single: str = ""
    file: Path | None = None
    kinds: Mapping[int, str] = field(default_factory=dict)
    step: float | None = None

    @property
    def pixel(self) -> Spacing:
        """Size of a pixel in `unit` by axis letter; nothing where the axes are not known."""
        return (Spacing.along(self.axes, self.spacing) if self.axes else None) or self.partial

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What the file calls the channels; nothing where it does not tell all of them apart."""
        names = tuple(channel.name for channel in self.channels)
        sizes = dict(zip(self.axes or "", self.data.shape, strict=False))
        told = all(names) and len(set(names)) == len(names) == sizes.get("C", 1)
        return names if told else ()

    @property
    def grid(self) -> Spacing:
        """What files that are written of it say: size of a pixel in `unit`, and T in seconds."""
        return self.pixel.timed(self.step)

    def asked(self, request: SegmentRequest, axes: str) -> Self:
        """Return the picture as a request takes it.

        Parameters
        ----------
        request
            Its pixel size counts before that of the file; where they differ, a note tells it.
        axes
            One letter of T, Z, C, Y, X per array axis, whatever the file says of them.

        Raises
        ------
        UserError
            If the request's pixel size is not that of an image with these axes.
        """
        axes = axes.upper()
        own = self._renamed(axes, self.pixel)
        sized = replace(self, axes=axes, spacing=own.of(axes), partial=own, origin=None)
        if own.of(axes):
            start = Spacing.along(self.axes or "", self.origin)
            sized = replace(sized, origin=self._renamed(axes, start).of(axes))
        given = request.pixel(axes)
        taken = sized.sized(given)
        notes = (_NO_DEPTH,) * ("Z" in given.sizes and "Z" not in axes)
        return replace(taken, notes=taken.notes + notes)

    def sized(self, given: Spacing) -> Self:
        """Return a picture with axes as if its file said a pixel size in µm.

        Parameters
        ----------
        given
            What it does not know of Z, Y and X stays as it is; where the file says something
            else, a note tells it.
        """
        own, axes = self.pixel, self.axes or ""
        given = Spacing.along(axes, given.listed(axes))
        size = Spacing({**own.sizes, **given.sizes})
        notes = (_OTHER_SIZE.format(own.in_words("µm"), given.in_words("µm")),)
        return replace(
            self,
            spacing=size.of(axes),
            partial=size,
            unit="µm" if size else "px",
            notes=self.notes + notes * own.differs(given),
        )

    def request(self, asked: SegmentRequest) -> SegmentRequest:
        """Return a request that also says what the picture's file does of axes and pixels."""
        axes = asked.axes or self.axes
        if axes is None:
            return asked
        return asked.replace(axes=axes, spacing=self.asked(asked, axes).pixel.listed(axes))

    def without_single(self) -> Self:
        """Return the picture without axes of time and depth that have length 1, if it has axes.

        What was read part by part has no levels any more.
        """
        if self.axes is None:
            return self
        sizes = zip(self.axes, self.data.shape, strict=True)
        kept = "".join(letter for letter, size in sizes if size != 1 or letter not in "TZ")
        if kept == self.axes:
            return self
        shape = [self.data.shape[self.axes.index(letter)] for letter in kept]
        single = "".join(letter for letter in self.axes if letter not in kept)
        return replace(self._laid(np.reshape(self.data, shape), kept), single=single)

    def along(self, axes: str | None) -> Self:
        """Return the picture with its axes in another order; as it is if these are not its own.

        Parameters
        ----------
        axes
            One letter of T, Z, C, Y, X per array axis, in the order that is wanted, such as those
            of a picture that shall lie on this one; None where it does not say them.
        """
        if not axes or not self.axes or sorted(axes) != sorted(self.axes):
            return self
        order = tuple(self.axes.index(letter) for letter in axes)
        return self if axes == self.axes else self._laid(np.transpose(self.data, order), axes)

    def colours_last(self) -> Self:
        """Return a picture that is `coloured` with its colours last; any other as it is."""
        return self.along(f"{self.axes.replace('C', '')}C") if self.coloured and self.axes else self

    def named_like(self, other: Picture) -> Self:
        """Return labels that do not say their axes with those of others of the same shape."""
        same = self.axes is None and self.data.shape == other.data.shape
        return replace(self, axes=other.axes) if same else self

    def _laid(self, data: Any, axes: str) -> Self:
        """Return the picture with its pixels along some of its axes, in memory."""
        origin = Spacing.along(self.axes or "", self.origin).of(axes)
        spacing = self.pixel.of(axes)
        return replace(self, data=data, axes=axes, spacing=spacing, levels=(), origin=origin)

    def fitted(self, other: Picture) -> Self:
        """Return labels that are open-ended with the size of another picture.

        Parameters
        ----------
        other
            The image that they are of, or other labels of it.

        Raises
        ------
        UserError
            If objects lie outside of it.
        """
        if not self.open_ended:
            return self
        own = self._redrawn_for(other)._on_planes(other)
        own = replace(own, counted=False, redrawn=None)
        axes = own.axes or ""
        sizes = dict(zip(other.axes or "", other.data.shape, strict=bool(other.axes)))
        shape = tuple(sizes.get(letter, 1) for letter in axes) if sizes else other.data.shape
        if len(shape) != own.data.ndim:
            return own
        missing = [size - had for size, had in zip(shape, own.data.shape, strict=True)]
        if min(missing) < 0 and not other.open_ended:
            along = f" along {', '.join(axes)}" if len(axes) > len("YX") else ""
            raise UserError(
                f"Objects of {self.name} reach as far as {own.data.shape} pixels{along}, and the "
                f"image ends at {shape}: give the image that they were drawn on."
            )
        return replace(own, data=np.pad(own.data, [(0, max(0, each)) for each in missing]))

    def _redrawn_for(self, other: Picture) -> Self:
        """Return labels that are `redrawn` for another picture, whose axes may not be known."""
        axes = other.axes or (self.axes or "") * (self.data.ndim == other.data.ndim)
        if self.redrawn is None or not axes:
            return self
        # colours are one plane for ImageJ, and stand last
        drawn = self.redrawn(dict(zip(axes.removesuffix("C"), other.data.shape, strict=False)))
        return replace(self, data=drawn.data, axes=drawn.axes).without_single()

    def _on_planes(self, other: Picture) -> Self:
        """Return labels that are open-ended with the axes of time and depth of another picture.

        Programs take these two for each other. What lies in the first plane has no axis for it.
        """
        sizes = dict(zip(other.axes or "", other.data.shape, strict=bool(other.axes)))
        there = "".join(letter for letter in sizes if letter in "TZ" and sizes[letter] > 1)
        axes = self.axes or ""
        own = "".join(letter for letter in axes if letter in "TZ")
        if len(own) == len(there) == 1:
            return replace(self, axes=axes.replace(own, there))
        if not own and not self.single:
            return self
        new = "".join(letter for letter in there if letter not in own)
        data = np.reshape(self.data, (1,) * len(new) + self.data.shape)
        return self._laid(data, new + axes).along((other.axes or "").replace("C", ""))

    def _renamed(self, axes: str, stated: Spacing) -> Spacing:
        """Return sizes along the array's own axes under the letters that others give to these."""
        if self.axes is None:  # what a file says by letter
            return Spacing.along(axes, stated)
        pairs = zip(axes, self.axes, strict=False)
        sizes = stated.sizes
        return Spacing({letter: sizes[own] for letter, own in pairs if own in sizes})

    def as_meant(self) -> Self:
        """Return the picture with the grey values that its file means; lazy data stay lazy.

        The highest number is white.
        """
        meant = replace(self._changed(exchanged), negative=False) if self.negative else self
        return replace(meant._changed(below_zero), signed=False) if meant.signed else meant

    def _changed(self, change: Callable[[Any], Any]) -> Self:
        levels = tuple(map(change, self.levels))
        return replace(self, data=levels[0] if levels else change(self.data), levels=levels)

    def loaded(self) -> Self:
        """Return the picture with all of its data in memory."""
        return replace(self, data=np.asarray(self.data), levels=())


def plane_doubt(labels: Picture) -> list[str]:
    """Return a sentence where labels are `counted` through planes of an image that nobody gave."""
    if not labels.counted:
        return []
    return [
        "Outlines only say which plane of the whole stack they lie on, which is taken for depth: "
        "if the stack has channels or frames, they are right only where its image is given, too."
    ]


def below_zero(values: Any) -> Any:
    """Return unsigned 16 bits as ImageJ means signed ones, of a numpy or a dask array."""
    return (values ^ 2**15).astype(np.int16)


def check_colours(file: str, kind: str | None) -> None:
    """Refuse colours of which a higher number does not mean more light.

    Parameters
    ----------
    file
        The file's name.
    kind
        What they are instead of red, green and blue, such as ``"CMYK"``; None for nothing else.

    Raises
    ------
    UserError
        If they are something else.
    """
    if kind is not None:
        raise UserError(
            f"The colours of {file} are kept as {kind}, not as red, green and blue: save it as RGB."
        )


def numbered(kinds: Mapping[int, str], names: Sequence[str]) -> dict[int, int]:
    """Return the number of each object's class, of names that count from 1 on.

    Parameters
    ----------
    kinds
        Name of the class of each object, by its number.
    names
        Of all classes.
    """
    numbers = {name: number for number, name in enumerate(names, 1)}
    return {label: numbers[kind] for label, kind in kinds.items()}
