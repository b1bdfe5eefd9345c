import numpy as np
import pytest
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.io.read import read_image
from napari_unet.io.tiff import write_labels, write_tiff

SPACING = {2: (0.5, 0.25), 3: (2.0, 0.5, 0.25)}


def test_labels_come_back(tmp_path, labels, ndim):
    path = tmp_path / "new folder" / "cells.tif"
    write_labels(path, labels, "ZYX"[-ndim:], SPACING[ndim], "µm")
    picture = read_image(path)
    np.testing.assert_array_equal(picture.data, labels)
    assert (picture.axes, picture.unit, picture.name) == ("ZYX"[-ndim:], "µm", "cells")
    assert picture.spacing == pytest.approx(SPACING[ndim], rel=1e-5)
    assert [file.name for file in path.parent.iterdir()] == ["cells.tif"]


@pytest.mark.parametrize(
    ("highest", "dtype", "fiji"),
    [
        (255, "uint8", True),
        (256, "uint16", True),
        (65_535, "uint16", True),
        (65_536, "uint32", False),
    ],
)
def test_smallest_integers(tmp_path, highest, dtype, fiji):
    labels = np.arange(highest + 1, dtype=np.int64)[-64:].reshape(2, 4, 8)
    write_labels(tmp_path / "cells.tif", labels, "ZYX", (3.0, 0.5, 0.5), "µm")
    picture = read_image(tmp_path / "cells.tif")
    np.testing.assert_array_equal(picture.data, labels)
    assert picture.data.dtype == dtype
    assert picture.spacing == pytest.approx((3, 0.5, 0.5), rel=1e-5)
    with tifffile.TiffFile(tmp_path / "cells.tif") as file:
        assert (file.is_imagej, file.is_ome) == (fiji, not fiji)


def test_axes_are_put_in_the_order_of_tiff(tmp_path):
    data = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    write_tiff(tmp_path / "a.tif", data, "YTX")
    picture = read_image(tmp_path / "a.tif")
    assert picture.axes == "TYX"
    np.testing.assert_array_equal(picture.data, data.transpose(1, 0, 2))


def test_unknown_size_stays_unknown(tmp_path):
    write_labels(tmp_path / "a.tif", np.eye(4, dtype=int))
    assert read_image(tmp_path / "a.tif").spacing is None


def test_no_place_for_the_axes(tmp_path):
    with pytest.raises(UserError, match="T, Z, C, Y and X"):
        write_labels(tmp_path / "a.tif", np.zeros((2, 3, 4), int), "SYX")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    write_labels(path, np.eye(4, dtype=int))
    before = path.read_bytes()

    def full(file, *args, **kwargs):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tifffile, "imwrite", full)
    with pytest.raises(UserError, match="No space left"):
        write_labels(path, np.zeros((4, 4), int))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("unit", "factor"), [("micron", 1.0), ("nm", 1e-3), ("mm", 1e3)])
def test_units_become_micrometres(tmp_path, unit, factor):
    metadata = {"axes": "YX", "unit": unit}
    data = np.zeros((4, 4), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=True, resolution=(2, 4), metadata=metadata)
    assert read_image(tmp_path / "a.tif").spacing == pytest.approx((0.25 * factor, 0.5 * factor))


def test_channels_are_named(tmp_path):
    data = np.zeros((5, 3, 8, 8), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", data, ome=True, metadata={"axes": "ZCYX"})
    assert read_image(tmp_path / "a.tif").axes == "ZCYX"


def test_pages_without_names_are_not_guessed(tmp_path):
    data = np.zeros((5, 8, 8), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack", metadata=None)
    assert read_image(tmp_path / "a.tif").axes is None
