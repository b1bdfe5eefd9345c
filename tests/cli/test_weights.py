"""Weight maps from the shell are those that training uses."""

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import TargetConfig
from napari_unet.core.targets.targets import instance_weight
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.bundled import load_sample
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.training.patches import class_factors, training_image
from napari_unet.runs.folder import Run
from shapes import make_image, make_labels
from shell import QUICK, run, told


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


def test_the_maps_that_were_written_are_listed(tmp_path, annotation_folder, capsys):
    for name in ("a", "b"):
        write_labels(tmp_path / f"{name}.tif", make_labels(2))
    maps = [tmp_path / f"{name}_weights.tif" for name in ("a", "b")]
    (tmp_path / "bad.tif").write_bytes(b"no labels")
    asked = [tmp_path / f"{name}.tif" for name in ("a", "bad", "b")]
    assert run("weights", *asked, "--out", tmp_path) == 2
    assert capsys.readouterr().out.splitlines() == [*map(str, maps)]
    out = tmp_path / "annotated"
    assert run("weights", "--annotations", annotation_folder, "--out", out) == 0
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(map(str, out.iterdir()))


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


@pytest.mark.parametrize("command", ["weights", "evaluate"])
def test_numbers_of_classes_are_not_taken_for_objects(tmp_path, capsys, command):
    classes = np.zeros((60, 60), np.uint8)
    classes[::4, ::4], classes[2::4, 2::4], classes[:9] = 1, 2, 255
    write_labels(tmp_path / "a.tif", classes)
    files, out = [tmp_path / "a.tif"], ("--out", tmp_path / "out")
    asked = (*files, *out) if command == "weights" else files * 2
    for ignored in ((), ("--ignore", 255)):
        assert run(command, *asked, *ignored) == 2
        assert "they look like classes, not objects" in told(capsys)
