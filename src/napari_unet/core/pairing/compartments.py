"""`compartments`: nucleus, cytoplasm, ring and whole cell as labels of the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import compact_labels
from napari_unet.core.measuring.request import MeasureRequest
from napari_unet.core.pairing.config import PairConfig
from napari_unet.core.pairing.grow import check_length, expand
from napari_unet.core.pairing.pair import homes_of
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
        What surrounds each nucleus, in its own cell, also where it is not the only one there; for
        a nucleus without a cell, where there is none.
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
    share: float = PairConfig.share,
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
    share
        How much of a nucleus that has the number of no cell lies in a cell that is its own, 0 to 1.
    **fields
        Fields of a `MeasureRequest` by their names, in place of a request or to change it.

    Raises
    ------
    UserError
        For what cannot be labels, images that do not fit each other, a width
        below 0, or a share that is not from 0 to 1.
    """
    nuclei, cells = labels_of(nuclei, "The nuclei image"), labels_of(cells, "The cell image")
    check_same_shape(nuclei, cells, "Nuclei and cells")
    check_length(ring, "ring")
    if not 0 <= share <= 1:
        raise UserError(f"share must be a number from 0 to 1, not {share!r}.")
    stack = Stack.of(nuclei, (request or MeasureRequest()).replace(**fields))
    around = np.zeros_like(nuclei)
    nuclear, cellular, target = (stack.view(each) for each in (nuclei, cells, around))
    for place in stack:
        grown = expand(nuclear[place], ring, stack.voxel)
        own = _homes(grown, nuclear[place], cellular[place], share) == cellular[place]
        target[place] = np.where((nuclear[place] == 0) & own, grown, 0)
    return Compartments(nuclei, np.where(nuclei == 0, cells, cells.dtype.type(0)), around, cells)


def _homes(grown: Integers, nuclei: Integers, cells: Integers, share: float) -> Integers:
    """Return the cell of each pixel's nucleus: that of its number, else the one it lies in."""
    numbers, which = compact_labels(grown)
    homes = np.where(np.isin(numbers, compact_labels(cells)[0]), numbers.astype(np.int64), 0)
    nucleus, cell = homes_of(nuclei, cells, share)
    found = np.zeros_like(homes)
    found[np.searchsorted(numbers, nucleus)] = cell
    return np.asarray(np.where(homes > 0, homes, found)[which])
