"""What a person has painted on an image, and which pixels of it count.

There is one scheme for dense and for sparse annotation. Objects are painted; inside a training
rectangle everything unpainted is background; elsewhere only what is painted counts, objects and
background marks alike. A plain label image, without marks and rectangles, is annotated everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.annotation.record import Record
from napari_unet.core.config import MOST_CLASSES
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import spatial_in
from napari_unet.core.image.spacing import Listed, Spacing

NOTHING, BACKGROUND, IGNORED = 0, 1, 2
"""The values in an image of marks."""
COLOURS = ("#ffb000", "#dc267f", "#648fff", "#00b4a0", "#fe6100", "#9b7bff")
"""Colours of classes that were given none; they can be told apart by colour-blind people."""


def usual_class(number: int) -> str:
    """Return what a class is called until somebody names it."""
    return "object" if number == 1 else f"class {number}"


def free_class(number: int, names: Collection[str]) -> int:
    """Return the number from this one on of which no class has the usual name."""
    return next(each for each in count(number) if usual_class(each) not in names)


def usual_colour(number: int) -> str:
    """Return which colour a class has until somebody gives it another."""
    return COLOURS[(number - 1) % len(COLOURS)]


@dataclass(frozen=True)
class Annotation:
    """What was painted on an image or a stack; all arrays have one shape.

    Parameters
    ----------
    instances
        Integers, the number of the object, 0 where none is painted.
    marks
        uint8, `NOTHING`, `BACKGROUND` or `IGNORED`; None where there were no marks to paint.
    boxes
        Integers ``(n, 2, ndim)``, the first pixel of each training rectangle and the one after
        its last; None where there were no rectangles to draw.
    classes
        Object number to class number, from 1 to `MOST_CLASSES`; objects that are not named have
        class 1.
    weight
        float32, a weight map to be used as it is; None to make it from the objects.
    class_names
        Names of the classes from 1 on, see `usual_class`; empty where there was nothing to name.
    record
        Who made the objects, where they are proof-read: those for which nobody stands are
        ignored. None where all that is painted counts.

    Raises
    ------
    UserError
        If the parts are of different shapes, or a class number is out of range.
    """

    instances: NDArray[Any]
    marks: NDArray[np.uint8] | None = None
    boxes: NDArray[np.integer] | None = None
    classes: Mapping[int, int] = field(default_factory=dict)
    weight: NDArray[np.float32] | None = None
    class_names: tuple[str, ...] = ()
    record: Record | None = None

    def __post_init__(self) -> None:
        shape = self.instances.shape
        for name, part in (("marks", self.marks), ("weight map", self.weight)):
            if part is not None and part.shape != shape:
                raise UserError(
                    f"The {name} are {part.shape} pixels and the objects {shape}: "
                    "they must be of one size."
                )
        if self.boxes is not None and self.boxes.shape[1:] != (2, len(shape)):
            raise UserError(
                f"The training rectangles must have {len(shape)} axes as the objects have."
            )
        for number, of in self.classes.items():
            if not 0 < of <= MOST_CLASSES:
                raise UserError(
                    f"Object {number} has class {of}: give it a class from 1 to {MOST_CLASSES}."
                )

    @property
    def painted(self) -> bool:
        """Whether it was painted with this program, and is no plain label image."""
        return self.sparse or bool(self.class_names)

    @property
    def sparse(self) -> bool:
        """Whether only some parts count, rather than everything."""
        parts = (self.marks, self.boxes, self.record)
        return any(part is not None for part in parts)

    def ignored(self) -> NDArray[np.bool_]:
        """Return where pixels take no part, of the annotation's shape."""
        if not self.sparse:
            return np.zeros(self.instances.shape, dtype=bool)
        counts: NDArray[np.bool_] = self.instances > 0
        for low, high in [] if self.boxes is None else self.boxes:
            ends = zip(low, high, strict=True)
            counts[tuple(slice(max(first, 0), max(end, 0)) for first, end in ends)] = True
        if self.marks is not None:
            counts |= self.marks == BACKGROUND
            counts &= self.marks != IGNORED
        if self.record is not None and self.record.unchecked:
            unchecked = np.array(sorted(self.record.unchecked))
            counts &= ~np.isin(self.instances, unchecked)
        return ~counts

    @property
    def chosen_names(self) -> tuple[str, ...]:
        """The names of the classes; empty where nobody has named any."""
        usual = tuple(map(usual_class, range(1, len(self.class_names) + 1)))
        return () if self.class_names == usual else self.class_names

    def ignoring(self, number: int) -> Annotation:
        """Return the same with the pixels of a number ignored, whatever else is said of them."""
        ignored = self.instances == number
        elsewhere = NOTHING if self.sparse else BACKGROUND
        marks = np.full(ignored.shape, elsewhere, np.uint8) if self.marks is None else self.marks
        kept = np.where(ignored, 0, self.instances).astype(self.instances.dtype)
        return replace(
            self, instances=kept, marks=np.where(ignored, IGNORED, marks).astype(np.uint8)
        )

    def transposed(self, order: Sequence[int]) -> Annotation:
        """Return the same with its axes in another order."""
        return replace(
            self,
            instances=self.instances.transpose(order),
            marks=None if self.marks is None else self.marks.transpose(order),
            boxes=None if self.boxes is None else self.boxes[:, :, order],
            weight=None if self.weight is None else self.weight.transpose(order),
        )

    def loaded(self) -> Annotation:
        """Return the same with everything in memory, where an array is computed when asked for."""
        weight = None if self.weight is None else np.asarray(self.weight, np.float32)
        return replace(self, instances=np.asarray(self.instances), weight=weight)


