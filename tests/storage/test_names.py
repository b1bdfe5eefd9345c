"""File names made from any words."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.errors import UserError
from napari_unet.storage.names import LONGEST, asked_file, file_name, is_device, numbered


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plate/well A1", "plate_well A1"),
        ("C:\\cells.tif", "C__cells.tif"),
        ("Zellen übermäßig", "Zellen übermäßig"),
        (" . /", "image"),
        ("", "image"),
        ("x" * 59 + " y", "x" * 59),
        ("CON", "_CON"),
        ("aux.plate", "_aux.plate"),
        ("aux." + "x" * 60, "_aux." + "x" * 55),
        ("com1 .tif", "_com1 .tif"),
        ("console", "console"),
        ("com10", "com10"),
    ],
)
def test_file_name(name, expected):
    assert file_name(name, "image") == expected


def test_a_file_that_nobody_was_asked_about_is_not_replaced(tmp_path):
    (tmp_path / "plate1.csv").touch()
    (tmp_path / "plate.TIFF").touch()
    named = {"plate1.2": "plate1.2.csv", "plate1.csv": "plate1.csv"}
    for name, file in named.items():
        assert asked_file(str(tmp_path / name), ".csv") == tmp_path / file
    assert asked_file(str(tmp_path / "plate.TIFF"), ".tif", ".tiff") == tmp_path / "plate.TIFF"
    with pytest.raises(UserError, match=r"plate1\.csv exists: choose another name"):
        asked_file(str(tmp_path / "plate1"), ".csv")


def test_names_with_numbers():
    assert list(islice(numbered("a 2"), 3)) == ["a 2", "a 2 2", "a 2 3"]


@given(st.text() | st.from_regex(r"(?i)(aux|lpt9)[ .]*[x_. ]{,70}", fullmatch=True))
def test_a_file_name_is_one_name_and_stays_as_it_is(name):
    made = file_name(name, "image")
    assert 0 < len(made) <= LONGEST
    assert not set(made) & set('/\\:*?"<>|\0\n')
    assert made == made.strip(" .")
    assert not is_device(made)
    assert file_name(made, "image") == made
