"""The frozen configurations, each option with its range, unit and help text in one place.

Widgets, command-line flags and the documentation's tables are made from `options`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Self

from napari_unet.core.errors import UserError
from napari_unet.core.option import Config, option
from napari_unet.core.program_config import ProgramConfig

IGNORE = 255
"""Class number that marks ignored pixels in a semantic image."""
MOST_CLASSES = 253
"""Foreground classes that there may be: class images are of 8 bits, and `IGNORE` is one of them."""
_METHODS = "percentiles", "mean", "none"
MOST_PIXELS = 10_000_000
"""The largest that a smallest size of objects may be."""


def ignored_label(semantic: bool, ignore: int | None) -> int | None:
    """Return the number of the pixels that take no part; None for none.

    Parameters
    ----------
    semantic
        Whether labels are class numbers rather than instances.
    ignore
        What was asked for; None for what is usual, which is `IGNORE` of classes, else nothing.
    """
    return IGNORE if semantic and ignore is None else ignore


def check_class_count(count: int) -> None:
    """Refuse more foreground classes than `MOST_CLASSES`.

    Parameters
    ----------
    count
        Number of classes without the background.

    Raises
    ------
    UserError
        If there are too many.
    """
    if count > MOST_CLASSES:
        raise UserError(
            f"There may be at most {MOST_CLASSES} classes, not {count:,}: if the image gives each "
            "object a number of its own, its numbers are objects and not classes."
        )


@dataclass(frozen=True)
class ModelConfig(Config):
    """The shape of a U-Net.

    Parameters
    ----------
    classes
        Names of the foreground classes; background is class 0 and not named.
    pool
        Pooling factor per level and axis, finest level first, such as ``((1, 2, 2), (2, 2, 2))``;
        empty for 2 along every axis at every level.
    kernel
        Size of the convolutions per level and axis, 1 or 3, finest level first and the coarsest
        included, such as ``((1, 3, 3), (3, 3, 3), (3, 3, 3))``; empty for 3 everywhere.
    program
        The program that the network is, where it came from another program; the features and the
        depth are then an estimate. None for a `UNet`.
    """

    PARTS: ClassVar = {"program": ProgramConfig}

    ndim: int = option(2, "Number of spatial axes of the network.", low=2, high=3)
    in_channels: int = option(1, "Number of image channels.", low=1, high=64)
    classes: tuple[str, ...] = ("object",)
    features: int = option(16, "Features of the finest level; doubled per level.", low=1, high=256)
    max_features: int = option(256, "No level has more features than this.", low=1, high=4096)
    depth: int = option(4, "How often the image is halved.", low=1, high=6)
    padding: str = option(
        "same", "Convolutions keep the size, or are valid.", choices=("same", "valid")
    )
    up: str = option(
        "interpolate",
        "How the decoder doubles the size.",
        choices=("interpolate", "transpose"),
    )
    norm: str = option("batch", "Normalisation in the network.", choices=("batch", "none"))
    height: bool = option(True, "Whether a height is predicted, for parting touching objects.")
    pool: tuple[tuple[int, ...], ...] = ()
    kernel: tuple[tuple[int, ...], ...] = ()
    program: ProgramConfig | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        named = isinstance(self.classes, tuple | list) and self.classes
        if not named or not all(isinstance(name, str) for name in self.classes):
            raise UserError('classes must name at least one foreground class, as in ("nucleus",).')
        check_class_count(len(self.classes))
        if self.pool and (
            len(self.pool) != self.depth
            or any(len(level) != self.ndim or min(level) < 1 for level in self.pool)
        ):
            raise UserError("pool must give one factor of at least 1 per level and axis.")
        if self.kernel and (
            len(self.kernel) != self.depth + 1
            or any(len(level) != self.ndim or set(level) - {1, 3} for level in self.kernel)
        ):
            raise UserError("kernel must give 1 or 3 per level and axis, the coarsest included.")

    def to_dict(self) -> dict[str, Any]:
        """Return the values and the format number, ready for JSON."""
        values = super().to_dict()
        if self.program is None:  # earlier versions know nothing of programs
            del values["program"]
        return values

    @property
    def num_classes(self) -> int:
        """Number of classes, background included."""
        return 1 + len(self.classes)

    def seeing(self, channels: int) -> Self:
        """Return the shape for images of so many channels: only one channel can become more."""
        fixed = self.in_channels != 1 or self.program is not None
        return self if fixed else self.replace(in_channels=channels)

    def can_stand_for(self, wanted: ModelConfig) -> bool:
        """Tell whether it is all that is wanted; a single class may be called otherwise."""
        same = self.classes == wanted.classes or self.num_classes == wanted.num_classes == 2
        return same and self.replace(classes=wanted.classes) == wanted

    @property
    def pooling(self) -> tuple[tuple[int, ...], ...]:
        """Pooling factor per level and axis, finest level first."""
        return self.pool or ((2,) * self.ndim,) * self.depth

    @property
    def kernels(self) -> tuple[tuple[int, ...], ...]:
        """Size of the convolutions per level and axis, finest level first, coarsest included."""
        return self.kernel or ((3,) * self.ndim,) * (self.depth + 1)


PRESETS: dict[str, ModelConfig] = {
    "compact": ModelConfig(),
    "ronneberger2015": ModelConfig(
        features=64,
        max_features=1024,
        padding="valid",
        up="transpose",
        norm="none",
        height=False,
    ),
}


@dataclass(frozen=True)
class NormalizeConfig(Config):
    """How grey values are brought to a common range, over the whole image, per channel.

    Parameters
    ----------
    method
        ``"percentiles"``, or what models of other programs want: ``"mean"`` for the mean that
        becomes 0 and the standard deviation that becomes 1, ``"none"`` for grey values as they are.
    joint
        Whether the limits are those of all channels together.
    robust
        Whether percentiles are those without scale bars and the like, and what is far beyond them
        is cut off; not for models of other programs.
    """

    low: float = option(1.0, "Percentile that becomes 0.", unit="%", low=0, high=100)
    high: float = option(99.8, "Percentile that becomes 1.", unit="%", low=0, high=100)
    method: str = "percentiles"
    joint: bool = False
    robust: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.low >= self.high:
            raise UserError("The low percentile must be below the high one.")
        if self.method not in _METHODS:
            raise UserError(f"method must be one of {', '.join(_METHODS)}, not {self.method!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the values and the format number, ready for JSON."""
        values = super().to_dict()
        for name in ("method", "joint", "robust"):
            if getattr(self, name) == getattr(NormalizeConfig, name):
                del values[name]  # earlier versions know nothing of it
        return values


