"""How an image is segmented: the one request of viewer, shell, Python, batch and large images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, ClassVar, Self, TypedDict

from napari_unet.core.config import (
    DecodeConfig,
    GreyConfig,
    LinkConfig,
    ModelConfig,
    SizeConfig,
    TileConfig,
)
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL, check_letters, guess_axes, spatial_in
from napari_unet.core.image.grey_colours import GreyChannel, grey_channel
from napari_unet.core.image.planes import Planes, arrange
from napari_unet.core.image.spacing import Listed, Spacing, check_sizes, misfit
from napari_unet.core.option import Config


@dataclass(frozen=True)
class SegmentRequest(Config):
    """How an image is segmented.

    Parameters
    ----------
    axes
        One of the letters T, Z, C, Y and X per axis of the image, such as ``"CYX"``; None for
        what its file says, or a guess from its shape. A 2D model takes each plane of a stack on
        its own.
    channels
        Which of the image's channels go into the network, in this order, counted from 0; empty
        for all.
    spacing
        Size of a pixel in µm along each of the image's Z, Y and X axes, in the order in which
        they stand in `axes`, or along Z, Y and X, or Y and X, where no axes are given. None for
        an axis of which it is not known, empty for all. It counts before what a file says.
    tiles
        Device, precision, views, and how large images are cut up; the result does not depend on
        the cutting.
    decode
        How objects are made from the network's output; None for the model's own way. The
        smallest size counts pixels that the network saw, so that it suits images of any size.
    size
        Whether the image is brought to the size that the model knows; labels always have the
        size of the image. By itself it is, where objects are clearly larger or smaller.
    grey
        Whether dark and bright are exchanged.
    link
        Which objects of neighbouring planes or frames are one; without it a 2D model's objects are
        joined along Z.

    Raises
    ------
    UserError
        For axes that cannot be, negative channels, or a spacing that is none.
    """

    PARTS: ClassVar = {
        "tiles": TileConfig,
        "decode": DecodeConfig,
        "size": SizeConfig,
        "grey": GreyConfig,
        "link": LinkConfig,
    }

    axes: str | None = None
    channels: tuple[int, ...] = ()
    spacing: Listed = ()
    tiles: TileConfig = TileConfig()
    decode: DecodeConfig | None = None
    size: SizeConfig = SizeConfig()
    grey: GreyConfig = GreyConfig()
    link: LinkConfig = LinkConfig()

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_channels(self.channels)
        check_sizes(self.spacing)
        # any sequence is taken, but equal requests must be equal, also after a way through JSON
        object.__setattr__(self, "channels", tuple(map(int, self.channels)))
        sizes = (None if size is None else float(size) for size in self.spacing)
        object.__setattr__(self, "spacing", tuple(sizes))
        if self.axes is not None:
            _check_axes(self.axes)
            Spacing.along(self.axes, self.spacing)

    @classmethod
    def of(cls, request: Self | None = None, **fields: Any) -> Self:
        """Return a request with some fields changed; those that are None stay as they are."""
        given = {name: value for name, value in fields.items() if value is not None}
        return (request or cls()).replace(**given)

    @property
    def exchanged(self) -> Self:
        """The same with dark and bright exchanged, or not where they are."""
        return self.replace(grey=GreyConfig(invert=not self.grey.invert))

    def pixel(self, axes: str) -> Spacing:
        """Return the size of a pixel, in µm, of an image with some axes.

        Raises
        ------
        UserError
            If it is given, but not along each of their Z, Y and X.
        """
        if not self.spacing:
            return Spacing()
        own = self.axes or SPATIAL[len(self.spacing)]
        given = Spacing.along(own, self.spacing)
        if set(spatial_in(axes)) - set(spatial_in(own)):
            raise misfit(len(self.spacing), axes)
        return given

    def lone_channel(self, image: Any, axes: str, channels: int) -> GreyChannel | None:
        """Return which channel a model looks at where nobody chose any and one holds all there is.

        Parameters
        ----------
        image, axes
            As for `grey_channel`.
        channels
            Number of channels that the model takes.
        """
        return None if self.channels or channels > 1 else grey_channel(image, axes)

    def arranged(self, image: Any, model: ModelConfig) -> tuple[str, Planes]:
        """Return an image's axes, guessed where they are not said, and the planes of a model.

        Where a model of one channel meets a grey image that was saved as a colour image, it looks
        at the channel that holds it all.

        Parameters
        ----------
        image
            A numpy, dask or zarr array of any real dtype.
        model
            What takes the planes.

        Raises
        ------
        UserError
            If the axes or channels do not fit the image or the model.
        """
        ndim, channels = model.ndim, model.in_channels
        axes = self.axes or guess_axes(image.shape, ndim, channels)
        lone = self.lone_channel(image, axes, channels)
        chosen = (lone.number,) if lone else self.channels
        planes = arrange(image, axes, ndim, channels, chosen, inverted=self.grey.invert)
        return axes, replace(planes, told=lone.told if lone else "")


class RequestFields(TypedDict, total=False):
    """The fields of a `SegmentRequest`, as keywords; None for what it is without them."""

    axes: str | None
    channels: Sequence[int] | None
    spacing: Sequence[float | None] | None
    tiles: TileConfig | None
    decode: DecodeConfig | None
    size: SizeConfig | None
    grey: GreyConfig | None
    link: LinkConfig | None


def _check_axes(axes: str) -> None:
    check_letters(axes)
    if not set(SPATIAL[2]) <= set(axes.upper()):
        raise UserError(f"The axes {axes!r} cannot be: Y and X must be among them.")


def _check_channels(channels: Sequence[int]) -> None:
    if not isinstance(channels, Iterable):
        raise UserError(f"Channels are listed, as in [{channels}], also one alone.")
    for channel in channels:
        if not isinstance(channel, Integral) or channel < 0:
            raise UserError(f"Channels are counted from 0, so {channel} is none.")
