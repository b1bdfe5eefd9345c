"""Records in files that other programs still read, and what is said where there is none."""

import numpy as np
import pytest
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import ModelFile, Provenance, SourceFile
from napari_unet.io.ome_zarr import LabelPyramid, read_zarr
from napari_unet.io.provenance.read import read_provenance
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from shapes import make_labels

MADE = Provenance(model=ModelFile("größe", "nuclei", "ab"), source=SourceFile("/µ/a.tif"))


@pytest.mark.parametrize("highest", [200, 70_000], ids=["Fiji", "OME"])
def test_a_tiff_says_it_and_stays_as_it_was(tmp_path, ndim, highest):
    labels, axes = make_labels(ndim).astype(np.uint32), "ZYX"[-ndim:]
    labels.flat[0] = highest
    spacing = (2.0, 0.5, 0.25)[-ndim:]
    path, plain = tmp_path / "a.tif", tmp_path / "b.tif"
    write_labels(path, labels, axes, spacing, "µm", MADE)
    write_labels(plain, labels, axes, spacing, "µm")
    assert read_provenance(path) == MADE
    with tifffile.TiffFile(path) as file, tifffile.TiffFile(plain) as other:
        assert file.is_imagej == other.is_imagej
        assert file.imagej_metadata == other.imagej_metadata
        assert file.is_ome == other.is_ome
        assert [each.shape for each in file.series] == [each.shape for each in other.series]
    read = read_image(path)
    np.testing.assert_array_equal(read.data, labels)
    assert (read.axes, read.spacing) == (axes, spacing)


def test_a_zarr_folder_says_it(tmp_path):
    path = tmp_path / "a.zarr"
    LabelPyramid((4, 5), "YX", (4, 5)).create(path, "uint8", "objects", MADE)
    assert read_provenance(path) == MADE
    assert read_zarr(path).labels


def test_a_table_says_it_by_the_labels_beside_it(tmp_path):
    table = tmp_path / "a_objects.csv"
    table.write_text("label\n")
    with pytest.raises(UserError, match=r"a_instances\.tif"):
        read_provenance(table)
    write_labels(tmp_path / "a_instances.tif", make_labels(2), made=MADE)
    assert read_provenance(table) == MADE.replace(kind="objects")


def test_files_that_do_not_say_it(tmp_path):
    write_tiff(tmp_path / "a.tif", np.zeros((4, 4), np.uint8))
    (tmp_path / "a.png").write_bytes(b"")
    LabelPyramid((4, 5), "YX", (4, 5)).create(tmp_path / "a.zarr", "uint8", "objects")
    for name in ("a.tif", "a.png", "a.zarr"):
        with pytest.raises(UserError, match="does not say how"):
            read_provenance(tmp_path / name)
    (tmp_path / "b.tif").write_bytes(b"no TIFF")
    (tmp_path / "b.zarr").mkdir()
    (tmp_path / "b.zarr" / ".zattrs").write_text("{")
    for name in ("b.tif", "b.zarr"):
        with pytest.raises(UserError, match="damaged"):
            read_provenance(tmp_path / name)
    with pytest.raises(UserError, match="no file"):
        read_provenance(tmp_path / "c.tif")