@dataclass(frozen=True)
class TargetConfig(Config):
    """What the network is taught and how much each pixel counts.

    Parameters
    ----------
    spacing
        Size of a pixel along each axis, relative to the unit of sigma; empty for 1.
    """

    border: str = option(
        "ronneberger2015",
        "Form of the border weight map: the 2015 paper's, the 2019 Fiji plugin's, or none. Choose "
        "the plugin's where cells lie close without touching, none where there are no neighbours.",
        choices=("ronneberger2015", "falk2019", "none"),
    )
    w0: float = option(
        10.0,
        "How much more a narrow gap counts. Raise it where neighbours are found as one object, "
        "lower it where objects get too small.",
        low=0,
        high=1000,
    )
    sigma: float = option(
        5.0,
        "How wide a gap still counts. Raise it for large pictures of large cells, lower it where "
        "most of the background burns.",
        unit="px",
        low=0.1,
        high=1000,
    )
    class_balance: bool = option(
        False, "Whether rare classes count more. Tick it where a rare class is not found."
    )
    spacing: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        listed = isinstance(self.spacing, tuple | list)
        if not listed or not all(
            isinstance(step, Real) and 0 < step < math.inf for step in self.spacing
        ):
            raise UserError(
                f"spacing must be numbers above 0, one for each axis, not {self.spacing!r}."
            )

    def check_ndim(self, ndim: int) -> None:
        """Refuse a spacing that has not one number for each axis.

        Parameters
        ----------
        ndim
            Number of axes of what is learnt from, 2 or 3.

        Raises
        ------
        UserError
            If there are more numbers than axes, or fewer.
        """
        if len(self.spacing) not in (0, ndim):
            raise UserError(
                f"spacing must be {ndim} numbers, as the work is in {ndim}D, not {self.spacing}."
            )


