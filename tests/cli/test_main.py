"""The command line: what it writes, what it says, and what it refuses in one sentence."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from napari_unet import __version__
from napari_unet.cli import train as train_command
from napari_unet.cli.main import main
from napari_unet.cli.progress import Bar, reporter, stop_on_signals
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.errors import TRACEBACK
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.progress import Progress, Stop, UsedDevice
from napari_unet.core.targets.targets import instance_weight
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.bundled import load_sample
from napari_unet.io.ome_zarr import LabelPyramid
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.model import Model, load_model, save_model, seeded_network
from napari_unet.nn.training.keep_model import publish
from napari_unet.nn.training.patches import class_factors, training_image
from napari_unet.runs.folder import Run
from napari_unet.scale.batch import one_image as batch_file
from napari_unet.storage.folders import models_folder
from napari_unet.storage.model_header import bundled_models
from shapes import make_image, make_labels


def told(capsys) -> str:
    return capsys.readouterr().err


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_version(capsys):
    with pytest.raises(SystemExit) as end:
        run("--version")
    assert end.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "segment",
        "measure",
        "weights",
        "check",
        "train",
        "evaluate",
        "model",
        "models",
        "info",
    ],
)
def test_every_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as end:
        run(command, "--help")
    assert end.value.code == 0
    assert f"napari-unet {command}" in capsys.readouterr().out


MISUSES = {
    "no command": ((), "COMMAND", "napari-unet --help"),
    "an unknown command": (("paint",), "'paint'", "napari-unet --help"),
    "an unknown option": (("models", "--colour"), "--colour", "--help"),
    "what is missing": (("segment", "a.tif"), "--out", "napari-unet segment --help"),
    "a word for a number": (("train", "--epochs", "many"), "'many'", "napari-unet train --help"),
    "words for numbers": (("train", "--spacing", "x"), "as 2,0.5", "napari-unet train --help"),
}


@pytest.mark.parametrize(("words", "named", "advice"), MISUSES.values(), ids=MISUSES.keys())
def test_what_is_not_understood_is_told_in_one_line(capsys, words, named, advice):
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == 2
    line = told(capsys)
    assert line.startswith("napari-unet: ")
    assert named in line
    assert line.endswith(f"{advice}.\n")
    assert line.count("\n") == 1


def test_info_names_the_device(capsys):
    assert run("info") == 0
    assert "Device: " in capsys.readouterr().out


def test_models_are_listed_past_a_damaged_one(home, small_model, capsys):
    kept = home / "models"
    kept.mkdir(parents=True)
    (kept / "good.safetensors").write_bytes(small_model.read_bytes())
    (kept / "bad.safetensors").write_bytes(small_model.read_bytes()[:-100])
    assert run("models") == 2
    said = capsys.readouterr()
    listed = [line.split(":")[0] for line in said.out.splitlines()[::2]]
    assert listed == ["good", *bundled_models()]
    assert "bad.safetensors is cut short" in said.err
    (kept / "bad.safetensors").unlink()
    assert run("models") == 0


UNFORESEEN = {
    "an error of ours": (KeyError("x"), "An error that should not be (KeyError: 'x')"),
    "of several lines": (RuntimeError("one\ntwo"), "(RuntimeError: one): please report it."),
    "no memory": (MemoryError(), "Memory does not suffice"),
    "a full disk": (OSError(28, "No space left on device", "a.tif"), "a.tif: No space left"),
    "a file without words": (OSError("it is gone"), "A file: it is gone."),
}


@pytest.mark.parametrize(("error", "words"), UNFORESEEN.values(), ids=UNFORESEEN.keys())
def test_whatever_goes_wrong_is_told_in_one_line(monkeypatch, capsys, error, words):
    def broken():
        raise error

    monkeypatch.setattr("napari_unet.nn.device.choose_device", broken)
    assert run("info") == 2
    line = told(capsys)
    assert line.startswith("napari-unet: ")
    assert words in line
    assert line.count("\n") == 1
    monkeypatch.setenv(TRACEBACK, "1")
    assert run("info") == 2
    said = told(capsys)
    assert said.startswith("Traceback")
    assert said.endswith(f"\n{line}")


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
    tmp_path, folders, capsys, monkeypatch, command
):
    monkeypatch.setattr("napari_unet.cli.demo.segment_steps", None)
    monkeypatch.setattr("napari_unet.cli.weights.instance_weight", None)
    asked = (command, *([folders[1]] if command == "weights" else []), "--out")
    assert run(*asked, folders[0] / "a.tif") == 2
    assert "a.tif is a file: give a folder" in told(capsys)
    monkeypatch.setattr("os.access", lambda *_: False)
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


def test_names_to_validate_on_may_have_their_ending_and_be_written_by_notepad(
    tmp_path, folders, capsys
):
    (tmp_path / "names.txt").write_text("a.tif\n", encoding="utf-8-sig")
    asked = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run", *QUICK)
    assert run("train", *asked, "--validation-names", tmp_path / "names.txt") == 0
    with np.load(tmp_path / "run" / "samples" / "0000.npz") as sample:
        assert (str(sample["name"]), bool(sample["validation"])) == ("a", True)


def test_weights_law(tmp_path, labels, ndim, capsys):
    write_labels(tmp_path / "a.tif", labels)
    assert run("weights", tmp_path / "a.tif", "--out", tmp_path, "--w0", 5, "--sigma", 4) == 0
    weight = read_image(tmp_path / "a_weights.tif").data
    distances = np.stack([_distance(labels == number) for number in (1, 2)])
    expected = 1 + np.where(labels == 0, 5 * np.exp(-(distances.sum(axis=0) ** 2) / 32), 0)
    assert weight.dtype == np.float32
    np.testing.assert_allclose(weight, expected, atol=1e-5)


def _distance(mask: np.ndarray) -> np.ndarray:
    places = np.argwhere(mask)
    everywhere = np.stack(np.indices(mask.shape), axis=-1).reshape(-1, 1, mask.ndim)
    nearest = [
        np.min(np.sum((part - places) ** 2, -1), -1) for part in np.array_split(everywhere, 64)
    ]
    return np.sqrt(np.concatenate(nearest)).reshape(mask.shape)


def test_weights_of_planes_and_ignored_pixels(tmp_path):
    plane = make_labels(2)
    plane[:4] = 99
    write_labels(tmp_path / "one.tif", plane)
    write_labels(tmp_path / "two.tif", np.stack([plane, plane]), "TYX")
    out = tmp_path / "out"
    both = (tmp_path / "one.tif", tmp_path / "two.tif")
    assert run("weights", *both, "--out", out, "--ignore", 99) == 0
    one, two = (read_image(out / f"{name}_weights.tif").data for name in ("one", "two"))
    np.testing.assert_array_equal(two, [one, one])
    assert not one[:4].any()
    assert one[4:].all()


NO_LABELS = {
    "one axis": (np.arange(9), (), "at least two axes, but this one has 1"),
    "no axis": (np.array(3), (), "at least two axes, but this one has 0"),
    "no pixels": (np.zeros((0, 8), int), (), "a.npy is empty: it has no pixels"),
    "a plane for a volume": (np.eye(8, dtype=int), ("--ndim", 3), "no Z axis, so it cannot be"),
    "colours": (
        np.arange(192).reshape(8, 8, 3),
        ("--ndim", 2),
        "is a colour picture, not labels",
    ),
    "a spacing of a volume": (np.eye(8, dtype=int), ("--spacing", "1,1,1"), "must be 2 numbers"),
}


@pytest.mark.parametrize(("labels", "options", "words"), NO_LABELS.values(), ids=NO_LABELS.keys())
def test_labels_that_cannot_be_weighed_or_scored(tmp_path, capsys, labels, options, words):
    np.save(tmp_path / "a.npy", labels)
    assert run("weights", tmp_path / "a.npy", "--out", tmp_path / "o", *options) == 2
    line = told(capsys)
    assert words in line
    assert "model" not in line
    assert line.count("\n") == 1
    if "--spacing" not in options:
        assert run("evaluate", tmp_path / "a.npy", tmp_path / "a.npy", *options) == 2
        assert told(capsys) == line


def test_evaluate_tells_table_and_json(tmp_path, folders, capsys):
    predicted = tmp_path / "predicted"
    for path in folders[1].iterdir():
        labels = read_image(path).data
        write_labels(predicted / f"{path.stem}_instances.tif", np.where(labels == 1, 7, 0))
    report = tmp_path / "report.json"
    assert run("evaluate", predicted, folders[1], "--json", report) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[:4] == ["all", "3", "6", "0.500"]
    found = json.loads(report.read_text())
    assert list(found["images"]) == ["a", "b", "c"]
    assert found["pooled"]["matchings"][0]["tp"] == 3
    assert run("evaluate", predicted, folders[1], "--json", report) == 2


def test_results_in_zarr_are_evaluated_and_learnt_from(tmp_path, folders, small_model, capsys):
    image = read_image(folders[0] / "a.tif").data
    zarr.create_array(str(tmp_path / "zarr" / "a.zarr"), data=image)
    out = tmp_path / "out"
    assert run("segment", tmp_path / "zarr", "--model", small_model, "--out", out) == 0
    assert (out / "a_instances.zarr").is_dir()
    assert run("evaluate", out, folders[1]) == 0
    assert "\na " in capsys.readouterr().out
    new = ("--images", tmp_path / "zarr", "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK) == 0


def test_evaluate_classes_without_ignored_pixels(tmp_path, capsys):
    truth = np.array([[0, 1, 2, 255]], np.uint8)
    write_labels(tmp_path / "truth.tif", truth)
    write_labels(tmp_path / "found.tif", np.array([[0, 1, 1, 2]], np.uint8))
    assert run("evaluate", tmp_path / "found.tif", tmp_path / "truth.tif", "--semantic") == 0
    head, _, pooled = (line.split() for line in capsys.readouterr().out.splitlines())
    assert head[1:] == ["Dice", "0", "Dice", "1", "Dice", "2", "IoU", "0", "IoU", "1", "IoU", "2"]
    assert pooled[1:] == ["1.000", "0.667", "0.000", "1.000", "0.500", "0.000"]


@pytest.mark.parametrize("kind", [(), ("--semantic",)], ids=["objects", "classes"])
def test_evaluate_takes_the_ignored_labels_that_training_takes(tmp_path, capsys, kind):
    tifffile.imwrite(tmp_path / "truth.tif", np.array([[0, 1, 1, -1]], np.int16))
    tifffile.imwrite(tmp_path / "found.tif", np.array([[0, 1, 1, 1]], np.uint8))
    files = (tmp_path / "found.tif", tmp_path / "truth.tif")
    assert run("evaluate", *files, *kind, "--ignore", -1) == 0
    assert set(capsys.readouterr().out.splitlines()[-1].split()[-2:]) <= {"0", "1.000"}


def test_masks_are_not_weighed_or_scored_as_objects(tmp_path, capsys):
    white = 255 * (np.arange(64).reshape(8, 8) % 3 == 0)
    np.save(tmp_path / "a.npy", white)
    file = tmp_path / "a.npy"
    for command in (("weights", file, "--out", tmp_path / "o"), ("evaluate", file, file)):
        assert run(*command) == 2
        assert "a mask, not objects" in told(capsys)


def test_images_are_not_taken_for_labels(tmp_path, capsys):
    image, labels = load_sample("nuclei2d")
    write_labels(tmp_path / "labels.tif", labels.data[0])
    write_tiff(tmp_path / "image.tif", image.data[0])
    files, out = (tmp_path / "image.tif", tmp_path / "labels.tif"), tmp_path / "o"
    for command in (
        ("measure", files[0], "--image", files[1], "--out", tmp_path / "a.csv"),
        ("evaluate", *files),
        ("evaluate", *reversed(files)),
        ("weights", files[0], "--out", out),
        ("export", files[0], "--to", "csv", "--out", out),
    ):
        assert run(*command) == 2
        assert "looks like a grey image, not like objects" in told(capsys)
    assert not list(tmp_path.rglob("*.csv"))
    assert run("check", "--images", files[1], "--labels", files[0]) == 1
    assert "looks like a grey image" in capsys.readouterr().out
    assert run("check", "--images", files[1], "--labels", files[1]) == 0
    assert "The image looks like labels" in capsys.readouterr().out
    assert run("measure", files[1], "--image", files[1], "--out", tmp_path / "a.csv") == 0
    assert "labels.tif looks like labels, not like an image" in told(capsys)


def test_weights_of_results_are_those_of_their_objects(tmp_path, capsys):
    for name in ("a_instances", "a_semantic", "sub/a_instances"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_labels(tmp_path / f"{name}.tif", make_labels(2))
    assert run("weights", tmp_path, "--out", tmp_path / "o") == 0
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["a_instances_weights.tif"]
    assert run("weights", tmp_path, tmp_path / "sub", "--out", tmp_path / "o", "--overwrite") == 2
    assert "would write files of the same name" in told(capsys)


def test_evaluate_takes_the_white_of_masks_for_class_1(tmp_path, capsys):
    tifffile.imwrite(tmp_path / "truth.tif", 255 * np.eye(4, dtype=np.uint8))
    tifffile.imwrite(tmp_path / "found.tif", np.eye(4, dtype=np.uint8))
    files = (tmp_path / "found.tif", tmp_path / "truth.tif")
    assert run("evaluate", *files, "--semantic") == 0
    said = capsys.readouterr()
    head, *_, pooled = said.out.splitlines()
    assert head.startswith("image ")
    assert "white counts as class 1" in said.err
    assert pooled.split()[1:] == ["1.000"] * 4


def test_evaluate_shows_classes_that_there_are_and_says_where_they_are_many(tmp_path, capsys):
    grey = np.arange(0, 240, 16, dtype=np.uint8).reshape(3, 5)
    tifffile.imwrite(tmp_path / "a.tif", grey)
    assert run("evaluate", tmp_path / "a.tif", tmp_path / "a.tif", "--semantic") == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[0].count("Dice") == 15
    assert "15 different numbers, which are hardly all classes" in shown.err


def test_evaluate_takes_the_masks_that_training_takes(tmp_path, capsys):
    tifffile.imwrite(tmp_path / "truth.tif", np.eye(4, dtype=bool))
    tifffile.imwrite(tmp_path / "found.tif", np.eye(4, dtype=np.uint8))
    files = (tmp_path / "found.tif", tmp_path / "truth.tif")
    assert run("evaluate", *files, "--semantic") == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[1:] == ["1.000"] * 4


@pytest.mark.parametrize("kind", [(), ("--semantic",)], ids=["objects", "classes"])
def test_evaluate_goes_on_past_bad_pairs(tmp_path, folders, capsys, kind):
    found, truth = tmp_path / "found", folders[1]
    for number, path in enumerate(truth.iterdir()):
        tifffile.imwrite(truth / path.name, read_image(path).data.astype(np.uint8))
        write_labels(found / path.name, read_image(path).data * (number + 1))
    (found / "a.tif").write_bytes(b"not an image")
    tifffile.imwrite(truth / "c.tif", np.zeros((5, 5)))
    assert run("evaluate", found, truth, "--json", tmp_path / "report.json", *kind) == 2
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["image", "b", "all"]
    assert list(json.loads((tmp_path / "report.json").read_text())["images"]) == ["b"]
    first, a, c = said.err.splitlines()
    assert "2 of 3 files failed" in first
    assert ("a.tif" in a, "c.tif" in c) == (True, True)


def test_evaluate_takes_planes_one_by_one(tmp_path, capsys):
    truth = np.stack([make_labels(2), make_labels(2)])
    write_labels(tmp_path / "truth.tif", truth, "TYX")
    write_labels(tmp_path / "found.tif", truth, "TYX")
    files = (tmp_path / "found.tif", tmp_path / "truth.tif")
    assert run("evaluate", *files) == 0
    assert capsys.readouterr().out.splitlines()[-1].split()[1:3] == ["4", "4"]


def test_evaluate_refuses_other_shapes(tmp_path, capsys):
    write_labels(tmp_path / "a.tif", np.eye(4, dtype=int))
    write_labels(tmp_path / "b.tif", np.eye(5, dtype=int))
    assert run("evaluate", tmp_path / "a.tif", tmp_path / "b.tif") == 2
    assert told(capsys).count("\n") == 1


QUICK = ("--epochs", 1, "--steps", 2, "--batch", 1, "--patch", 32, "--network-features", 2)
QUICK += ("--network-depth", 1)


def test_a_training_stopped_before_it_has_learnt_anything_offers_no_model(
    tmp_path, folders, capsys, monkeypatch
):
    def stopped(*given):
        raise Stop

    monkeypatch.setattr(train_command, "train_run", stopped)
    new = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK) == 130
    out, err = capsys.readouterr()
    assert "model is" not in out
    assert "napari-unet: stopped. Nothing has been learnt yet" in err
    assert f"'napari-unet train {tmp_path / 'run'}'" in err
    monkeypatch.undo()
    assert run("train", tmp_path / "run") == 0


def test_train_states_and_keeps_its_choices(tmp_path, folders, capsys):
    folder = tmp_path / "run"
    (tmp_path / "val.txt").write_text("b\n")
    new = ("--images", folders[0], "--labels", folders[1], "--run", folder)
    chosen = ("--validation-names", tmp_path / "val.txt", "--sigma", 3, "--name", "mine")
    assert run("train", *new, *QUICK, *chosen) == 0
    assert "Learning from 2 images, validating on 1 (b)." in told(capsys)
    kept = json.loads((folder / "run.json").read_text())
    assert (kept["name"], kept["targets"]["sigma"], kept["train"]["steps"]) == ("mine", 3, 2)
    assert (
        run("segment", folders[0], "--model", folder / "best.safetensors", "--out", tmp_path) == 0
    )
    assert run("train", folder, "--epochs", 3) == 2
    assert "continued as it was begun" in told(capsys)


def test_train_classes_with_ignored_pixels(tmp_path, folders):
    for path in folders[1].iterdir():
        labels = read_image(path).data.astype(np.uint8)
        labels[:, 30:40] = 255
        tifffile.imwrite(path, labels)
    new = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK, "--semantic", "--classes", "axon, myelin") == 0
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    assert kept["model"]["classes"] == ["axon", "myelin"]


def test_fine_tuning_keeps_the_shape(tmp_path, folders, small_model, capsys):
    new = ("--images", folders[0], "--labels", folders[1], "--start-from", small_model)
    quick = QUICK[:8]
    assert run("train", *new, "--run", tmp_path / "run", *quick) == 0
    kept = json.loads((tmp_path / "run" / "run.json").read_text())
    assert (kept["model"]["features"], kept["model"]["depth"]) == (2, 2)
    assert "than the model it started from" in capsys.readouterr().out
    assert run("train", *new, "--run", tmp_path / "two", "--network-depth", 3) == 2
    assert "keeps its shape" in told(capsys)


@pytest.mark.parametrize("count", [1, 2])
def test_fine_tuning_for_classes_starts_from_a_model_with_height(
    tmp_path, folders, small_model, count
):
    for path in folders[1].iterdir():
        write_labels(path, np.minimum(read_image(path).data, count))
    new = ("--images", folders[0], "--labels", folders[1], "--start-from", small_model)
    assert run("train", *new, "--run", tmp_path / "run", *QUICK[:8], "--semantic") == 0
    assert load_model(small_model).config.height
    config = load_model(tmp_path / "run" / "best.safetensors").config
    assert (config.height, config.features, len(config.classes)) == (False, 2, count)


def test_models_tell_how_they_came_to_be(tmp_path, folders, small_model, capsys):
    new = ("--images", folders[0], "--labels", folders[1], "--start-from", small_model)
    assert run("train", *new, "--run", tmp_path / "run", *QUICK[:8]) == 0
    publish(tmp_path / "run", "last", "mine")
    capsys.readouterr()
    assert run("models") == 0
    said = capsys.readouterr().out
    assert "trained from small on 4 objects in 2 images, AP at IoU 0.5: " in said


def test_planes_of_a_stack_are_images(tmp_path, capsys):
    stack = np.stack([make_labels(2)] * 4)
    write_labels(tmp_path / "l" / "a.tif", stack, "TYX")
    images = [make_image(plane, seed) for seed, plane in enumerate(stack)]
    write_tiff(tmp_path / "i" / "a.tif", np.stack(images), "TYX")
    new = ("--images", tmp_path / "i", "--labels", tmp_path / "l", "--run", tmp_path / "run")
    assert run("train", *new, *QUICK) == 0
    assert "Learning from 3 images, validating on 1" in told(capsys)


@pytest.mark.parametrize(
    "wrong", ["nothing", "labels", "names", "empty", "no pair", "classes", "folder"]
)
def test_train_refuses_before_anything_starts(tmp_path, folders, capsys, wrong):
    folder = tmp_path / "run"
    new = ["--images", folders[0], "--labels", folders[1], "--run", folder]
    if wrong == "nothing":
        new = ["--images", folders[0]]
    if wrong == "labels":
        tifffile.imwrite(folders[1] / "b.tif", np.full((48, 48), 0.5, np.float32))
    if wrong == "names":
        new += ["--names", tmp_path / "nowhere.txt"]
    if wrong == "empty":
        (tmp_path / "names.txt").write_text("\n \n")
        new += ["--validation-names", tmp_path / "names.txt"]
    if wrong == "no pair":
        for path in folders[1].iterdir():
            path.rename(path.with_name(f"x{path.name}"))
    if wrong == "classes":
        new += ["--semantic", "--classes", "only"]
    if wrong == "folder":
        folder.mkdir()
        (folder / "precious.txt").touch()
    assert run("train", *new) == 2
    assert told(capsys).count("\n") == 1
    assert not (folder / "run.json").exists()


def test_train_tells_every_bad_pair(tmp_path, folders, capsys):
    colours = np.random.default_rng(0).integers(0, 255, (48, 48, 3)).astype(np.uint8)
    tifffile.imwrite(folders[0] / "a.tif", colours, photometric="rgb")
    tifffile.imwrite(folders[1] / "b.tif", np.full((48, 48), 0.5, np.float32))
    write_labels(folders[1] / "c.tif", make_labels(2)[:40])
    for name in ("d", "e"):
        write_labels(folders[1] / f"{name}.tif", make_labels(2))
        write_tiff(folders[0] / f"{name}.tif", make_image(make_labels(2)))
    new = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK) == 2
    first, *others = told(capsys).splitlines()
    assert "3 of 5 images cannot be used" in first
    assert sorted(line.split()[0] for line in others) == ["a:", "b:", "c:"]
    channels = next(line for line in others if "a:" in line)
    assert "3 channels, but others have 1" in channels
    assert not (tmp_path / "run").exists()


def test_train_names_the_image_that_is_flat(tmp_path, folders, capsys):
    write_labels(folders[1] / "a.tif", np.stack([make_labels(2)] * 4), "ZYX")
    write_tiff(folders[0] / "a.tif", np.stack([make_image(make_labels(2))] * 4), "ZYX")
    (folders[1] / "b.tif").unlink()
    new = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK) == 2
    assert "napari-unet: c: The image (axes CYX) has no Z axis" in told(capsys)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("spacing", ["0,1", "-1,1", "nan,1", "1", "1,1,1"])
def test_train_refuses_a_spacing_that_cannot_be(tmp_path, folders, capsys, spacing):
    new = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK, f"--spacing={spacing}") == 2
    assert told(capsys).count("\n") == 1
    assert not (tmp_path / "run").exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_tells_time_left_and_each_notice_once():
    seconds = iter([0.0, 30.0, 60.0])
    stream = Terminal()
    bar = Bar(stream, lambda: next(seconds))
    device = UsedDevice("CPU", "No GPU was found.")
    for done in (0, 1, 2):
        bar(Progress("training", done, 4, {"loss": 0.25}, device=device))
    text = stream.getvalue()
    assert "2/4  1:00 left  loss 0.25" in text
    assert text.count("Using the CPU. No GPU was found.") == 1


def test_no_bar_without_a_terminal():
    stream = io.StringIO()
    Bar(stream)(Progress("training", 1, 4))
    assert stream.getvalue() == ""


def test_lines_for_other_programs(capsys):
    report = reporter("jsonl")
    report(Progress("training", 1, 4, {"loss": np.float32(0.5)}))
    report.finish({"model": "x"})
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == {"stage": "training", "done": 1, "total": 4, "values": {"loss": 0.5}}
    assert last == {"result": {"model": "x"}}


@pytest.fixture
def usual_interrupt():
    """Answer Ctrl-C as in a terminal, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("usual_interrupt")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGBREAK"])
