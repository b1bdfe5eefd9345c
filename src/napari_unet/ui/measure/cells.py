"""Cells with their nuclei: what a worker needs to pair them, and the layers that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_unet.core.pairing.config import PairConfig
from napari_unet.core.progress import Steps
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.below import check_order, lie_on
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.labels import LayerCopy, chunked_layer_copy
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.layers.place_note import refuse_own_nuclei, tell_place
from napari_unet.ui.measure.steps import Copies, Table, asked_of, chunked_copies, measuring
from napari_unet.ui.work.copies import ChunkedCopy, digest

if TYPE_CHECKING:
    from napari_unet.core.pairing.pair import Pairing


@dataclass(frozen=True)
class Chosen:
    """What is chosen.

    Parameters
    ----------
    objects
        The objects: cells where there are nuclei, and nuclei where cells are grown.
    nuclei
        The nuclei of cells, None for none.
    config
        How nuclei and cells are paired; None for objects of one kind.
    """

    objects: Labels
    nuclei: Labels | None = None
    config: PairConfig | None = None


@dataclass(frozen=True)
class ChosenCopies:
    """The same as a worker gets it; with the objects comes what is measured with them."""

    objects: Copies
    nuclei: LayerCopy | None
    config: PairConfig | None


@dataclass(frozen=True)
class Measured:
    """What was measured, the `digest` of the objects, how they were paired, what is doubtful."""

    table: Table
    pixels: str
    pairing: Pairing | None = None
    doubts: Sequence[str] = ()


def chosen_copies(
    chosen: Chosen, image: Image | None, layers: Sequence[Layer], ndim: int
) -> ChunkedCopy[ChosenCopies]:
    """Copy what is paired and measured, on the thread of the window.

    Parameters
    ----------
    chosen
        Objects and nuclei.
    image, layers, ndim
        As for `chunked_copies`.

    Raises
    ------
    UserError
        If objects, nuclei and image do not fit each other.
    """
    check_order(chosen.objects, chosen.nuclei)
    refuse_own_nuclei(chosen.objects, chosen.nuclei)
    objects = yield from chunked_copies(chosen.objects, image, layers, ndim)
    if image is not None:
        tell_place(chosen.objects, image)
    nuclei = None
    if chosen.nuclei is not None:
        lie_on(chosen.nuclei, image, chosen.objects)
        tell_place(chosen.nuclei, chosen.objects)
        nuclei = yield from chunked_layer_copy(chosen.nuclei, ndim)
    return ChosenCopies(objects, nuclei, chosen.config)


def measuring_chosen(copies: ChosenCopies) -> Steps[Measured]:
    """Measure objects, and pair nuclei and cells before; for a worker."""
    labels = copies.objects.labels
    if copies.config is None:
        table = yield from measuring(copies.objects)
        return Measured(table, digest(labels.values), None, copies.objects.doubts())
    from napari_unet.core.pairing.measure import measure_cells_steps  # noqa: PLC0415 - slow

    objects, image = labels.objects(), copies.objects.image
    request, evidence = asked_of(copies.objects)
    if copies.nuclei is None:
        steps = measure_cells_steps(objects, None, image, copies.config, request)
    else:
        nuclei = copies.nuclei.objects()
        steps = measure_cells_steps(nuclei, objects, image, copies.config, request, evidence)
    found = yield from steps
    cells = objects if copies.nuclei is not None else found.pairing.cells
    return Measured(found.table, digest(cells), found.pairing, copies.objects.doubts())


def show_pairing(viewer: ViewerModel, chosen: Chosen, pairing: Pairing) -> tuple[Labels, Labels]:
    """Show what was paired in new layers, where it is not what the chosen layers show already.

    Returns
    -------
    The layers of the cells and of the nuclei, which have one numbering.
    """
    objects, nuclei = chosen.objects, chosen.nuclei
    if nuclei is None:
        return _added(viewer, objects, pairing.cells, f"{objects.name} cells"), objects
    pixels = full_resolution(nuclei)
    paired = pairing.nuclei.reshape(pixels.shape)
    if isinstance(pixels, np.ndarray) and np.array_equal(pixels, paired):
        return objects, nuclei
    return objects, _added(viewer, nuclei, paired, f"{nuclei.name} paired")


def _added(viewer: ViewerModel, source: Labels, pixels: Any, name: str) -> Labels:
    """Add labels above the layer that they are made from; what is active stays so."""
    made = source.metadata.get(MADE)
    layer = Labels(
        pixels.reshape(full_resolution(source).shape),
        name=name,
        metadata={} if made is None else {MADE: made | {"role": "instances", "result": None}},
        **geometry(source),
    )
    active = viewer.layers.selection.active
    viewer.layers.insert(viewer.layers.index(source) + 1, layer)
    viewer.layers.selection.active = active
    return layer
