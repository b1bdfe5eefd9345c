"""Side by side stands what `measure_objects` says of each compartment, in the row of its cell."""

import numpy as np
import pytest

from napari_unet import Evidence, PairConfig, UserError, drive, measure_cells, measure_objects
from napari_unet import compartments as parted
from napari_unet.core.pairing.measure import measure_cells_steps
from shapes import make_cells, make_image

SPACING = (2.0, 0.5, 0.5)


def row_of(table, label):
    (row,) = np.flatnonzero(table["label"] == label)
    return {name: column[row] for name, column in table.items()}


@pytest.fixture
def drawn(ndim):
    nuclei, cells, _ = make_cells(ndim)
    return nuclei, cells, np.stack([make_image(nuclei), make_image(cells, 1)]), SPACING[-ndim:]


def test_each_compartment_is_measured_as_it_would_be_alone(drawn):
    nuclei, cells, image, spacing = drawn
    asked = {"spacing": spacing, "unit": "µm"}
    found = measure_cells(nuclei, cells, image, PairConfig(ring=1), **asked)
    parts = parted(found.pairing.nuclei, cells, 1, **asked).by_name()
    assert found.table["label"].tolist() == [7, 12, 15, 40, 900, 901, 902, 903]
    assert set(found.table["unit"]) == {"µm"}
    for name, labels in parts.items():
        alone = measure_objects(labels, image, **asked)
        rows = np.searchsorted(found.table["label"], alone["label"])
        others = np.setdiff1d(np.arange(8), rows)
        for column in set(alone) - {"label", "unit"}:
            side = found.table[f"{name}_{column}"]
            np.testing.assert_array_equal(side[rows], alone[column], err_msg=column)
            assert np.isnan(side[others].astype(float)).all()


def test_ratios_and_places(drawn):
    nuclei, cells, image, spacing = drawn
    table = measure_cells(nuclei, cells, image, spacing=spacing).table
    size = "area" if cells.ndim == 2 else "volume"
    one = row_of(table, 7)
    share = np.sum(nuclei == 3) / np.sum(cells == 7)
    assert one[f"nucleus_to_cell_{size}"] == pytest.approx(share)
    around = image[:, (cells == 7) & (nuclei == 0)].mean(axis=1)
    ratio = image[:, nuclei == 3].mean(axis=1) / around
    for channel in range(2):
        assert one[f"nucleus_to_cytoplasm_intensity_mean_c{channel}"] == pytest.approx(
            ratio[channel]
        )
    assert one["centroid_x"] == one["cell_centroid_x"] != one["nucleus_centroid_x"]
    alone, empty = row_of(table, 902), row_of(table, 15)
    assert alone["centroid_x"] == alone["nucleus_centroid_x"]
    assert np.isnan([alone["cell_pixels"], alone[f"nucleus_to_cell_{size}"]]).all()
    assert np.isnan([empty["nucleus_pixels"], empty[f"nucleus_to_cell_{size}"]]).all()
    assert (alone["case"], empty["case"]) == ("no cell", "no nucleus")


def test_where_nothing_is_lacking_numbers_stay_whole_and_0_divides_nothing():
    cells = np.repeat([[0, 5, 5, 5, 0]], 5, axis=0)
    nuclei = np.zeros_like(cells)
    nuclei[2, 2] = 1
    table = measure_cells(nuclei, cells, 10 * nuclei).table
    assert table["nucleus_pixels"].dtype.kind == "i"
    assert np.isnan(table["nucleus_to_cytoplasm_intensity_mean"]).all()


def test_several_nuclei_count_together_where_that_is_asked_for(drawn):
    nuclei, cells, *_ = drawn
    table = measure_cells(nuclei, cells, config=PairConfig(several=True)).table
    assert row_of(table, 900)["nucleus_pixels"] == np.sum(np.isin(nuclei, (5, 8)))
    assert row_of(table, 900)["nucleus"] == 8
    assert len(table["label"]) == 7


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_second_nucleus_has_a_ring_where_its_cell_is(share):
    cells = np.repeat([[0, 5, 5, 5, 5, 5, 5, 5, 0, 0]], 9, axis=0)
    nuclei = np.zeros_like(cells)
    nuclei[1:4, 2:5], nuclei[6:8, 6:9] = 1, 2  # of 2 two thirds lie in the cell
    found = measure_cells(nuclei, cells, cells, PairConfig(share=share))
    assert row_of(found.table, 6)["cell"] == (5 if share == 0.5 else 0)
    assert row_of(found.table, 6)["ring_intensity_mean"] == (5 if share == 0.5 else 0)


def test_cells_are_grown_where_there_are_none(drawn):
    nuclei, *_, spacing = drawn
    found = measure_cells(nuclei, config=PairConfig(grow=1), spacing=spacing)
    assert set(found.table["case"]) == {"paired"}
    assert found.table["label"].tolist() == np.unique(nuclei)[1:].tolist()
    with pytest.raises(UserError, match="no cells"):
        measure_cells(nuclei)


def test_frames_have_rows_of_their_own():
    nuclei, cells, _ = make_cells(2)
    both = measure_cells(
        np.stack([nuclei, 0 * nuclei], axis=1), np.stack([cells, cells], axis=1), axes="YTX"
    ).table
    once = measure_cells(nuclei, cells).table
    assert both["t"].tolist() == [0] * 8 + [1] * 5
    np.testing.assert_array_equal(both["cell_area"][:8], once["cell_area"])
    assert np.isnan(both["nucleus_area"][8:]).all()


def test_what_is_known_of_pixels_counts_for_cells():
    nuclei, cells, _ = make_cells(2)
    evidence = Evidence(probability=np.full(cells.shape, 0.5))
    table = drive(measure_cells_steps(nuclei, cells, evidence=evidence)).table
    assert row_of(table, 7)["cell_doubt"] == 1
    assert "nucleus_doubt" not in table


def test_an_empty_image_has_a_table_without_rows(ndim):
    table = measure_cells(*np.zeros((2, *(4,) * ndim), np.uint8)).table
    assert {len(column) for column in table.values()} == {0}
    assert "cell_pixels" in table
