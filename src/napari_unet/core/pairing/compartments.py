"""`compartments`: nucleus, cytoplasm, ring and whole cell as labels of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from napari_unet.core.instances.labels import compact_labels
from napari_unet.core.measuring.request import MeasureRequest
from napari_unet.core.pairing.grow import check_length, expand
from napari_unet.core.pairing.stack import Stack, check_same_shape, labels_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.request import MeasureFields

    Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Compartments:
    """The parts of cells, integer labels of one shape; a cell has one number in all of them.

    Parameters
    ----------
    nucleus
        The nuclei.
    cytoplasm
        The cells without what is nucleus, whichever it is.
    ring
        What surrounds each nucleus, in its own cell; for a nucleus without a cell, where there is
        none.
    cell
        The whole cells.
    """

    nucleus: Integers
    cytoplasm: Integers
    ring: Integers
    cell: Integers

    def by_name(self) -> Mapping[str, Integers]:
        """Return the label images by their names, integer, of one shape."""
        return vars(self)


def compartments(
    nuclei: Any,
    cells: Any,
    ring: float,
    request: MeasureRequest | None = None,
    **fields: Unpack[MeasureFields],
) -> Compartments:
    """Part cells into nucleus, cytoplasm and a ring around the nucleus.

    Parameters
    ----------
    nuclei, cells
        Labels of one shape in one numbering, as `pair_objects` and `grow_cells` make them,
        integer, 0 = no object.
    ring
        Width of the ring in the unit of the spacing; of two nuclei the nearer one has a pixel.
    request
        How the axes are to be read, and the size of a pixel; see `MeasureRequest`.
    **fields
        Fields of a `MeasureRequest` by their names, in place of a request or to change it.

    Raises
    ------
    UserError
        For what cannot be labels, images that do not fit each other, or a width below 0.
    """
    nuclei, cells = labels_of(nuclei, "The nuclei image"), labels_of(cells, "The cell image")
    check_same_shape(nuclei, cells, "Nuclei and cells")
    check_length(ring, "ring")
    stack = Stack.of(nuclei, (request or MeasureRequest()).replace(**fields))
    around = np.zeros_like(nuclei)
    nuclear, cellular, target = (stack.view(each) for each in (nuclei, cells, around))
    for place in stack:
        target[place] = _ring(nuclear[place], cellular[place], ring, stack.voxel)
    return Compartments(nuclei, np.where(nuclei == 0, cells, cells.dtype.type(0)), around, cells)


def _ring(nuclei: Integers, cells: Integers, width: float, voxel: tuple[float, ...]) -> Integers:
    grown = expand(nuclei, width, voxel)
    numbers, which = compact_labels(grown)
    alone = np.isin(numbers, compact_labels(cells)[0], invert=True)
    own = (grown == cells) | ((cells == 0) & alone[which])
    return np.where((nuclei == 0) & own, grown, nuclei.dtype.type(0))