def test_the_first_signal_asks_and_the_second_ends(name, monkeypatch):
    if not hasattr(signal, name):  # it is of Windows: another one stands in for it
        monkeypatch.setattr(signal, name, signal.SIGUSR1, raising=False)
    with stop_on_signals() as stop_requested:
        assert not stop_requested()
        signal.raise_signal(getattr(signal, name))
        assert stop_requested()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(getattr(signal, name))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_name_that_a_pipe_has_no_letters_for_ends_nothing(small_model):
    for name in ("клетки", "zellen"):
        path = models_folder() / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(small_model, path)
    done = subprocess.run(
        [sys.executable, "-m", "napari_unet", "models"],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )
    assert done.stderr == b""
    assert rb"\u043a\u043b\u0435\u0442\u043a\u0438: no" in done.stdout
    assert b"zellen: no" in done.stdout


@pytest.fixture
def annotation_folder(tmp_path):
    """Two balls of two classes with a rectangle around the first, four times."""
    labels = make_labels(2).astype(np.int32)
    marks = np.zeros(labels.shape, np.uint8)
    boxes = np.array([[[4, 4], [30, 30]]])
    for seed, name in enumerate("abcd"):
        annotation = Annotation(labels, marks, boxes, {2: 2})
        image = AnnotatedImage(name, make_image(labels, seed), "YX", annotation)
        write_annotation(tmp_path / "annotations", image)
    return tmp_path / "annotations"


