"""`pair_objects`: which nucleus belongs to which cell, told for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from napari_unet.core.instances.labels import compact_labels
from napari_unet.core.instances.overlaps import overlap_table
from napari_unet.core.measuring.request import MeasureRequest
from napari_unet.core.pairing.config import PairConfig
from napari_unet.core.pairing.stack import Stack, check_same_shape, labels_of
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_unet.core.measuring.request import MeasureFields

    Columns = dict[str, NDArray[Any]]

_ACROSS = 0.25
"""A nucleus lies across cells if at least two of them hold this share of it."""


class Case(StrEnum):
    """What there is to say of a nucleus or a cell."""

    PAIRED = "paired"
    NO_CELL = "no cell"
    NO_NUCLEUS = "no nucleus"
    SEVERAL = "several nuclei"
    ACROSS = "across cells"


@dataclass(frozen=True)
class Pairing:
    """Nuclei and cells in one numbering.

    Parameters
    ----------
    nuclei
        Each nucleus has the number of its cell; those without one, and further ones of a cell
        unless several were asked for, have numbers above all cells. Unsigned integer, of the shape
        of the labels.
    cells
        The cells, their numbers as they were.
    table
        Columns by name, a row for each nucleus and for each cell without one, in order of planes
        and `label`: ``t`` and ``z``, the number of the plane where there are several; ``label``,
        the number that it has now; ``nucleus`` and ``cell``, the numbers that they had, 0 for
        none; ``case``, one of `Case`; ``nuclei``, how many the cell has; ``main``, whether the
        nucleus is the one that fills most of its cell; ``share``, how much of the nucleus lies
        in the cell that holds most of it, NaN without a nucleus.
    """

    nuclei: NDArray[np.unsignedinteger]
    cells: NDArray[np.integer]
    table: dict[str, NDArray[Any]]

    def counts(self) -> dict[str, int]:
        """Return how many nuclei of each case there are, and of ``no nucleus`` how many cells.

        In a stack they are counted in each plane.
        """
        return {case.value: int(np.sum(self.table["case"] == case.value)) for case in Case}

    def in_words(self) -> str:
        """Return the cases with their numbers, as a sentence; those that do not occur left out."""
        return cases_in_words(self.counts())


def cases_in_words(count: Mapping[str, int]) -> str:
    """Return cases with their numbers, as a sentence; those that do not occur left out.

    Parameters
    ----------
    count
        As `Pairing.counts` returns them, of one image or of several together.
    """
    parts = {
        Case.PAIRED: counted(count[Case.PAIRED], "pair") + " of nucleus and cell",
        Case.NO_CELL: counted(count[Case.NO_CELL], "nucleus", "nuclei") + " without a cell",
        Case.NO_NUCLEUS: counted(count[Case.NO_NUCLEUS], "cell") + " without a nucleus",
        Case.SEVERAL: counted(count[Case.SEVERAL], "nucleus", "nuclei")
        + " in cells that have several",
        Case.ACROSS: counted(count[Case.ACROSS], "nucleus", "nuclei") + " across cells",
    }
    told = [words for case, words in parts.items() if count[case]]
    return (", ".join(told) or "neither nuclei nor cells") + "."


def pair_objects(
    nuclei: Any,
    cells: Any,
    config: PairConfig | None = None,
    request: MeasureRequest | None = None,
    **fields: Unpack[MeasureFields],
) -> Pairing:
    """Pair nuclei with the cells that they lie in, in each plane or volume.

    Parameters
    ----------
    nuclei, cells
        Labels of one shape, integer, 0 = no object; numpy, dask or zarr, read into memory.
    config
        How much of a nucleus its cell must hold, and whether it may have several.
    request
        How the axes are to be read; see `MeasureRequest`.
    **fields
        Fields of a `MeasureRequest` by their names, in place of a request or to change it.

    Returns
    -------
    Both in one numbering, with what is to say of each. A nucleus lies *across cells* if at least
    two of them hold a quarter of it; it belongs to the one that holds most, if that is enough.

    Raises
    ------
    UserError
        For what cannot be labels, and for images that do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_unet import pair_objects
    >>> cells = np.repeat([[3, 3, 8, 8]], 4, axis=0)
    >>> nuclei = np.zeros_like(cells)
    >>> nuclei[1, 0] = 1
    >>> pair_objects(nuclei, cells).table["case"].tolist()
    ['paired', 'no nucleus']
    """
    config = config or PairConfig()
    nuclei, cells = labels_of(nuclei, "The nuclei image"), labels_of(cells, "The cell image")
    check_same_shape(nuclei, cells, "Nuclei and cells")
    stack = Stack.of(nuclei, (request or MeasureRequest()).replace(**fields))
    nuclear, cellular = stack.view(nuclei), stack.view(cells)
    parts = []
    for place in stack:
        part = _plane(nuclear[place], cellular[place], config.share)
        count = len(part["nucleus"])
        lead = zip(stack.letters.lower(), place, strict=True)
        parts.append({letter: np.full(count, at) for letter, at in lead} | part)
    empty = _plane(np.zeros(0, np.uint8), np.zeros(0, np.uint8), config.share)
    names = parts[0] if parts else empty
    table = {name: np.concatenate([part[name] for part in parts or [empty]]) for name in names}
    table = _numbered(table, int(cells.max(initial=0)), config)
    return Pairing(_renumbered(nuclei, stack, table), cells, _sorted(table, stack))


def homes_of(
    nuclei: NDArray[Any], cells: NDArray[Any], share: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the cell that each nucleus of a plane or volume lies in.

    Parameters
    ----------
    nuclei, cells
        Labels of one shape, integer, 0 = no object.
    share
        How much of a nucleus its cell must hold, 0 to 1.

    Returns
    -------
    The nuclei, ascending, and the cell of each, 0 for none; int64 ``(nuclei,)`` both.
    """
    plane = _plane(nuclei, cells, share)
    there = plane["nucleus"] > 0
    return plane["nucleus"][there], plane["cell"][there]


