"""Training from the shell: its choices, what it refuses, and what it learns from."""

import json

import numpy as np
import pytest
import tifffile

from napari_unet.cli import train as train_command
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.progress import Stop
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.model import load_model
from napari_unet.nn.training.keep_model import publish
from napari_unet.runs.folder import Run
from quick_runs import classes_of, discs
from shapes import make_image, make_labels
from shell import QUICK, run, told


def test_names_to_validate_on_may_have_their_ending_and_be_written_by_notepad(
    tmp_path, folders, capsys
):
    (tmp_path / "names.txt").write_text("a.tif\n", encoding="utf-8-sig")
    asked = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run", *QUICK)
    assert run("train", *asked, "--validation-names", tmp_path / "names.txt") == 0
    assert "after 1 epoch; the model is" in capsys.readouterr().out
    with np.load(tmp_path / "run" / "samples" / "0000.npz") as sample:
        assert (str(sample["name"]), bool(sample["validation"])) == ("a", True)


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
    assert run("train", tmp_path / "no run", *new[:4]) == 2
    assert f"give it as --run {tmp_path / 'no run'}." in told(capsys)
    assert run("train", folder, "--epochs", 3) == 2
    refused = told(capsys)
    assert "continued as it was begun" in refused
    assert f"--start-from {folder / 'last.safetensors'}." in refused


def test_who_wants_to_train_longer_is_told_how(tmp_path, folders, capsys):
    folder, first = tmp_path / "run", tmp_path / "run" / "last.safetensors"
    new = ("--images", folders[0], "--labels", folders[1])
    again = "This training had ended before, so nothing was learnt now. "
    longer = f"To train longer, begin another training with --run, and --start-from {first}."
    assert run("train", *new, *QUICK, "--run", folder) == 0
    assert capsys.readouterr().out.splitlines()[-1] == longer
    assert run("train", folder) == 0
    assert capsys.readouterr().out.splitlines()[-1] == again + longer
    assert run("train", *new, *QUICK[:8], "--run", tmp_path / "more", "--start-from", first) == 0


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
    assert "0.00 on 1 held-out image, 0.00 before" in capsys.readouterr().out
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
    "wrong", ["nothing", "labels", "names", "no text", "empty", "no pair", "classes", "folder"]
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
    if wrong == "no text":
        new += ["--names", folders[0] / "a.tif"]
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
    said = told(capsys)
    assert said.count("\n") == 1
    assert not {"[Errno", "codec"} & set(said.split())
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
    assert run("train", *new, *QUICK, "--ndim", 3) == 2
    said = told(capsys)
    assert "napari-unet: c: The image (axes YX) has no Z axis" in said
    assert "work in 2D" in said
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("spacing", ["0,1", "-1,1", "nan,1", "1", "1,1,1"])
def test_train_refuses_a_spacing_that_cannot_be(tmp_path, folders, capsys, spacing):
    new = ("--images", folders[0], "--labels", folders[1], "--run", tmp_path / "run")
    assert run("train", *new, *QUICK, f"--spacing={spacing}") == 2
    assert told(capsys).count("\n") == 1
    assert not (tmp_path / "run").exists()


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


@pytest.fixture
def kinds(tmp_path):
    """Images and their classes, the second of which is in one image only, which is learnt from."""
    for seed in range(3):
        one = classes_of(discs(seed))
        labels = one.labels if seed == 0 else np.minimum(one.labels, 1)
        write_tiff(tmp_path / "images" / f"{seed}.tif", one.image[0])
        write_labels(tmp_path / "labels" / f"{seed}.tif", labels)
    (tmp_path / "kept.txt").write_text("2\n", encoding="utf-8")
    return tmp_path


def test_the_figures_of_each_class_are_told_without_a_model_to_compare(kinds, capsys):
    given = ("--images", kinds / "images", "--labels", kinds / "labels", "--run", kinds / "run")
    classes = ("--semantic", "--classes", "small,large", "--validation-names", kinds / "kept.txt")
    assert run("train", *given, *classes, *QUICK) == 0
    said = capsys.readouterr()
    assert "There is no model to compare it to" in said.out
    assert "large not measured" in said.out
    assert "“large” is not measured" in said.out
    assert "“large” is in 1 image, and not in what is held out" in said.err