def test_train_on_what_was_annotated_in_napari(tmp_path, annotation_folder):
    folder = tmp_path / "run"
    assert run("train", "--annotations", annotation_folder, "--run", folder, *QUICK) == 0
    (sample, *_) = Run(folder).samples()
    assert sample.classes == {2: 2}
    assert sample.ignored[35:, :10].all()
    assert not sample.ignored[4:30, 4:30].any()
    assert Run(folder).config().model.classes == ("object", "class 2")


def test_an_empty_annotation_among_others_is_left_out(tmp_path, annotation_folder, capsys):
    labels = make_labels(2)
    nothing = Annotation(np.zeros_like(labels), np.zeros(labels.shape, np.uint8))
    image = AnnotatedImage("empty", make_image(labels, 9), "YX", nothing)
    write_annotation(annotation_folder, image)
    new = ("--annotations", annotation_folder, "--run", tmp_path / "run")
    assert run("train", *new, *QUICK) == 0
    assert "empty: Nothing is annotated, so the image is left out." in told(capsys)
    assert "empty" not in {sample.name for sample in Run(tmp_path / "run").samples()}


def test_ignored_pixels_of_annotations_weigh_nothing(tmp_path):
    labels = make_labels(2).astype(np.int32)
    marks = np.ones(labels.shape, np.uint8)
    marks[:9] = 2
    flat = np.full(labels.shape, 3, np.float32)
    for name, annotation in {
        "plain": Annotation(labels, class_names=("object",)),
        "painted": Annotation(labels, marks, weight=flat),
    }.items():
        image = AnnotatedImage(name, make_image(labels), "YX", annotation)
        write_annotation(tmp_path / "annotations", image)
    asked = ("--annotations", tmp_path / "annotations", "--ignore", 2)
    assert run("weights", *asked, "--out", tmp_path) == 0
    for name, ignored in (("plain", labels == 2), ("painted", (labels == 2) | (marks == 2))):
        weight = read_image(tmp_path / f"{name}_weights.tif").data
        np.testing.assert_array_equal(weight == 0, ignored)


