"""An image as planes or volumes of the axes that a network sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL, check_axes, guess_axes
from napari_unet.core.image.tiles import Region


def exchanged(values: Any) -> Any:
    """Return grey values with dark and bright exchanged, of a numpy or a dask array.

    Unsigned integers of four bytes and more become float64 below 0: turned round in their own
    range, all of an image would lie where float32 knows only steps of hundreds.
    """
    if values.dtype.kind == "u" and values.dtype.itemsize > 2:
        return -values.astype(np.float64)
    return -values if values.dtype.kind == "f" else ~values


@dataclass(frozen=True)
class PlaneView:
    """One plane of an image as an array ``(C, *spatial)`` that is read when it is cut."""

    planes: Planes
    index: int

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels, which nobody asks for, and the plane's size."""
        return (0, *self.planes.spatial)

    def __getitem__(self, where: tuple[slice, ...]) -> NDArray[Any]:
        region: Region = tuple((cut.start, cut.stop) for cut in where[1:])
        return self.planes.window(self.index, region)


@dataclass(frozen=True)
class Planes:
    """An image as a sequence of what a network takes, read only when asked for.

    Parameters
    ----------
    image
        numpy, dask or zarr array.
    order
        Its axes: leading ones, channel (or -1 where there is none), spatial ones.
    lead
        Sizes of the leading axes.
    axes
        Letters of the leading and the spatial axes, such as ``"TYX"``.
    chosen
        Which channels to take, in this order; empty for all.
    inverted
        Whether dark and bright are exchanged.
    told
        A sentence where the channels were not chosen by anybody; otherwise nothing.
    """

    image: Any
    order: tuple[int, ...]
    lead: tuple[int, ...]
    axes: str
    chosen: tuple[int, ...] = ()
    inverted: bool = False
    told: str = ""

    @property
    def spatial(self) -> tuple[int, ...]:
        """Sizes of the spatial axes."""
        return tuple(self.image.shape[axis] for axis in self.order[len(self.lead) + 1 :])

    @property
    def original(self) -> Planes:
        """The image as it came, from which the limits of its grey values are taken."""
        return self

    @property
    def by(self) -> tuple[float, ...]:
        """Pixels per pixel of the image as it came, along each spatial axis."""
        pairs = zip(self.spatial, self.original.spatial, strict=True)
        return tuple(size / came for size, came in pairs)

    def led_by(self, axes: str) -> Self:
        """Return the same planes one after the other in the order of other leading axes.

        Parameters
        ----------
        axes
            As of `Planes`; if these are not the same in another order, the planes stay as they are.
        """
        count = len(self.lead)
        if axes == self.axes or sorted(axes[:count]) != sorted(self.axes[:count]):
            return self
        turn = [self.axes.index(letter) for letter in axes[:count]]
        order = (*(self.order[axis] for axis in turn), *self.order[count:])
        lead = tuple(self.lead[axis] for axis in turn)
        return replace(self, order=order, lead=lead, axes=axes[:count] + self.axes[count:])

    def __len__(self) -> int:
        return prod(self.lead)

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> NDArray[Any]:
        """Return one plane, ``(C, *spatial)``, in memory."""
        return self.window(index, tuple((0, size) for size in self.spatial))

    def window(self, index: int, region: Region) -> NDArray[Any]:
        """Read a part of one plane, and only that.

        Parameters
        ----------
        index
            Number of the plane.
        region
            Start and stop per spatial axis, inside the plane.

        Returns
        -------
        ``(C, *region)`` in the image's dtype, or in that of `exchanged`.

        Raises
        ------
        UserError
            If a lazy array cannot be read; the sentence names the place.
        """
        if not 0 <= index < len(self):
            raise IndexError(index)
        try:
            parts = [self._read(index, region, channels) for channels in self._runs()]
        except (UserError, MemoryError):
            raise
        except Exception as error:  # whatever reads a lazy array may raise what it likes
            if isinstance(self.image, np.ndarray):
                raise
            raise UserError(self._unreadable(index, region, error)) from error
        part = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if self.inverted:
            part = exchanged(part)
        return part

    def _runs(self) -> list[slice]:
        """Return the chosen channels, in one piece where they follow each other."""
        if not self.chosen:
            return [slice(None)]
        first, last = self.chosen[0], self.chosen[-1]
        if self.chosen == tuple(range(first, last + 1)):
            return [slice(first, last + 1)]
        return [slice(channel, channel + 1) for channel in self.chosen]

    def _read(self, index: int, region: Region, channels: slice) -> NDArray[Any]:
        count = len(self.lead)
        lead = [int(position) for position in np.unravel_index(index, self.lead)] if count else []
        spatial = [slice(*interval) for interval in region]
        where = dict(zip(self.order, [*lead, channels, *spatial], strict=True))
        part = np.asarray(self.image[tuple(where[axis] for axis in range(len(self.image.shape)))])
        kept = [axis for axis in self.order[count:] if axis >= 0]
        part = part.transpose([sorted(kept).index(axis) for axis in kept])
        return part if self.order[count] >= 0 else part[np.newaxis]

    def _unreadable(self, index: int, region: Region, error: Exception) -> str:
        places = [f"plane {index}"] if self.lead else []
        spatial = self.axes[len(self.lead) :]
        places += [
            f"{letter} {start} to {stop - 1}"
            for letter, (start, stop) in zip(spatial, region, strict=True)
        ]
        reason = str(error).partition("\n")[0] or type(error).__name__
        return (
            f"The image cannot be read at {', '.join(places)} ({reason}): "
            "copy or write it again, or choose another part."
        )


def arrange(
    image: Any,
    axes: str | None,
    ndim: int,
    channels: int,
    chosen: Sequence[int] = (),
    *,
    inverted: bool = False,
) -> Planes:
    """Cut an image into planes for a network.

    Parameters
    ----------
    image
        numpy, dask or zarr array.
    axes
        One letter of TZCYX per array axis, or None to guess.
    ndim
        Number of spatial axes of the network, 2 or 3.
    channels
        Number of channels that it takes.
    chosen
        Which of the image's channels go into it, in this order, counted from 0; empty for all.
    inverted
        Whether dark and bright are exchanged.

    Raises
    ------
    UserError
        If the axes do not fit the array or the channels do not fit the network.
    """
    shape = tuple(image.shape)
    axes = (axes or guess_axes(shape, ndim, channels)).upper()
    check_axes(axes, shape, ndim, channels, chosen)
    spatial = SPATIAL[ndim]
    lead = [axis for axis, letter in enumerate(axes) if letter not in spatial + "C"]
    order = (*lead, axes.find("C"), *(axes.index(letter) for letter in spatial))
    letters = "".join(axes[axis] for axis in lead) + spatial
    sizes = tuple(shape[axis] for axis in lead)
    return Planes(image, order, sizes, letters, tuple(chosen), inverted)
