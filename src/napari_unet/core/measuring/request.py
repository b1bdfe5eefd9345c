"""What is measured, and what is known of the objects beside their labels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypedDict

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL, STACK, check_spatial
from napari_unet.core.image.planes import Planes, arrange
from napari_unet.core.image.spacing import Listed, Spacing
from napari_unet.core.option import Config

if TYPE_CHECKING:
    from napari_unet.core.decoding.segmentation import Segmentation


@dataclass(frozen=True)
class MeasureRequest(Config):
    """How the axes of labels and image are to be read, and in which units lengths are given.

    Parameters
    ----------
    axes
        One of the letters T, Z, Y and X per axis of the labels; empty for the last ones of TZYX.
    ndim
        2 for planes and 3 for volumes, measured on their own; None for 3 where there is a Z.
    spacing
        Size of a pixel along the Z, Y and X axes, as they follow each other in `axes`; None for
        one that is not known, empty for all. Where one that is needed is not known, lengths are
        in pixels.
    unit
        Unit of the spacing, such as ``"µm"``.
    image_axes
        One of the letters T, Z, C, Y and X per axis of the image; empty for those of the labels,
        after a C where the image has one axis more.
    channels
        Names of the image's channels, for the names of the columns; empty for ``c0``, ``c1`` and
        so on, where there are several.

    Raises
    ------
    UserError
        For other than two or three axes that are measured.
    """

    axes: str = ""
    ndim: int | None = None
    spacing: Listed = ()
    unit: str = "px"
    image_axes: str = ""
    channels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ndim not in {None, *SPATIAL}:
            raise UserError(f"Only planes (2) and volumes (3) can be measured, not {self.ndim}.")
        sizes = self.spacing if isinstance(self.spacing, Iterable) else (0,)
        if not all(size is None or 0 < size < float("inf") for size in sizes):
            raise UserError(
                f"spacing must be numbers above 0, one for each axis, not {self.spacing}."
            )

    def named(self, instances: Any) -> Self:
        """Return the request with axes and number of spatial ones said.

        Raises
        ------
        UserError
            If they do not fit the labels.
        """
        count = len(instances.shape)
        if not self.axes and not 2 <= count <= len(STACK):
            raise UserError(f"A label image has 2 to {len(STACK)} axes, not {count}.")
        axes = (self.axes or STACK[-count:]).upper()
        ndim = self.ndim or (3 if "Z" in axes else 2)
        check_spatial(axes, ndim, "The label image")
        if dict(zip(axes, instances.shape, strict=False)).get("C", 1) > 1:
            raise UserError(
                f"The label image (axes {axes}) has channels, but labels have none: give the axes "
                "of one label image."
            )
        return self.replace(axes=axes, ndim=ndim)

    def planes(self, array: Any) -> Planes:
        """Cut what has the axes of the labels, numpy, dask or zarr, into planes or volumes."""
        return arrange(array, self.axes, self.ndim or 2, 1)

    def image_planes(self, image: Any) -> Planes:
        """Cut an image of any axes and dtype into planes or volumes with all their channels."""
        more = len(image.shape) - len(self.axes)
        axes = (self.image_axes or ("C" + self.axes if more == 1 else self.axes)).upper()
        fits = len(axes) == len(image.shape)
        channels = image.shape[axes.index("C")] if fits and "C" in axes else 1
        return arrange(image, axes, self.ndim or 2, channels)

    def voxel(self) -> tuple[tuple[float, ...], str]:
        """Return the size of a pixel along the spatial axes, and its unit; 1 where not known."""
        ndim = self.ndim or 2
        sizes = Spacing.along(self.axes, self.spacing).of(SPATIAL[ndim])
        return (sizes, self.unit) if sizes else ((1.0,) * ndim, "px")


class MeasureFields(TypedDict, total=False):
    """Fields of a `MeasureRequest`, as `measure_objects` takes them by their names."""

    axes: str
    ndim: int | None
    spacing: Listed
    unit: str
    image_axes: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """What is known of each pixel beside its label; each is None or has the labels' shape.

    Parameters
    ----------
    classes
        Integer class of each pixel, 0 = background.
    probability
        Probability of being foreground, of 0 to 1.
    height
        What the objects were decoded from, higher inside, about 1 at the summit of a clear object.
    spread
        How far views of the image disagree about what is foreground, of 0 to 0.5.
    """

    classes: Any = None
    probability: Any = None
    height: Any = None
    spread: Any = None

    @classmethod
    def of(cls, result: Segmentation) -> Self:
        """Return what a segmentation knows of its instances."""
        foreground = 1 - result.probabilities[0]
        return cls(result.semantic, foreground, result.height, result.spread)

    def arrays(self) -> dict[str, Any]:
        """Return those that are there, by name."""
        named = vars(self).items()
        return {name: array for name, array in named if array is not None}
