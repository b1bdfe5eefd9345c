"""`measure_cells`: nucleus, cytoplasm, ring and whole cell of each cell side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.measuring.objects import measure_steps
from napari_unet.core.measuring.request import MeasureRequest
from napari_unet.core.pairing.compartments import compartments
from napari_unet.core.pairing.config import PairConfig
from napari_unet.core.pairing.grow import grow_cells
from napari_unet.core.pairing.pair import Pairing, pair_objects
from napari_unet.core.pairing.stack import Stack
from napari_unet.core.progress import Progress, Steps, drive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.request import Evidence, MeasureFields

    Columns = dict[str, NDArray[Any]]

COMPARTMENTS = ("nucleus", "cytoplasm", "ring", "cell")
"""What is measured of each cell, and how its columns begin."""


@dataclass(frozen=True)
class MeasuredCells:
    """Cells with their nuclei, and what was measured of them.

    Parameters
    ----------
    pairing
        Both in one numbering, with what is to say of each.
    table
        Columns by name, see `measure_cells`.
    """

    pairing: Pairing
    table: dict[str, NDArray[Any]]


def measure_cells(
    nuclei: Any,
    cells: Any = None,
    image: Any = None,
    config: PairConfig | None = None,
    request: MeasureRequest | None = None,
    **fields: Unpack[MeasureFields],
) -> MeasuredCells:
    """Pair nuclei with cells, and measure the compartments of each cell side by side.

    Parameters
    ----------
    nuclei, cells
        Labels of one shape, integer, 0 = no object; numpy, dask or zarr, read into memory. Without
        cells these are grown from the nuclei.
    image
        What the microscope saw, as for `measure_objects`.
    config
        Which nucleus belongs to which cell, how wide rings are, and how far cells are grown.
    request
        How the axes are to be read, and the size of a pixel; see `MeasureRequest`.
    **fields
        Fields of a `MeasureRequest` by their names, in place of a request or to change it.

    Returns
    -------
    The pairing, and a table with a row for each cell and each nucleus that is alone, in each plane:
    the columns of `Pairing.table`; ``centroid_y`` and so on, the middle of the cell, else of the
    nucleus; the columns of `measure_objects`, led by ``nucleus_``, ``cytoplasm_``, ``ring_`` and
    ``cell_``, NaN where there is no such part; ``nucleus_to_cell_area`` (or ``_volume``) and
    ``nucleus_to_cytoplasm_intensity_mean``, with the channel's name behind where there are several,
    one number over the other, NaN where that is 0; ``unit``.

    Raises
    ------
    UserError
        For what cannot be measured or does not fit, and if there are neither cells nor a distance
        to grow them.

    Examples
    --------
    >>> from napari_unet import PairConfig, load_sample, measure_cells
    >>> image, nuclei = load_sample("nuclei2d")
    >>> found = measure_cells(nuclei.data, None, image.data, PairConfig(grow=8), axes="TYX")
    >>> found.table["nucleus_to_cell_area"], found.pairing.in_words()
    """
    asked = (request or MeasureRequest()).replace(**fields)
    return drive(measure_cells_steps(nuclei, cells, image, config, asked))


def measure_cells_steps(
    nuclei: Any,
    cells: Any = None,
    image: Any = None,
    config: PairConfig | None = None,
    request: MeasureRequest | None = None,
    evidence: Evidence | None = None,
) -> Steps[MeasuredCells]:
    """Measure cells as `measure_cells` does, step by step.

    Parameters
    ----------
    evidence
        What is known of each pixel beside its cell; it counts for the whole cells.

    Yields
    ------
    Progress with what is done.

    Returns
    -------
    As in `measure_cells`.
    """
    config = config or PairConfig()
    asked = (request or MeasureRequest()).named(nuclei)
    if cells is None:
        if not config.grow:
            raise UserError("There are no cells: choose them, or say how far they are to be grown.")
        yield Progress("growing cells")
        cells = grow_cells(nuclei, config.grow, request=asked)
    yield Progress("pairing nuclei and cells")
    pairing = pair_objects(nuclei, cells, config, asked)
    yield Progress("parting cells")
    made = compartments(pairing.nuclei, pairing.cells, config.ring, asked, config.share)
    parts = made.by_name()
    tables = {}
    for name in COMPARTMENTS:
        known = evidence if name == "cell" else None
        tables[name] = yield from measure_steps(parts[name], image, asked, known)
    return MeasuredCells(pairing, _side_by_side(pairing, tables, Stack.of(pairing.nuclei, asked)))


def _side_by_side(pairing: Pairing, tables: dict[str, Columns], stack: Stack) -> Columns:
    """Put what was measured of compartments into the row of their cell."""
    keys = _keys(pairing.table, pairing, stack)
    keys, first = np.unique(keys, return_index=True)  # of several nuclei the main one comes first
    rows = {name: column[first] for name, column in pairing.table.items()}
    measured: Columns = {}
    places: Columns = {}
    for part in COMPARTMENTS:
        table = tables[part]
        which = np.searchsorted(keys, _keys(table, pairing, stack))
        for name, column in table.items():
            if name in rows or name == "unit":
                continue
            wide = _spread(column, which, len(keys))
            if name.startswith("centroid_"):
                places[name] = _filled(wide, places.get(name))
            measured[f"{part}_{name}"] = wide
    unit = tables["cell"]["unit"][:1].tolist() or tables["nucleus"]["unit"][:1].tolist() or ["px"]
    return rows | places | measured | _ratios(measured) | {"unit": np.full(len(keys), unit[0])}


def _keys(table: Columns, pairing: Pairing, stack: Stack) -> NDArray[np.int64]:
    """Return a number for each row that tells its plane and label, ascending with both."""
    most = int(pairing.table["label"].max(initial=0)) + 1
    return stack.plane_of(table) * most + table["label"].astype(np.int64)


def _spread(column: NDArray[Any], rows: NDArray[np.intp], count: int) -> NDArray[Any]:
    """Put values into their rows; where some rows have none all become decimal, and these NaN."""
    if len(rows) == count:
        return column
    wide = np.full(count, np.nan)
    wide[rows] = column
    return wide


def _filled(column: NDArray[Any], before: NDArray[Any] | None) -> NDArray[Any]:
    """Take what an earlier column knows where a later one knows nothing."""
    return column if before is None else np.where(np.isnan(column), before, column)


def _ratios(measured: Columns) -> Columns:
    mean = "cytoplasm_intensity_mean"
    pairs = {"area": ("nucleus_area", "cell_area"), "volume": ("nucleus_volume", "cell_volume")}
    ratios = {
        f"nucleus_to_cell_{size}": _ratio(*(measured[name] for name in names))
        for size, names in pairs.items()
        if names[0] in measured
    }
    for name, below in measured.items():
        if name.startswith(mean):
            channel = name.removeprefix(mean)
            above = measured[f"nucleus_intensity_mean{channel}"]
            ratios[f"nucleus_to_cytoplasm_intensity_mean{channel}"] = _ratio(above, below)
    return ratios


def _ratio(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    out = np.full(len(above), np.nan)
    return np.asarray(np.divide(above, below, out=out, where=below != 0))
