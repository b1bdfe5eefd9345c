"""Whatever goes wrong, one sentence says it, and nothing is half-written under a final name."""

import numpy as np
import pytest
import roifile

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop, drive
from napari_unet.io.exchange import formats
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.exchange.formats import FORMATS
from odd import odd_content

ALL = tuple(FORMATS)


def test_all_formats_at_once(tmp_path):
    files = drive(export_steps(Export(odd_content(), ALL, tmp_path / "new")))
    assert sorted(tmp_path.joinpath("new").iterdir()) == sorted(files)
    assert len(set(files)) == len(ALL)


def test_classes_get_a_file_of_their_own_and_objects_their_class(tmp_path):
    semantic = (odd_content().labels > 0).astype(np.uint8)
    content = odd_content(semantic=semantic, classes={}, class_names=("a",))
    files = drive(export_steps(Export(content, ["tiff", "coco"], tmp_path)))
    assert [file.name for file in files] == [
        *("cells_instances.tif", "cells_semantic.tif", "cells_coco.json")
    ]


@pytest.mark.parametrize("names", [(), ("",), ("a", "b"), ("a", "", "c")])
def test_all_classes_have_a_name_or_none_has(tmp_path, names):
    content = odd_content(semantic=odd_content().labels % 3 + 1, class_names=names)
    steps = export_steps(Export(content, ["coco"], tmp_path))
    if len(names) == 2:
        with pytest.raises(UserError, match="classes up to 3, but there are only 2 names: name"):
            drive(steps)
        assert list(tmp_path.iterdir()) == []
    else:
        assert drive(steps) == [tmp_path / "cells_coco.json"]


def test_nothing_is_replaced_unasked_and_nothing_written_beside(tmp_path):
    (tmp_path / "cells_coco.json").write_text("mine")
    export = Export(odd_content(), ["roi", "coco"], tmp_path)
    with pytest.raises(UserError, match=r"^cells_coco.json is in that folder already"):
        drive(export_steps(export))
    assert [path.name for path in tmp_path.iterdir()] == ["cells_coco.json"]
    drive(export_steps(export, overwrite=True))
    assert (tmp_path / "cells_coco.json").read_text() != "mine"


@pytest.mark.parametrize("word", FORMATS)
def test_a_full_disk_leaves_what_was_there(tmp_path, word, monkeypatch):
    export = Export(odd_content(), [word], tmp_path)
    (path,) = drive(export_steps(export))
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UserError, match=f"^Could not write .*{path.name}: No space left"):
        drive(export_steps(export, overwrite=True))
    after = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    assert after == before


def test_a_folder_that_is_read_only(tmp_path, read_only):
    read_only()
    with pytest.raises(UserError, match="Nothing can be written"):
        drive(export_steps(Export(odd_content(), ALL, tmp_path / "new")))


@pytest.mark.parametrize("word", ["roi", "geojson", "coco", "svg", "zarr"])
def test_a_stop_leaves_nothing(tmp_path, word):
    steps = export_steps(Export(odd_content(), [word], tmp_path))
    while not list(tmp_path.iterdir()):
        next(steps)
    with pytest.raises(Stop):
        steps.throw(Stop())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"labels": np.full((20, 24), -1)}, "negative numbers"),
        ({"labels": np.full((20, 24), 0.5)}, "decimal numbers"),
        ({"labels": np.zeros((20, 24), bool)}, "yes-or-no mask"),
        ({"semantic": np.full((20, 24), 0.5)}, "image of classes holds decimal"),
    ],
)
def test_what_cannot_be_objects(tmp_path, changes, told):
    with pytest.raises(UserError, match=told):
        drive(export_steps(Export(odd_content(**changes), ALL, tmp_path)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        (odd_content(), [], "choose a format"),
        (odd_content(), ["png", "dicom"], "no format 'dicom'; use tiff, "),
        (odd_content(role="semantic"), ["tiff", "roi"], "made of objects"),
    ],
)
def test_what_cannot_be_exported(tmp_path, content, words, told):
    with pytest.raises(UserError, match=told):
        drive(export_steps(Export(content, words, tmp_path)))


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ([2, 4, 6], None),
        ([2, 9, 8], None),  # two without a cell, as pairing numbers them
        ([2, 0, 0], None),
        ([2, 6, 0], "1 of 2 nuclei do"),
        ([4, 6, 2], "3 of 3 nuclei do"),
        ([7, 8, 9], "3 of 3 nuclei do"),
    ],
)
def test_a_nucleus_has_the_number_of_its_cell(tmp_path, columns, told):
    cells = np.repeat([[2, 2, 4, 4, 6, 6]], 3, axis=0)
    nuclei = np.zeros_like(cells)
    nuclei[1, ::2] = columns
    steps = export_steps(
        Export(Content(cells, "YX", "cells", nuclei=nuclei), ["geojson"], tmp_path)
    )
    if told is None:
        assert drive(steps) == [tmp_path / "cells.geojson"]
        return
    with pytest.raises(UserError, match=told):
        drive(steps)
    assert list(tmp_path.iterdir()) == []


def test_a_plane_that_is_larger_than_a_roi_can_say(tmp_path):
    content = odd_content(labels=np.zeros((1, 60_536), np.uint8), image=None)
    with pytest.raises(UserError, match=r"up to 60,535 pixels.*GeoJSON"):
        drive(export_steps(Export(content, ["csv", "roi"], tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda _: None)
    with pytest.raises(UserError, match="run pip install pyarrow"):
        drive(export_steps(Export(odd_content(), ["csv", "parquet"], tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_classes_may_be_yes_or_no(tmp_path):
    content = odd_content(semantic=odd_content().labels > 0)
    files = drive(export_steps(Export(content, ["tiff"], tmp_path)))
    assert [file.name for file in files] == ["cells_instances.tif", "cells_semantic.tif"]


def test_places_far_out_are_read_back_as_they_are(tmp_path):
    labels = np.zeros((3, 60_000), np.uint8)
    labels[1, 59_990:59_995] = 1
    (path,) = drive(export_steps(Export(odd_content(labels=labels, image=None), ["roi"], tmp_path)))
    (roi,) = roifile.roiread(path)
    assert roi.coordinates().min(axis=0).tolist() == [59_990, 1]
    assert roi.coordinates().max(axis=0).tolist() == [59_995, 2]