def test_a_folder_of_annotations_stands_alone(tmp_path, annotation_folder, folders, capsys):
    both = ("--annotations", annotation_folder, "--images", folders[0])
    assert run("train", *both, "--run", tmp_path / "run") == 2
    assert "leave --images" in told(capsys)
    assert run("train", "--annotations", tmp_path / "home", "--run", tmp_path / "run") == 2
    assert "no folder of annotations" in told(capsys)


def test_what_the_widget_refuses_is_refused_here(tmp_path, capsys):
    objects = Annotation(make_labels(2), np.zeros(make_labels(2).shape, np.uint8))
    image = AnnotatedImage("a", make_image(make_labels(2))[np.newaxis], "CYX", objects)
    write_annotation(tmp_path / "annotations", image)
    asked = ("--annotations", tmp_path / "annotations", "--run", tmp_path / "run")
    assert run("train", *asked, *QUICK) == 2
    assert "Nothing is marked as background" in told(capsys)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("known", ["spacing", "scale"])
def test_weights_of_annotated_volumes_are_those_of_training(tmp_path, known):
    labels = make_labels(3).astype(np.int32)
    image = AnnotatedImage("a", make_image(labels), "ZYX", Annotation(labels))
    write_annotation(tmp_path / "annotations", replace(image, **{known: (2.5, 0.5, 0.5)}))
    asked = ("--annotations", tmp_path / "annotations")
    assert run("weights", *asked, "--out", tmp_path) == 0
    assert run("train", *asked, "--run", tmp_path / "run", *QUICK) == 0
    config = Run(tmp_path / "run").config()
    assert config.targets.spacing == pytest.approx((5, 1, 1))
    expected = instance_weight(labels, None, config.targets)
    np.testing.assert_allclose(read_image(tmp_path / "a_weights.tif").data, expected, rtol=1e-6)


