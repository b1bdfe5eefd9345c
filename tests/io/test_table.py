import csv

import numpy as np
import pytest

from napari_unet import measure_objects
from napari_unet.io.table import object_rows, write_columns, write_table


@pytest.mark.parametrize(("ndim", "unit"), [(2, "µm"), (3, "px")])
def test_what_is_not_known_along_depth_is_measured_in_pixels(ndim, unit):
    labels = np.ones((3, 4, 5), np.uint8)
    row = object_rows(labels, "ZYX", ndim, (None, 0.5, 0.5), "µm")[0]
    assert (row["unit"], row.get("area", row.get("volume"))) == (unit, {2: 5.0, 3: 60.0}[ndim])


def test_rows_of_a_stack_name_their_plane(tmp_path):
    stack = np.zeros((3, 8, 8), int)
    stack[0, :2, :2], stack[2, 4:6, 4:8] = 1, 2
    rows = object_rows(stack, "TYX", 2, (0.5, 0.5), "µm")
    assert [(row["t"], row["label"], row["area"]) for row in rows] == [(0, 1, 1.0), (2, 2, 2.0)]
    write_table(tmp_path / "a.csv", rows)
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert [float(row["centroid_y"]) for row in read] == pytest.approx([0.25, 2.25])
    assert read[0]["unit"] == "µm"


def test_a_depth_of_planes_uses_the_planes_spacing():
    stack = np.zeros((2, 8, 8), int)
    stack[1, :2, :2] = 1
    (row,) = object_rows(stack, "ZYX", 2, (5.0, 0.5, 0.5), "µm")
    assert (row["z"], row["area"]) == (1, 1.0)


@pytest.mark.parametrize("axes", ["ZYX", "YXZ", "ZTYX", "YTXZ", "XYZT"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_the_order_of_the_axes_does_not_matter(axes, ndim):
    stack = np.zeros((2, 4, 8, 7), int)
    stack[1, 1:3, :5, :5], stack[0, 0, 6:, 2:] = 1, 2
    stack = stack if "T" in axes else stack[1]
    letters = "TZYX" if "T" in axes else "ZYX"
    sizes = {"Z": 5.0, "Y": 0.5, "X": 0.25}
    given = stack.transpose([letters.index(letter) for letter in axes])
    spacing = [sizes[letter] for letter in axes if letter in sizes]
    rows = object_rows(given, axes, ndim, spacing, "µm")
    expected = object_rows(stack, letters, ndim, tuple(sizes.values()), "µm")
    assert (rows.columns, list(rows)) == (expected.columns, list(expected))
    assert [row["label"] for row in rows].count(1) == (1 if ndim == 3 else 2)


@pytest.mark.parametrize("ndim", [2, 3])
def test_what_both_tables_have_is_the_same(ndim):
    stack = np.random.default_rng(0).integers(0, 4, (2, 3, 6, 7))
    place = {"axes": "TZYX", "ndim": ndim, "spacing": (3.0, 0.5, 0.25), "unit": "µm"}
    rows, table = object_rows(stack, **place), measure_objects(stack, **place)
    assert [name for name in table if name in rows.columns] == list(rows.columns)
    for name in rows.columns:
        column = [row[name] for row in rows]
        assert table[name].tolist() == (column if name == "unit" else pytest.approx(column))


def test_tables_of_other_columns_lie_below_each_other(tmp_path):
    one = {"a": np.array([1, 2]), "b": np.array([0.5, np.nan])}
    write_columns(tmp_path / "a.csv", [one, {"a": np.array([3]), "c": np.array([True])}])
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines == ["a,b,c", "1,0.5,", "2,nan,", "3,,True"]


@pytest.mark.parametrize(("axes", "ndim"), [("YX", 2), ("TYX", 2), ("ZYX", 3), ("TZYX", 3)])
def test_a_table_without_objects_has_the_same_head(tmp_path, axes, ndim):
    labels = np.zeros((4,) * len(axes), int)
    write_table(tmp_path / "none.csv", object_rows(labels, axes, ndim))
    labels[..., 0] = 1
    write_table(tmp_path / "some.csv", object_rows(labels, axes, ndim))
    none, some = ((tmp_path / f"{n}.csv").read_text().splitlines() for n in ("none", "some"))
    assert none == some[:1]
    assert len(some) == 1 + np.prod(labels.shape[: len(axes) - ndim], dtype=int)
