"""What a table of objects is as a file."""

import numpy as np

from napari_unet.io.table import write_columns, write_rows


def test_tables_of_other_columns_lie_below_each_other(tmp_path):
    one = {"a": np.array([1, 2]), "b": np.array([0.5, np.nan])}
    write_columns(tmp_path / "a.csv", [one, {"a": np.array([3]), "c": np.array([True])}])
    lines = (tmp_path / "a.csv").read_text().splitlines()
    assert lines == ["a,b,c", "1,0.5,", "2,nan,", "3,,True"]


def test_a_table_without_rows_has_a_head(tmp_path):
    write_rows(tmp_path / "a.csv", ("a", "b"), [])
    write_columns(tmp_path / "b.csv", [{"a": np.array([]), "b": np.array([])}])
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes() == b"a,b\r\n"
