"""What columns are called in the window, and which of them are offered."""

import numpy as np
import pytest

from napari_unet import measure_objects
from napari_unet.ui.measure.columns import is_measured, leading, shown_by, title
from shapes import make_labels


@pytest.fixture
def table(labels, ndim):
    spacing = (2.0, 0.5, 0.5)[-ndim:]
    return measure_objects(labels, np.stack([labels, labels]), spacing=spacing, unit="µm")


def test_titles_are_words_with_units(table, ndim):
    size = {2: "area (µm²)", 3: "volume (µm³)"}[ndim]
    titles = [title(name, table) for name in shown_by(table)]
    assert titles[0] == size
    assert {"axis major length (µm)", "solidity", "intensity percentile 95 c1"} <= set(titles)
    assert "orientation (rad)" in titles
    assert not any("_" in each for each in titles)


def test_places_and_numbers_are_no_colours(table):
    assert not {"label", "unit", "centroid_x"} & set(shown_by(table))
    assert leading(table | {"t": table["label"]}) == ["label", "t"]


def test_words_are_no_colours(table):
    assert "note" not in shown_by(table | {"note": np.array(["a"] * len(table["label"]), object)})


def test_features_of_others_are_no_such_table(table):
    assert is_measured({"index": table["label"], **table})
    assert not is_measured({"index": 1, "label": 2})


def test_a_table_without_rows_has_titles():
    empty = measure_objects(make_labels(2) * 0)
    assert title("area", empty) == "area"
