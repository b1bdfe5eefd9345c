"""What is exported: the objects of an image, and all that is known of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import usual_class
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import STACK, check_letters, usual_order
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.measuring.request import Evidence
from napari_unet.core.provenance.record import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_unet.core.annotation.record import Record
    from napari_unet.core.image.spacing import Listed
    from napari_unet.core.provenance.record import Provenance

COLOURS = (
    *((255, 200, 0), (0, 190, 255), (255, 80, 160), (90, 220, 90)),
    *((255, 120, 30), (180, 130, 255), (200, 200, 200)),
)
"""Red, green and blue of the classes from 1 on, over and over."""


@dataclass(frozen=True)
class Plane:
    """A plane of Y and X.

    Parameters
    ----------
    place
        Number of the plane along each other axis, counted from 0, by the axis's letter.
    labels
        Integer ``(y, x)``.
    nuclei
        The same of the nuclei, each inside its cell; None where there are none.
    """

    place: Mapping[str, int]
    labels: NDArray[np.integer[Any]]
    nuclei: NDArray[np.integer[Any]] | None = None


@dataclass(frozen=True)
class Content:
    """The objects of an image, and all that is known of them.

    Parameters
    ----------
    labels
        Non-negative integers, 0 = no object, 2 to 4 axes.
    axes
        One letter of T, Z, Y, X per axis.
    name
        What the image is called; files are named after it.
    ndim
        Along how many axes objects extend: 2 or 3.
    spacing
        Size of a pixel along the Z, Y and X axes in `unit`; None for unknown, of all or of one.
    unit
        ``"µm"``, or ``"px"`` where the size is not known.
    role
        ``"instances"``, or ``"semantic"`` where the labels are classes.
    semantic
        The class of each pixel, of the shape of labels; None where there are no classes.
    nuclei
        The nucleus of each object, with the object's number, of the shape of labels; None where
        objects are no cells.
    classes
        Number of an object to number of its class, from 1 on; others have class 1.
    class_names
        Names of the classes from 1 on, one for each or none; those that are empty get
        `usual_class`.
    image
        What the objects were found in, ``(C, *shape of labels)``; None for nothing.
    channels
        Names of the image's channels, as in `MeasureRequest`.
    evidence
        What the table says more of the objects; their classes are those of `semantic`.
    shown
        Number of the plane along the axes but Y and X that pictures show, in the order of `axes`;
        None for the middle.
    made
        With what the objects were found; None for unknown.
    read
        Which of them a person has accepted or changed; None where they are not proof-read.
    step
        Seconds from one frame to the next; None for unknown.
    picture
        Name of the image's file; empty for the one that the labels say they were made of.

    Raises
    ------
    UserError
        If the axes are not those of the labels, or the parts are of different shapes.
    """

    labels: NDArray[Any]
    axes: str
    name: str
    ndim: int = 2
    spacing: Listed | None = None
    unit: str = "px"
    role: str = "instances"
    semantic: NDArray[Any] | None = None
    nuclei: NDArray[Any] | None = None
    classes: Mapping[int, int] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    image: NDArray[Any] | None = None
    channels: tuple[str, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    shown: tuple[int, ...] | None = None
    made: Provenance | None = None
    read: Record | None = None
    step: float | None = None
    picture: str = ""

    def __post_init__(self) -> None:
        shape = self.labels.shape
        check_letters(self.axes)
        if len(self.axes) != len(shape) or not {"Y", "X"} <= set(self.axes) <= set(STACK):
            raise UserError(
                f"The axes {self.axes!r} do not fit labels of the shape {shape}: give Y and X, and "
                "T or Z for the others."
            )
        image = None if self.image is None else self.image[0]
        parts = {"classes": self.semantic, "nuclei": self.nuclei, "image": image}
        for name, part in parts.items():
            if part is not None and part.shape != shape:
                raise UserError(
                    f"The {name} and the objects have different shapes, {part.shape} and {shape}: "
                    "take those of one image."
                )

    def planes(self) -> Iterator[Plane]:
        """Yield the planes of Y and X in the order of time and depth."""
        order = usual_order(self.axes)
        stack = self.labels.transpose(order)
        inner = None if self.nuclei is None else self.nuclei.transpose(order)
        letters = [self.axes[axis] for axis in order[:-2]]
        for index in np.ndindex(stack.shape[:-2]):
            plane = stack[index]
            nuclei = None if inner is None else np.where(inner[index] == plane, plane, 0)
            yield Plane(dict(zip(letters, index, strict=True)), plane, nuclei)

    @property
    def plane_count(self) -> int:
        """How many planes there are."""
        sizes = zip(self.axes, self.labels.shape, strict=True)
        return int(np.prod([size for letter, size in sizes if letter not in "YX"]))

    @property
    def grid(self) -> Spacing:
        """Size of a pixel in `unit` by axis letter, and T in seconds, as far as it is known."""
        return Spacing.along(self.axes, self.spacing).timed(self.step)

    @property
    def image_file(self) -> str:
        """Name of the image's file; where it is not known, that of a TIFF of the same name."""
        source = "" if self.made is None else re.split(r"[\\/]", self.made.source.file)[-1]
        return self.picture or source or f"{self.name}.tif"

    @property
    def record(self) -> Provenance | None:
        """With what the labels were made, be they objects or classes."""
        return self.made and self.made.replace(kind=self.role)

    @property
    def stated(self) -> dict[str, Any]:
        """What a JSON object says of how the labels were made; nothing where it is unknown."""
        return {} if self.record is None else {KEY: json.loads(self.record.to_json())}

    def class_of(self, label: int) -> int:
        """Return the number of an object's class."""
        return self.classes.get(label, 1)

    def class_name(self, number: int) -> str:
        """Return the name of a class."""
        named = 0 < number <= len(self.class_names) and self.class_names[number - 1]
        return named or usual_class(number)

    def title(self, label: int) -> str:
        """Return what an object is called, such as ``"neuron#12"``."""
        return f"{self.class_name(self.class_of(label))}#{label}"


def colour_of(number: int) -> tuple[int, int, int]:
    """Return the colour of a class, red, green and blue."""
    return COLOURS[(number - 1) % len(COLOURS)]
