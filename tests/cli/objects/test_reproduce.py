"""Results made again: the same, different, or impossible, each in one sentence."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pyarrow.parquet
import pytest
import tifffile
import zarr

from napari_unet.cli.main import main
from napari_unet.core.config import DecodeConfig
from napari_unet.core.provenance.record import Provenance
from napari_unet.io.provenance.read import read_provenance
from napari_unet.io.read import read_label_image
from napari_unet.io.tiff.write import TAG, write_labels, write_tiff
from napari_unet.nn.model import load_model, save_model
from napari_unet.scale.batch import one_image
from shapes import make_image, make_labels

VALUES = ["--threshold", "0.2478", "--split", "0", "--min-size", "0"]


@pytest.fixture
def model(tmp_path, small_model):
    return shutil.copy(small_model, tmp_path / "mine.safetensors")


@pytest.fixture
def out(tmp_path, model):
    """A folder of the results of one image."""
    write_tiff(tmp_path / "a.tif", make_image(make_labels(2)))
    segment(tmp_path / "a.tif", tmp_path / "out", model, "--views", "mirrored", "--uncertainty")
    return tmp_path / "out"


def segment(image, out, model, *more):
    words = ["segment", str(image), "--model", str(model), "--out", str(out), *VALUES, *more]
    assert main(words) == 0


def reproduce(*words):
    return main(["reproduce", *map(str, words)])


@pytest.mark.parametrize(
    "kind", ["instances.tif", "semantic.tif", "objects.csv", "uncertainty.tif"]
)
def test_the_same(out, capsys, kind):
    before = sorted(out.rglob("*"))
    assert reproduce(out / f"a_{kind}") == 0
    told = capsys.readouterr().out
    assert f"a_{kind} is the same" in told
    assert "though" not in told
    assert sorted(out.rglob("*")) == before


def test_exported_labels_are_made_again_and_their_record_goes_along(out, tmp_path, capsys):
    to = tmp_path / "exported"
    words = ["--to", "tiff,zarr,csv,parquet,coco,geojson", "--out", str(to)]
    classes = ["--semantic", str(out / "a_semantic.tif")]
    assert main(["export", str(out / "a_instances.tif"), *words, *classes]) == 0
    made = read_provenance(out / "a_instances.tif")
    for kind in ("instances", "semantic"):
        assert read_provenance(to / f"a_{kind}.tif") == made.replace(kind=kind)
        assert reproduce(to / f"a_{kind}.tif") == 0
    assert read_provenance(to / "a.ome.zarr") == made
    table = pyarrow.parquet.read_schema(to / "a_objects.parquet").metadata[b"napari_unet"]
    coco = json.loads((to / "a_coco.json").read_text("utf-8"))["info"]["napari_unet"]
    geojson = json.loads((to / "a.geojson").read_text("utf-8"))["napari_unet"]
    assert Provenance.from_json(table.decode(), "it") == made.replace(kind="objects")
    for record in (coco, geojson):
        assert Provenance.from_json(json.dumps(record), "it") == made
    capsys.readouterr()
    assert reproduce(to / "a_objects.csv") == 2
    assert "other columns than segment writes" in capsys.readouterr().err


def test_a_table_of_an_earlier_version_is_refused_before_any_work(out, capsys, monkeypatch):
    (out / "a_objects.csv").write_text("label,pixels,area,centroid_y,centroid_x,unit\n")
    monkeypatch.setattr(one_image, "segment_steps", lambda *_: 1 / 0)
    assert reproduce(out / "a_objects.csv") == 2
    assert "other columns than segment writes" in capsys.readouterr().err


def test_what_was_changed_by_hand_is_told(out, capsys):
    file, made = out / "a_instances.tif", read_provenance(out / "a_instances.tif")
    labels = read_label_image(file).data
    labels[labels == 1] = 0
    write_labels(file, labels, made=made.replace(edited=True))
    assert reproduce(file) == 1
    assert "objects were changed by hand since" in capsys.readouterr().out


def test_other_pixels_are_counted(out, tmp_path, capsys):
    file, made = out / "a_instances.tif", read_provenance(out / "a_instances.tif")
    labels = read_label_image(file).data
    assert labels.max() > 0
    labels[0, :3] += 1
    write_labels(file, labels, "YX", made=made)
    assert reproduce(file, "--out", tmp_path / "again") == 1
    assert f"different when it is made again: 3 of {labels.size:,} pixels" in (
        capsys.readouterr().out
    )
    assert (tmp_path / "again" / "a_instances.tif").is_file()
    assert reproduce(file, "--out", tmp_path / "again") == 2
    assert "empty folder (--out)" in capsys.readouterr().err


def test_what_has_changed_since_is_told(out, tmp_path, model, capsys):
    write_tiff(tmp_path / "a.tif", make_image(make_labels(2), seed=5))
    save_model(replace(load_model(model), decode=DecodeConfig(split=0.1)), model)
    file = out / "a_instances.tif"
    made = read_provenance(file).replace(torch="1.0")
    write_labels(file, read_label_image(file).data, "YX", made=made)
    assert reproduce(file) == 1
    told = capsys.readouterr().out
    for words in ("model 'small' is another one", "image a.tif is another one", "PyTorch 1.0 is"):
        assert words in told
    assert "pixels" in told
    assert reproduce(file, "--progress", "jsonl") == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["result"]["same"] is False


def test_an_image_that_was_moved(out, tmp_path, capsys):
    file, image = out / "a_instances.tif", tmp_path / "a.tif"
    image.rename(tmp_path / "b.tif")
    assert reproduce(file) == 2
    assert "is missing: say where it is (--source)" in capsys.readouterr().err
    assert reproduce(file, "--source", tmp_path / "b.tif") == 0
    shutil.copy(tmp_path / "b.tif", out / "a.tif")
    assert reproduce(file) == 0


def test_a_model_that_is_gone(out, model, capsys):
    model.unlink()
    assert reproduce(out / "a_instances.tif") == 2
    assert "The model 'small' is missing" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["none", "part", "file", "model", "edited"])
def test_what_cannot_be_made_again(out, capsys, change):
    file, labels = out / "a_instances.tif", make_labels(2).astype(np.uint8)
    made = read_provenance(file)
    part, nowhere = made.source.replace(part="T3"), made.source.replace(file="")
    changed, words = {
        "none": (None, "does not say how"),
        "part": (made.replace(source=part), "part of an image (T3)"),
        "file": (made.replace(source=nowhere), "of which image it was made: name it (--source)"),
        "model": (made.replace(model=made.model.replace(file="")), "was in no file"),
        "edited": (None, "edited"),
    }[change]
    write_labels(file, labels, made=changed)
    if change == "edited":
        text = made.to_json().replace("0.2478", "0.3")
        tifffile.imwrite(file, labels, extratags=[(TAG, "s", 0, text, True)])
    assert reproduce(file) == 2
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_labels_of_a_large_image(tmp_path, model, capsys):
    zarr.save_array(str(tmp_path / "a.zarr"), make_image(make_labels(2)))
    segment(tmp_path / "a.zarr", tmp_path / "out", model)
    file = tmp_path / "out" / "a_instances.zarr"
    assert reproduce(file) == 0
    zarr.open_group(str(file))["0"][:2, :3] = 7
    assert reproduce(file) == 1
    assert "6 of" in capsys.readouterr().out