@dataclass(frozen=True)
class TileConfig(Config):
    """How large images are cut up on their way through the network."""

    tile: int = option(
        0,
        "Edge of a tile; 0 for the largest that fits the memory. The result does not depend on it.",
        unit="px",
        low=0,
        high=65536,
        zero="automatic",
    )
    memory: float = option(
        0.0,
        "Memory that the network may use; 0 for half of what is free. Lower it where other "
        "programs need room.",
        unit="GB",
        zero="automatic",
        low=0,
        high=4096,
    )
    precision: str = option(
        "float32",
        "Numbers that the network computes with; bfloat16 is faster and a little less exact.",
        choices=("float32", "bfloat16"),
    )
    device: str = option(
        "auto",
        "Where the network runs. Choose the CPU where a graphics card is too small or in use.",
        choices=("auto", "cpu", "cuda", "mps"),
    )
    views: str = option(
        "one",
        "Average over mirrored and rotated views of the image: tells where the model is unsure, "
        "and is slower by as many times as there are views.",
        choices=("one", "mirrored", "mirrored and rotated"),
    )


@dataclass(frozen=True)
class DecodeConfig(Config):
    """How objects are made from the network's output."""

    threshold: float = option(
        0.5,
        "Pixels at least this probable belong to an object. Lower it where dim objects are missed "
        "or objects are too small, raise it where background is taken for objects.",
        low=0.01,
        high=0.99,
    )
    split: float = option(
        0.2,
        "Two summits part when the saddle between is this much lower. Lower it where neighbours "
        "are one object, raise it where one object falls into pieces.",
        low=0,
        high=1,
    )
    min_size: int = option(
        12,
        "Objects with fewer pixels are dropped; where the image is brought to the size that the "
        "model knows, they are counted there. Raise it where specks are counted.",
        unit="px",
        low=0,
        high=MOST_PIXELS,
    )

    def smallest(self, by: Sequence[float]) -> int:
        """Return how many pixels of the image an object has at least.

        Parameters
        ----------
        by
            Pixels that the network saw per pixel of the image, per spatial axis; empty for 1.
        """
        return min(round(self.min_size / math.prod(by)), MOST_PIXELS)


@dataclass(frozen=True)
class SizeConfig(Config):
    """Whether the image is brought to the size that the model was trained at."""

    match: str = option(
        "automatic",
        "Bring the image to the size that the model knows; labels come back at full size. "
        "Automatic does so where objects are clearly larger or smaller than those that the model "
        "was trained on, for they fall into pieces or are missed. Choose off where it guesses the "
        "size wrong, or give the diameter.",
        choices=("automatic", "off", "pixel size", "object size"),
    )
    diameter: float = option(
        0.0,
        "Diameter of an object in the image; 0 to estimate it with a quick pass. Give it where the "
        "estimate is wrong, or to treat all images alike.",
        unit="px",
        low=0,
        high=10_000,
        zero="estimate",
    )

    @property
    def by_object(self) -> bool:
        """Whether the size of the objects counts, which may be stated."""
        return self.match in ("automatic", "object size")


@dataclass(frozen=True)
class GreyConfig(Config):
    """How the grey values of an image are seen."""

    invert: bool = option(
        False,
        "Exchange dark and bright. Tick it for dark objects on bright ground, where the model "
        "knows bright objects on dark ground, or the other way round.",
    )


@dataclass(frozen=True)
class LinkConfig(Config):
    """Which objects of neighbouring planes or frames are one and get the same number."""

    planes: bool | None = option(
        None,
        "Join the objects of a Z stack's planes into 3D objects. Switch it off where planes are "
        "far apart or are pictures of their own.",
        automatic=True,
    )
    frames: bool = option(
        False,
        "Follow objects through time: the same number in every frame. Switch it on for films of "
        "cells that move by less than their size between frames.",
    )
    overlap: float = option(
        0.5,
        "Two objects are one if they share at least this much of the smaller one. Raise it where "
        "neighbours are joined, lower it where one object is cut into several.",
        low=0.01,
        high=1,
    )
