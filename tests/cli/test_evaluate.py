"""Scoring files from the shell: the table, the JSON, and which labels are compared."""

import json
import shutil

import numpy as np
import pytest
import tifffile
import zarr

from napari_unet.cli import evaluate as evaluate_module
from napari_unet.cli.evaluate import table
from napari_unet.cli.main import main
from napari_unet.core.evaluation.metrics import evaluate, evaluate_classes
from napari_unet.io import labels as labels_module
from napari_unet.io.labels import read_labels
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels
from shapes import film, make_labels, numbered_anew
from shell import QUICK, run, told


def test_columns_stand_under_their_names():
    truth = make_labels(2)
    found = np.where(truth == 1, truth, 0)
    text = table({"a": evaluate(truth, truth), "a longer name": evaluate(found, truth)})
    lines = text.splitlines()
    assert len({len(line) for line in lines}) == 1
    head = lines[0].split()
    assert head[:4] == ["image", "found", "true", "AP50"]
    both, one = (
        dict(zip(head[1:], line.split()[-len(head) + 1 :], strict=True)) for line in lines[1:]
    )
    assert (both["found"], both["AP50"], both["recall"]) == ("2", "1.000", "1.000")
    assert (one["found"], one["AP50"], one["precision"], one["recall"]) == (
        "1",
        "0.500",
        "1.000",
        "0.500",
    )


def test_labels_that_say_their_axes_are_compared_in_one_order(tmp_path, capsys):
    moving = np.stack([np.roll(make_labels(2), shift, 0) for shift in (0, 3, 6, 9)])
    moving = moving.reshape(2, 2, *moving.shape[1:])
    tifffile.imwrite(tmp_path / "a.ome.tif", moving, metadata={"axes": "TZYX"})
    tifffile.imwrite(tmp_path / "b.ome.tif", moving.swapaxes(0, 1), metadata={"axes": "ZTYX"})
    assert main(["evaluate", str(tmp_path / "a.ome.tif"), str(tmp_path / "b.ome.tif")]) == 0
    head, row, _ = capsys.readouterr().out.splitlines()
    assert dict(zip(head.split(), row.split(), strict=True))["AP90"] == "1.000"


def test_numbers_that_are_given_anew_in_each_plane_of_a_volume_are_told(tmp_path, capsys):
    for axes in ("ZYX", "TYX"):
        for name, labels in (("truth", film()), ("found", numbered_anew(film()))):
            write_labels(tmp_path / f"{name}.tif", labels, axes)
        assert main(["evaluate", str(tmp_path / "found.tif"), str(tmp_path / "truth.tif")]) == 0
        told = capsys.readouterr()
        # frames are compared each on its own
        assert told.err.count("found: Many numbers are in quite") == (axes == "ZYX")
        assert "truth: " not in told.err
        assert ("1.000" in told.out) == (axes == "TYX")


def test_planes_that_are_stated_are_not_taken_for_colours(tmp_path, capsys):
    planes = np.stack([np.roll(make_labels(2), shift, 0) for shift in range(3)], axis=-1)
    np.save(tmp_path / "a.npy", planes)
    assert main(["evaluate", *[str(tmp_path / "a.npy")] * 2, "--axes", "yxz"]) == 0
    assert "1.000" in capsys.readouterr().out


@pytest.mark.parametrize("plain", ["found", "truth"])
def test_axes_that_one_side_says_hold_for_both(tmp_path, capsys, plain):
    frames = np.stack([make_labels(2), np.roll(make_labels(2)[::-1], 5, 1)])
    for name in ("found", "truth"):
        write_labels(tmp_path / f"{name}.tif", frames, "TYX")
    np.save(tmp_path / f"{plain}.npy", frames)
    files = {name: tmp_path / f"{name}.tif" for name in ("found", "truth")}
    files[plain] = tmp_path / f"{plain}.npy"
    assert main(["evaluate", *map(str, files.values())]) == 0
    head, row, _ = capsys.readouterr().out.splitlines()
    told = dict(zip(head.split(), row.split(), strict=True))
    assert (told["found"], told["true"], told["AP90"]) == ("4", "4", "1.000")