@dataclass(frozen=True)
class AnnotatedImage:
    """An image with its annotation, to learn from or to validate on.

    Parameters
    ----------
    name
        What it is called in reports.
    image
        The pixels, in their own dtype; a lazy array is read where it is annotated, and only there.
    axes
        One letter of T, Z, C, Y and X per axis of the image.
    annotation
        Of the image's shape without its channel axis.
    spacing
        Size of a pixel along the spatial axes that the image has, in µm; None if not known, of
        all or of one.
    validation
        Whether it is kept for validation.
    scale
        Size of a pixel along the same axes in any unit, for where the spacing is not known; None
        if not known either.

    Raises
    ------
    UserError
        If image and annotation do not fit.
    """

    name: str
    image: Any
    axes: str
    annotation: Annotation
    spacing: Listed | None = None
    validation: bool = False
    scale: tuple[float, ...] | None = None

    @property
    def channels(self) -> int:
        """Number of channels of the image."""
        return int(self.image.shape[self.axes.index("C")]) if "C" in self.axes else 1

    @property
    def pixel(self) -> Spacing:
        """Size of a pixel in µm; nothing where it is not known or does not fit the axes."""
        return self._along(self.spacing)

    def ignoring(self, number: int) -> AnnotatedImage:
        """Return the same with the pixels of a number ignored, see `Annotation.ignoring`."""
        return replace(self, annotation=self.annotation.ignoring(number))

    def voxel(self, ndim: int) -> tuple[float, ...]:
        """Return the sides of a voxel for a network of `ndim` axes, see `Spacing.relative`."""
        return (self.pixel or self._along(self.scale)).relative(ndim)

    def _along(self, sizes: Listed | None) -> Spacing:
        fits = sizes is not None and len(sizes) == len(spatial_in(self.axes))
        return Spacing.along(self.axes, sizes if fits else None)

    def __post_init__(self) -> None:
        shape = tuple(
            size for size, letter in zip(self.image.shape, self.axes, strict=True) if letter != "C"
        )
        if shape != self.annotation.instances.shape:
            raise UserError(
                f"{self.name}: the image is {shape} pixels and its annotation "
                f"{self.annotation.instances.shape}; they must be the same."
            )
