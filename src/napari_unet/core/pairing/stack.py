"""Label images of a nucleus and of a cell, plane by plane or volume by volume."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import usual_order
from napari_unet.core.instances.labels import as_labels, check_labels
from napari_unet.core.instances.looks import refuse_mixed_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.request import MeasureRequest

    Place = tuple[int, ...]


@dataclass(frozen=True)
class Stack:
    """The order in which planes or volumes of arrays with the same axes are gone through.

    Parameters
    ----------
    letters
        Of the axes that are gone along, such as ``"TZ"``.
    lead
        Their sizes.
    order
        The arrays' axes in their usual order.
    voxel
        Size of a pixel along the spatial axes, 1 where it is not known.
    """

    letters: str
    lead: tuple[int, ...]
    order: tuple[int, ...]
    voxel: tuple[float, ...]

    @classmethod
    def of(cls, labels: NDArray[np.generic], request: MeasureRequest) -> Self:
        """Read how the axes of labels are to be taken.

        Parameters
        ----------
        labels
            Integer, of any shape that the request fits.
        request
            How the axes are to be read, and the size of a pixel.

        Raises
        ------
        UserError
            If the request does not fit the labels.
        """
        asked = request.named(labels)
        order = usual_order(asked.axes)
        count = labels.ndim - (asked.ndim or 2)
        letters = "".join(asked.axes[axis] for axis in order[:count])
        lead = tuple(labels.shape[axis] for axis in order[:count])
        return cls(letters, lead, order, asked.voxel()[0])

    def __iter__(self) -> Iterator[Place]:
        return iter(np.ndindex(self.lead))

    def view(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return an array of any dtype as ``(*lead, *spatial)`` that shares its pixels."""
        return array.transpose(self.order)

    def plane_of(self, table: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
        """Return the plane of each row of a table, int64 ``(rows,)``, in the order of iteration."""
        plane = np.zeros(len(table["label"]), np.int64)
        for letter, size in zip(self.letters.lower(), self.lead, strict=True):
            plane = plane * size + table[letter]
        return plane


def labels_of(array: Any, what: str) -> NDArray[Any]:
    """Return labels in memory, integer, of their own shape.

    Parameters
    ----------
    array
        numpy, dask or zarr, integer.
    what
        How the sentence names them.

    Raises
    ------
    UserError
        For what cannot be labels, or looks like something else.
    """
    labels = as_labels(array, what)
    check_labels(labels, what)
    refuse_mixed_up(labels, what)
    return labels


def check_same_shape(first: NDArray[Any], second: NDArray[Any], what: str) -> None:
    """Refuse images that do not lie on each other.

    Parameters
    ----------
    first, second
        Integer or float, of any shape.
    what
        How the sentence names both.

    Raises
    ------
    UserError
        If their shapes differ.
    """
    if first.shape != second.shape:
        sizes = (" x ".join(map(str, each.shape)) for each in (first, second))
        raise UserError(
            f"{what} differ in size ({' and '.join(sizes)} pixels): choose those of one image."
        )