def test_a_film_is_not_scored_against_a_volume(tmp_path, capsys):
    frames = np.stack([make_labels(2), np.roll(make_labels(2)[::-1], 5, 1)])
    write_labels(tmp_path / "found.tif", frames, "TYX")
    write_labels(tmp_path / "truth.tif", frames, "ZYX", (2, 0.5, 0.5), "µm")
    files = (str(tmp_path / "found.tif"), str(tmp_path / "truth.tif"))
    assert main(["evaluate", *files]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "with --axes TYX or --axes ZYX" in told
    for axes, objects in (("tyx", "4"), ("ZYX", "2")):
        assert main(["evaluate", *files, "--axes", axes]) == 0
        head, row, _ = capsys.readouterr().out.splitlines()
        assert dict(zip(head.split(), row.split(), strict=True))["true"] == objects
    assert main(["evaluate", *files, "--axes", "YX"]) == 2
    assert "do not fit an image with 3 axes" in capsys.readouterr().err


def test_classes_have_a_column_each_and_images_with_fewer_a_dash():
    classes = np.array([[0, 1], [2, 2]])
    full, less = (
        evaluate_classes(classes, classes, 3),
        evaluate_classes(classes % 2, classes % 2, 2),
    )
    head, *rows = table({"full": full, "less": less}).splitlines()
    assert head.split("  ")[0] == "image"
    assert [head.count("Dice"), head.count("IoU")] == [3, 3]
    assert rows[0].split() == ["full", *["1.000"] * 6]
    assert sorted(rows[1].split()[1:]) == ["-", "-", *["1.000"] * 4]


@pytest.mark.parametrize("semantic", [False, True])
@pytest.mark.parametrize("error", [MemoryError(), OSError(5, "Input/output error")])
def test_a_file_that_fails_in_any_way_does_not_stop_the_others(
    folders, tmp_path, monkeypatch, capsys, semantic, error
):
    def read(path, axes=""):
        if path.parent.name == "found" and path.stem == "b":
            raise error
        return read_labels(path, axes)

    for module in (evaluate_module, labels_module):
        monkeypatch.setattr(module, "read_labels", read)
    shutil.copytree(folders[1], tmp_path / "found")
    asked = ("--json", str(tmp_path / "r.json"), *(["--semantic"] if semantic else []))
    assert main(["evaluate", str(tmp_path / "found"), str(folders[1]), *asked]) == 2
    assert "1 of 3 files failed:\n  b.tif: " in capsys.readouterr().err
    assert [*json.loads((tmp_path / "r.json").read_text())["images"]] == ["a", "c"]


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
    assert "exists: give another file, or --overwrite" in told(capsys)
    assert run("evaluate", predicted, folders[1], "--json", tmp_path, "--overwrite") == 2
    assert f"{tmp_path} does not name a .json file: give one, such as" in told(capsys)


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


def test_what_is_left_of_a_folder_of_classes_is_doubted(tmp_path, capsys):
    blocks = np.kron(np.arange(64).reshape(8, 8) % 3 + 1, np.ones((4, 4), int))
    classes = np.where((np.indices(blocks.shape) % 4 == 0).any(0), 0, blocks).astype(np.uint8)
    few = np.where(np.indices(blocks.shape).max(0) < 8, classes, 0)
    for folder in ("found", "truth"):
        write_labels(tmp_path / folder / "many.tif", classes)
        write_labels(tmp_path / folder / "few.tif", few)
    told = "“many” was refused as classes or a mask: if the other images are the same"
    assert run("evaluate", tmp_path / "found", tmp_path / "truth") == 2
    assert told in capsys.readouterr().err
    assert run("evaluate", tmp_path / "found", tmp_path / "truth", "--semantic") == 0
    assert told not in capsys.readouterr().err


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
