"""``napari-unet check``: what it says and how it ends."""

import json

import numpy as np
import pytest

from napari_unet.cli.main import main
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.io.annotations.read import annotated
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.pairs.find import find_pairs
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels
from napari_unet.nn.training.prepare import prepare
from shapes import make_image, make_labels


def check(*arguments):
    return main(["check", *map(str, arguments)])


def of_folders(folders, *arguments):
    return check("--images", folders[0], "--labels", folders[1], *arguments)


def test_sound_folders(folders, capsys):
    assert of_folders(folders) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("info     6 objects in 3 images")
    assert sum("2 objects; 100 %" in line for line in lines) == 3


def test_errors_give_one(folders, capsys):
    write_labels(folders[1] / "b.tif", make_labels(2)[:40])
    assert of_folders(folders) == 1
    assert capsys.readouterr().out.startswith("error    b: The image has the shape")


def test_json_says_the_same(folders, tmp_path, capsys):
    labels = make_labels(2)
    labels[2:4, 40:44] = 1
    write_labels(folders[1] / "b.tif", labels)
    target = tmp_path / "found.json"
    assert of_folders(folders, "--json", target) == 0
    findings = json.loads(target.read_text())["findings"]
    pieces = next(finding for finding in findings if "several pieces" in finding["text"])
    assert (pieces["level"], pieces["name"]) == ("warning", "b")
    assert labels[tuple(pieces["where"])] == 1
    assert f"warning  b: {pieces['text']}" in capsys.readouterr().out
    assert of_folders(folders, "--json", target) == 2
    assert of_folders(folders, "--json", target, "--overwrite") == 0


def test_ignored_pixels_are_no_object(folders, capsys):
    path = folders[1] / "a.tif"
    labels = read_image(path).data.copy()
    labels[:10] = 99
    write_labels(path, labels)
    assert of_folders(folders, "--ignore", 99) == 0
    shown = capsys.readouterr().out
    assert "a: 2 objects; 79.2 % of the pixels are annotated." in shown


def test_patch_and_dimensions(folders, capsys):
    assert of_folders(folders, "--patch", 8) == 0
    assert "larger than a training patch of 8 pixels" in capsys.readouterr().out
    assert of_folders(folders, "--ndim", 3) == 1
    assert "no Z axis" in capsys.readouterr().out


def test_the_patch_is_that_of_training_unless_it_is_given(tmp_path, capsys):
    labels = np.zeros((256, 256), np.int32)
    corners = np.stack(np.meshgrid(range(8, 200, 24), range(8, 248, 24), indexing="ij"), -1)
    for number, (y, x) in enumerate(corners.reshape(-1, 2), 2):
        labels[y : y + 12, x : x + 12] = number
    labels[220:230, 20:180] = 1
    for folder, data in (("images", make_image(labels)), ("labels", labels)):
        (tmp_path / folder).mkdir()
        write_labels(tmp_path / folder / "a.tif", data)
    folders = tmp_path / "images", tmp_path / "labels"
    ready = prepare([annotated(pair) for pair in find_pairs(*folders).pairs])
    told = [each.text for each in ready.findings if "than a training patch" in each.text]
    assert len(told) == 1
    assert of_folders(folders) == 0
    assert told[0] in capsys.readouterr().out
    assert of_folders(folders, "--patch", 192) == 0
    assert "than a training patch" not in capsys.readouterr().out


def test_too_few_names_of_classes_are_an_error_as_in_training(folders, capsys):
    assert of_folders(folders, "--semantic", "--classes", "one") == 1
    assert "The labels hold class 2, but only 1 are named" in capsys.readouterr().out


def test_folder_of_annotations(tmp_path, capsys):
    labels = make_labels(2)
    boxes = np.array([[[0, 0], [24, 48]]])
    annotation = Annotation(labels, boxes=boxes)
    write_annotation(tmp_path, AnnotatedImage("a", make_image(labels), "YX", annotation))
    assert check("--annotations", tmp_path) == 0
    assert "a: 2 objects; 55 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [[], ["--images", "x"], ["--annotations", "x", "--labels", "y"]]
)
def test_bad_use_gives_two(arguments, capsys):
    assert check(*arguments) == 2
    assert "Give either --images and --labels, or --annotations" in capsys.readouterr().err


def test_files_without_a_partner_are_named_as_train_names_them(folders, capsys):
    (folders[1] / "b.tif").rename(folders[1] / "x.tif")
    assert of_folders(folders) == 0
    lines = capsys.readouterr().out.splitlines()
    left_out = "left out, as it is in one of the two folders only."
    assert lines[:2] == [f"warning  b: {left_out}", f"warning  x: {left_out}"]


def test_class_images_are_looked_at_before_training(folders, capsys):
    assert of_folders(folders, "--semantic") == 0
    assert "0 (background)" in capsys.readouterr().out
    for path in folders[1].iterdir():
        write_labels(path, read_image(path).data * 50)
    assert of_folders(folders, "--semantic") == 1
    assert "are never seen" in capsys.readouterr().out
    names = ",".join(map(str, range(100)))
    assert of_folders(folders, "--semantic", "--classes", names) == 0


def test_classes_are_counted_by_name(tmp_path, capsys):
    labels = make_labels(2)
    for number, names in enumerate((("odd", "even"), ("even", "odd"))):
        annotation = Annotation(labels, classes={2: 2})
        image = AnnotatedImage(f"p{number}", make_image(labels, number), "YX", annotation)
        write_annotation(tmp_path, image, [(name, "#ffffff") for name in names])
    assert check("--annotations", tmp_path) == 0
    assert capsys.readouterr().out.count("2 objects (1 odd, 1 even)") == 2


@pytest.mark.parametrize("value", [-1, np.nan, 0])
def test_a_weight_map_that_nobody_can_learn_by_is_refused(tmp_path, capsys, value):
    labels = make_labels(2)
    weight = np.full(labels.shape, value, np.float32)
    annotation = Annotation(labels, weight=weight)
    folder = tmp_path / "mine"
    write_annotation(folder, AnnotatedImage("p", make_image(labels), "YX", annotation))
    assert check("--annotations", folder) != 0
    assert "p: weights/p.tif " in capsys.readouterr().err
    run = tmp_path / "run"
    assert main(["train", "--annotations", str(folder), "--run", str(run)]) != 0
    assert "p: weights/p.tif " in capsys.readouterr().err
    assert not run.exists()


def test_it_is_told_what_is_held_out(tmp_path, capsys):
    labels = np.kron(make_labels(2), np.ones((2, 2), np.uint8))
    few = np.where(labels == labels.max(), labels, 0)

    def told(name, painted):
        image = AnnotatedImage(
            "p", make_image(painted), "TYX"[-painted.ndim :], Annotation(painted)
        )
        write_annotation(tmp_path / name, image)
        check("--annotations", tmp_path / name)
        return capsys.readouterr().out

    assert "more objects, so that a part can be held out" in told("one", few)
    film = np.stack([np.roll(labels, 3 * frame, axis=0) for frame in range(8)])
    assert "frames of “p” are held out" in told("film", film)
