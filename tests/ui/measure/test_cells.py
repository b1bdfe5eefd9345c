"""What a click does with cells and nuclei, and which layers come of it."""

import numpy as np
import pytest
from napari.layers import Labels

from napari_unet import PairConfig, UserError, drive, measure_cells
from napari_unet.ui.measure.cells import Chosen, chosen_copies, measuring_chosen, show_pairing
from napari_unet.ui.measure.columns import is_measured, leading, shown_by, title
from napari_unet.ui.work.copies import at_once
from shapes import make_cells

LOOK = {"scale": (0.5, 0.5), "units": ("um",) * 2}


def measured(chosen, ndim=2):
    return drive(measuring_chosen(at_once(chosen_copies(chosen, None, (), ndim))))


def test_layers_are_paired_as_their_arrays_are(bare_viewer):
    nuclei, cells, _ = make_cells(2)
    objects = bare_viewer.add_labels(cells, name="cells", **LOOK)
    chosen = Chosen(objects, bare_viewer.add_labels(nuclei, name="nuclei", **LOOK), PairConfig())
    found = measured(chosen)
    expected = measure_cells(nuclei, cells, spacing=(0.5, 0.5), unit="µm")
    for name, column in expected.table.items():
        np.testing.assert_array_equal(found.table[name], column, err_msg=name)
    shown, paired = show_pairing(bare_viewer, chosen, found.pairing)
    assert shown is objects
    assert paired.name == "nuclei paired"
    np.testing.assert_array_equal(paired.data, expected.pairing.nuclei)
    np.testing.assert_array_equal(paired.scale, objects.scale)
    again = Chosen(objects, paired, PairConfig())
    assert show_pairing(bare_viewer, again, measured(again).pairing) == (objects, paired)
    assert len(bare_viewer.layers) == 3


def test_cells_that_are_grown_become_a_layer(bare_viewer):
    nuclei, *_ = make_cells(2)
    layer = bare_viewer.add_labels(nuclei[np.newaxis], name="nuclei")
    chosen = Chosen(layer, None, PairConfig(grow=2))
    cells, same = show_pairing(bare_viewer, chosen, measured(chosen).pairing)
    assert same is layer is bare_viewer.layers.selection.active
    assert cells.name == "nuclei cells"
    grown = measure_cells(nuclei, config=PairConfig(grow=2)).pairing.cells
    np.testing.assert_array_equal(cells.data, grown[np.newaxis])


def test_columns_of_compartments_have_titles():
    nuclei, cells, _ = make_cells(2)
    table = measure_cells(nuclei, cells, cells, unit="µm", spacing=(1, 1)).table
    assert is_measured({"index": table["label"], **table})
    assert leading(table) == ["label", "case"]
    offered = shown_by(table)
    assert title(offered[0], table) == "cell area (µm²)"
    titles = {title(name, table) for name in offered}
    assert {"nucleus to cell area", "ring perimeter (µm)", "ring intensity percentile 5"} <= titles
    assert not any("centroid" in each for each in titles)
    assert {table[name].dtype.kind for name in offered} <= set("iufb")


def test_a_layer_is_not_paired_with_itself():
    layer = Labels(make_cells(2)[1])
    with pytest.raises(UserError, match="as objects and as their nuclei"):
        measured(Chosen(layer, layer, PairConfig()))


def test_nuclei_that_lie_elsewhere_are_told(bare_viewer, said):
    nuclei, cells, _ = make_cells(2)
    objects = bare_viewer.add_labels(cells, name="cells", **LOOK)
    moved = bare_viewer.add_labels(nuclei, name="nuclei", translate=(0, 5), **LOOK)
    measured(Chosen(objects, moved, PairConfig()))
    assert "“nuclei” lies elsewhere than “cells”: it is moved by 0 × 10 pixels." in said[-1]
    moved.translate = objects.translate
    measured(Chosen(objects, moved, PairConfig()))
    assert len(said) == 1
