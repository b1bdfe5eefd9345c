import csv

import numpy as np
import pytest

from napari_unet.io.table import object_rows, write_table


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


def test_no_objects(tmp_path):
    write_table(tmp_path / "a.csv", object_rows(np.zeros((4, 4), int), "YX", 2))
    assert (tmp_path / "a.csv").read_text() == ""