@pytest.mark.parametrize("given", [(), (3.0, 2.0, 1.0)])
def test_weights_of_volumes_in_files_are_those_of_training(tmp_path, given):
    labels = make_labels(3)
    write_labels(tmp_path / "a.tif", labels, "ZYX", (2, 0.5, 0.5), "µm")
    asked = ("--spacing", ",".join(map(str, given))) if given else ()
    assert run("weights", tmp_path / "a.tif", "--out", tmp_path, *asked) == 0
    expected = instance_weight(labels, None, TargetConfig(spacing=given or (4, 1, 1)))
    np.testing.assert_allclose(read_image(tmp_path / "a_weights.tif").data, expected, rtol=1e-6)
    assert run("weights", tmp_path / "a.tif", "--out", tmp_path / "flat", "--ndim", 2) == 0
    flat = [instance_weight(plane, None, TargetConfig()) for plane in labels]
    np.testing.assert_allclose(read_image(tmp_path / "flat" / "a_weights.tif").data, flat)


def test_weights_of_annotations_are_those_of_training(tmp_path, annotation_folder, capsys):
    asked = ("--annotations", annotation_folder, "--out", tmp_path, "--class-balance")
    assert run("weights", *asked) == 0
    found = read_image(tmp_path / "a_weights.tif").data
    folder = tmp_path / "run"
    assert run("train", *asked[:2], "--run", folder, *QUICK, "--class-balance") == 0
    config = Run(folder).config()
    sample = next(each for each in Run(folder).samples() if each.name == "a")
    image = training_image(sample, config)
    factors = class_factors([image], config.model.num_classes).numpy()
    np.testing.assert_allclose(found, image.smooth[-1] * factors[image.semantic[0]], rtol=1e-5)
    assert run("weights", annotation_folder / "labels", "--out", tmp_path, "--class-balance") == 2
    assert "for annotations only" in told(capsys)
    for option in (("--ndim", 3), ("--spacing", "1,1,1")):
        assert run("weights", *asked[:2], "--out", tmp_path / "o", *option) == 2
        assert told(capsys).count("\n") == 1
    assert run("weights", "--out", tmp_path) == 2


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
