"""Segmenting files from the shell: what is written and said, and what is refused in a sentence."""

import csv
import json
import re
import shutil
import signal
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import TRACEBACK
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.ome_zarr import LabelPyramid
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.scale.batch import one_image as batch_file
from shapes import make_image, make_labels
from shell import run, told


def test_where_the_error_of_one_file_is_can_be_shown(monkeypatch, capsys, tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((9, 7), np.uint8))
    asked = ("segment", tmp_path / "a.npy", "--axes", "ZYX", "--out", tmp_path / "out")
    assert run(*asked) == 2
    assert "Traceback" not in told(capsys)
    monkeypatch.setenv(TRACEBACK, "1")
    assert run(*asked) == 2
    assert "Traceback" in told(capsys)


@pytest.fixture
def segmented(tmp_path, folders, small_model):
    out = tmp_path / "out"
    assert run("segment", folders[0], "--model", small_model, "--out", out, "--min-size", 0) == 0
    return out


def test_segment_writes_labels_and_a_table(segmented, folders, capsys):
    kinds = {"instances.tif", "semantic.tif", "objects.csv"}
    files = {f"{n}_{k}" for n in "abc" for k in kinds} | {"segment.jsonl", "summary.csv"}
    assert {file.name for file in segmented.iterdir()} == files
    instances = read_image(segmented / "a_instances.tif").data
    assert instances.shape == read_image(folders[0] / "a.tif").data.shape
    with (segmented / "a_objects.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == len(np.unique(instances[instances > 0]))


def test_segment_keeps_the_scale(tmp_path, small_model):
    stack = np.stack([make_image(make_labels(2), seed) for seed in range(3)])
    write_tiff(tmp_path / "a.tif", stack, "ZYX", (2.0, 0.5, 0.25), "µm")
    assert run("segment", tmp_path / "a.tif", "--model", small_model, "--out", tmp_path) == 0
    result = read_image(tmp_path / "a_instances.tif")
    assert (result.axes, result.spacing) == ("ZYX", pytest.approx((2.0, 0.5, 0.25), rel=1e-5))


def test_segment_takes_choices_of_several_words(tmp_path, folders, small_model):
    out = tmp_path / "out"
    choices = ("--views", "mirrored-and-rotated", "--uncertainty", "--probabilities")
    choices += ("--channels", 0, "--spacing", "0.5,0.5", "--no-link-frames", "--jobs", 1)
    colours = np.stack([read_image(folders[0] / f"{name}.tif").data for name in "ab"])
    write_tiff(tmp_path / "a.tif", colours, "CYX")
    asked = ("segment", tmp_path / "a.tif", "--model", small_model, "--out", out)
    assert run(*asked, *choices) == 0
    uncertainty = read_image(out / "a_uncertainty.tif")
    assert (uncertainty.axes, uncertainty.spacing) == ("YX", pytest.approx((0.5, 0.5)))
    assert 0 < uncertainty.data.max() <= 0.5
    assert read_image(out / "a_probabilities.tif").data.shape == (2, *uncertainty.data.shape)


def test_that_colours_are_grey_is_told_once_and_of_which_image(tmp_path, small_model, capsys):
    grey = make_image(make_labels(2)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", np.stack([grey] * 3, -1), photometric="rgb")
    assert run("segment", tmp_path / "a.tif", "--model", small_model, "--out", tmp_path / "o") == 0
    said = told(capsys)
    assert "a.tif: The colours of this image are shades of grey" in said
    assert said.count("shades of grey") == 1


def test_nothing_is_overwritten_unasked(segmented, folders, small_model, capsys):
    before = {file: file.read_bytes() for file in segmented.iterdir()}
    command = ("segment", folders[0] / "a.tif", "--model", small_model, "--out", segmented)
    assert run(*command) == 2
    assert "--overwrite" in told(capsys)
    results = {file: file.read_bytes() for file in before if "_" in file.name}
    assert results == {file: before[file] for file in results}
    assert run(*command, "--overwrite") == 0


def test_what_is_finished_is_skipped_when_run_again(segmented, folders, small_model, capsys):
    before = {file: file.stat().st_mtime_ns for file in segmented.glob("*_*")}
    command = ("segment", folders[0], "--model", small_model, "--out", segmented)
    assert run(*command, "--min-size", 0) == 0
    assert "3 of 3 images done, 3 of them before" in capsys.readouterr().out
    assert {file: file.stat().st_mtime_ns for file in segmented.glob("*_*")} == before


def test_a_batch_tells_other_programs_row_by_row(tmp_path, folders, small_model, capsys):
    out = tmp_path / "out"
    asked = ("--model", small_model, "--out", out, "--progress", "jsonl", "--recursive")
    assert run("segment", folders[0], *asked) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows = [line["values"] for line in lines[:-1] if "status" in line["values"]]
    assert [(row["name"], row["status"]) for row in rows] == [(name, "done") for name in "abc"]
    assert lines[-1]["result"]["done"] == 3
    assert lines[-1]["result"]["summary"] == str(out / "summary.csv")


@pytest.mark.usefixtures("usual_interrupt")
def test_the_first_interrupt_keeps_what_is_finished(
    tmp_path, folders, small_model, capsys, monkeypatch
):
    write = batch_file.write_results

    def interrupted(*given):
        signal.raise_signal(signal.SIGINT)
        return write(*given)

    monkeypatch.setattr(batch_file, "write_results", interrupted)
    out = tmp_path / "out"
    assert run("segment", folders[0], "--model", small_model, "--out", out) == 130
    assert "stopped" in told(capsys)
    assert (out / "a_instances.tif").exists()
    assert not (out / "b_instances.tif").exists()
    with (out / "summary.csv").open(encoding="utf-8") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["done", *["not done"] * 2]


def test_results_beside_their_images_are_not_images(folders, small_model):
    for _ in range(2):
        command = ("segment", folders[0], "--model", small_model, "--out", folders[0])
        assert run(*command, "--overwrite") == 0
    assert not list(folders[0].glob("*_instances_instances.tif"))


BAD_IMAGES = {
    "empty": np.zeros((0, 8), np.uint8),
    "NaN": np.full((32, 32), np.nan, np.float32),
    "boolean": np.eye(32, dtype=bool),
    "complex": np.eye(32, dtype=complex),
    "0-D": np.array(5.0),
    "1-D": np.arange(9.0),
    "smaller than the stride": np.array([[1, 2, 3]], np.uint8),
    "channels": np.random.default_rng(0).random((32, 32, 3)),
}


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_bad_images_are_told_in_one_sentence(tmp_path, small_model, capsys, kind):
    np.save(tmp_path / "bad.npy", BAD_IMAGES[kind])
    assert (
        run("segment", tmp_path / "bad.npy", "--model", small_model, "--out", tmp_path / "o") == 2
    )
    sentence = told(capsys)
    assert sentence.count("\n") == 1
    assert ("(--channels)." in sentence) == (kind == "channels")
    assert not (tmp_path / "o").exists()


def test_a_batch_goes_on_past_a_bad_file(tmp_path, folders, small_model, capsys):
    (folders[0] / "b.tif").write_bytes(b"not an image")
    out = tmp_path / "out"
    assert run("segment", folders[0], "--model", small_model, "--out", out) == 2
    assert {file.name[0] for file in out.glob("*_*")} == {"a", "c"}
    lines = told(capsys).splitlines()
    assert "1 of 3 files failed" in lines[-2]
    assert "b.tif" in lines[-1]


@pytest.mark.parametrize("kind", ["missing", "not a model", "cut short", "from the future"])
def test_bad_models_are_told_in_one_sentence(tmp_path, folders, small_model, capsys, kind):
    model, whole = tmp_path / "m.safetensors", small_model.read_bytes()
    if kind == "not a model":
        model.write_bytes(b"something else altogether")
    if kind == "cut short":
        model.write_bytes(whole[:-100])
    if kind == "from the future":
        model.write_bytes(whole.replace(rb"{\"format\": 1,", rb"{\"format\": 9,", 1))
        assert model.read_bytes() != whole
    assert run("segment", folders[0], "--model", model, "--out", tmp_path / "o") == 2
    assert told(capsys).count("\n") == 1


@pytest.mark.parametrize("command", ["demo", "weights"])
def test_a_folder_that_cannot_be_used_is_told_before_any_work(
    tmp_path, folders, capsys, monkeypatch, read_only, command
):
    monkeypatch.setattr("napari_unet.cli.demo.segment_steps", None)
    monkeypatch.setattr("napari_unet.cli.weights.instance_weight", None)
    asked = (command, *([folders[1]] if command == "weights" else []), "--out")
    assert run(*asked, folders[0] / "a.tif") == 2
    assert "a.tif is a file: give a folder" in told(capsys)
    read_only()
    assert run(*asked, tmp_path / "o") == 2
    assert re.search(r"Nothing can be written to .*\(--out\)\.", told(capsys))


@pytest.mark.parametrize(
    "option",
    [
        ("--threshold", "3"),
        ("--split", "-1"),
        ("--tile", "-5"),
        ("--axes", "YXQ"),
        ("--axes", "YXY"),
        ("--spacing", "0,1"),
        ("--channels", "1"),
        ("--jobs", "0"),
        ("--workers", "-1"),
        ("--uncertainty",),
        ("--match", "object-size", "--diameter", "-4"),
    ],
)
def test_options_out_of_range(tmp_path, folders, small_model, capsys, option):
    image = folders[0] / "a.tif"
    assert run("segment", image, "--model", small_model, "--out", tmp_path / "o", *option) == 2
    assert told(capsys).count("\n") == 1


@pytest.mark.parametrize("kind", ["tif", "zarr"])
def test_results_keep_the_time_from_frame_to_frame(tmp_path, small_model, kind):
    film = np.stack([make_image(make_labels(2))] * 2)
    file = tmp_path / f"film.{kind}"
    if kind == "tif":
        write_tiff(file, film, "TYX", Spacing({"T": 30, "Y": 0.5, "X": 0.5}), "µm")
    else:
        pyramid = LabelPyramid(film.shape, "TYX", (1, 16, 16), 1, Spacing({"T": 30}))
        pyramid.create(file, "float32", "film")[0][:] = film
    assert run("segment", file, "--model", small_model, "--out", tmp_path / "o") == 0
    for name in ("instances", "semantic"):
        assert read_image(tmp_path / "o" / f"film_{name}.{kind}").step == 30


def test_coco_names_the_image_and_the_class_of_the_model(tmp_path):
    config = ModelConfig(features=2, depth=2, classes=("nucleus",))
    model = tmp_path / "model.safetensors"
    save_model(Model("small", seeded_network(config, 0).eval()), model)
    Image.fromarray(make_image(make_labels(2)).astype(np.uint8)).save(tmp_path / "cells.png")
    write_labels(tmp_path / "plain.tif", make_labels(2))
    results = tmp_path / "results"
    assert run("segment", tmp_path / "cells.png", "--model", model, "--out", results) == 0
    for asked in ((), ("--semantic", results), ("--image", tmp_path / "cells.png")):
        out = ("--out", tmp_path / "coco", "--overwrite")
        assert run("export", results, "--to", "coco", *asked, *out) == 0
        told = json.loads((tmp_path / "coco" / "cells_coco.json").read_text())
        assert [image["file_name"] for image in told["images"]] == ["cells.png"]
        assert [each["name"] for each in told["categories"]] == ["nucleus"]
    assert run("export", tmp_path / "plain.tif", "--to", "coco", *out) == 0
    told = json.loads((tmp_path / "coco" / "plain_coco.json").read_text())
    assert told["images"][0]["file_name"] == "plain.tif"
    assert told["categories"][0]["name"] == "object"


def test_a_diameter_that_changes_nothing_is_told(tmp_path, folders, small_model, capsys):
    asked = ("segment", folders[0] / "a.tif", "--model", small_model, "--out")
    for match in ("off", "pixel-size"):
        run(*asked, tmp_path / match, "--match", match, "--diameter", 60)
        assert f"With --match {match} the diameter of the objects does not count" in told(capsys)
    assert run(*asked, tmp_path / "o", "--diameter", 200) == 0
    said = capsys.readouterr()
    assert "does not know the size of its objects, so the diameter" in said.out + said.err
    assert run(*asked, tmp_path / "p", "--match", "object-size") == 2
    assert "switch the matching of sizes off (--match off)." in told(capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say why a name is refused")
@pytest.mark.parametrize("command", ["measure", "export", "weights", "evaluate", "check"])
def test_a_name_that_is_too_long_is_told_before_any_work(folders, tmp_path, capsys, command):
    labels, name = folders[1], "n" * 246
    if command in ("export", "weights"):
        labels = tmp_path / f"{name}.tif"
        shutil.copy(folders[1] / "a.tif", labels)
    arguments = {
        "measure": (labels, "--out", tmp_path / "out" / name),
        "export": (labels, "--to", "csv", "--out", tmp_path / "out"),
        "weights": (labels, "--out", tmp_path / "out"),
        "evaluate": (labels, labels.parent / "images", "--json", tmp_path / "out" / name),
        "check": ("--images", folders[0], "--labels", labels, "--json", tmp_path / "out" / name),
    }[command]
    assert run(command, *arguments) == 2
    assert "is too long: shorten it." in told(capsys)
    assert not (tmp_path / "out").exists()