def _plane(nuclei: NDArray[Any], cells: NDArray[Any], share: float) -> Columns:
    """Find the cell of each nucleus of a plane, and the cells without one."""
    table = overlap_table(nuclei, cells)
    own = table.first > 0
    first, second, shared = table.first[own], table.second[own], table.shared[own]
    part = np.where(second > 0, shared / table.sizes()[0][own], 0)
    order = np.lexsort((second, -part, first))
    numbers, start = np.unique(first[order], return_index=True)
    best = order[start]
    cell = np.where(part[best] >= share, second[best], 0)
    holders = np.bincount(np.searchsorted(numbers, first), part >= _ACROSS, len(numbers))
    known, which = np.unique(cell, return_inverse=True)
    count = np.where(cell > 0, np.bincount(which, minlength=len(known))[which], 0)
    by_size = np.lexsort((numbers, -shared[best], cell))
    main = np.zeros(len(numbers), bool)
    main[by_size[np.unique(cell[by_size], return_index=True)[1]]] = True
    alone = np.setdiff1d(table.second[table.second > 0], cell)
    case = np.select(
        [holders >= 2, cell == 0, count > 1],
        [Case.ACROSS.value, Case.NO_CELL.value, Case.SEVERAL.value],
        Case.PAIRED.value,
    )
    nothing = np.zeros(len(alone), np.int64)
    return {
        "nucleus": np.concatenate([numbers, nothing]),
        "cell": np.concatenate([cell, alone]),
        "case": np.concatenate([case, np.full(len(alone), Case.NO_NUCLEUS.value)]),
        "nuclei": np.concatenate([count, nothing]),
        "main": np.concatenate([main & (cell > 0), nothing > 0]),
        "share": np.concatenate([part[best], np.full(len(alone), np.nan)]),
    }


def _numbered(table: Columns, highest: int, config: PairConfig) -> Columns:
    """Add the number that each has now: its cell's, or one above all of these."""
    nucleus, cell = table["nucleus"], table["cell"]
    takes = (cell > 0) & ((nucleus == 0) | table["main"] | config.several)
    label = cell.copy()
    rank = np.unique(nucleus[~takes], return_inverse=True)[1]
    label[~takes] = highest + 1 + rank
    names = list(table)
    lead = names[: names.index("nucleus")]
    return {name: table[name] for name in lead} | {"label": label} | table


def _renumbered(nuclei: NDArray[Any], stack: Stack, table: Columns) -> NDArray[np.unsignedinteger]:
    """Give the nuclei of each plane their new numbers."""
    most = int(table["label"].max(initial=0))
    made = np.zeros(nuclei.shape, np.promote_types(np.uint16, np.min_scalar_type(most)))
    source, target = stack.view(nuclei), stack.view(made)
    there = table["nucleus"] > 0
    plane = stack.plane_of(table)[there]
    old, label = table["nucleus"][there], table["label"][there]
    for index, place in enumerate(stack):
        start, stop = np.searchsorted(plane, [index, index + 1])
        numbers, which = compact_labels(source[place])
        to = np.zeros(len(numbers), made.dtype)
        to[np.searchsorted(numbers, old[start:stop])] = label[start:stop]
        target[place] = to[which]
    return made


def _sorted(table: Columns, stack: Stack) -> Columns:
    order = np.lexsort((~table["main"], table["label"], stack.plane_of(table)))
    return {name: column[order] for name, column in table.items()}
