"""The window, the shell and Python make the same run of the same folder."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from napari_unet.cli.flags.parser import build_parser
from napari_unet.cli.new_run import new_run
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig
from napari_unet.core.progress import drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.io.annotations.read import annotated, read_annotations
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.pairs.find import find_pairs
from napari_unet.nn.training.prepare import prepare
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.storage.model_header import bundled_models
from napari_unet.ui.finetune.data.training_request import check, write_run
from napari_unet.ui.work.copies import at_once
from shapes import make_image, make_labels

LOOKS = [("resting", "#ff0000"), ("dividing", "#00ff00")]
LENGTH = TrainConfig(epochs=3)
NAME = "a"
"""What the window calls a model that it trains from this folder."""


def write_folder(folder, *, looks=(), classes=None, sparse=True):
    """Write three pictures of balls of two sizes, and one on which nothing is painted."""
    labels = make_labels(2).astype(np.int32)
    labels[:12, :12] = 3
    marks = np.zeros(labels.shape, np.uint8) if sparse else None
    box = np.array([[[0, 0], [40, 48]]]) if sparse else None
    for seed, name in enumerate("abcd"):
        painted = np.zeros_like(labels) if sparse and name == "a" else labels
        annotation = Annotation(painted, marks, None if name == "a" else box, classes or {})
        image = make_image(labels, seed)
        found = AnnotatedImage(name, image, "YX", annotation, spacing=(0.5, 0.25))
        write_annotation(folder, found, looks)
    return folder


def of_window(viewer, folder, start):
    _, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Fine-tune")
    form = widget.form
    form.pairs.add_folder(folder)
    if isinstance(start, Path):
        form.model.add(start)
    elif start is None:
        form.model.value = "from scratch: compact"
    else:
        assert form.model.value == start
    form.unit.value = "epochs"
    form.count.value = LENGTH.epochs
    ready = check(at_once(widget._before.request()))
    return Run(write_run(ready.settled(), ready.samples))


def of_shell(out, *flags):
    words = ["train", *flags, "--run", out, "--name", NAME, "--epochs", LENGTH.epochs]
    return new_run(build_parser().parse_args(list(map(str, words))))


def of_python(out, images, **changes):
    base = RunConfig(train=LENGTH, name=NAME).replace(**changes)
    ready = prepare(images, base)
    return create_run(out, ready.samples, ready.settled())


USUAL = ("object", "class 2", "class 3")
NAMED = ("resting", "dividing", "class 3")
CASES = {
    "one class": ({}, "scratch", USUAL[:1]),
    "annotated everywhere": ({"sparse": False}, "scratch", USUAL[:1]),
    "classes that nobody has named": ({"classes": {2: 2, 3: 3}}, "scratch", USUAL),
    "classes with names": ({"classes": {2: 2}, "looks": LOOKS}, "file", NAMED[:2]),
    "a class more than names": ({"classes": {2: 3}, "looks": LOOKS}, "scratch", NAMED),
    "classes of a bundled model": ({"classes": {2: 2}}, "bundled", ("nucleus", "class 2")),
    "a start that is left open": ({}, AUTOMATIC, USUAL[:1]),
}


@pytest.mark.parametrize(("parts", "start", "names"), CASES.values(), ids=CASES.keys())
def test_window_shell_and_python_make_the_same_run(
    tmp_path, viewer, small_model, parts, start, names
):
    folder = write_folder(tmp_path / "annotations", **parts)
    path = {"bundled": bundled_models()["nuclei"], "file": small_model, "scratch": None}
    named = {"scratch": None, "bundled": "nuclei", "file": str(small_model)}.get(start, start)
    flags = () if start == AUTOMATIC else ("--start-from", named or start)
    window = of_window(viewer, folder, path.get(start, start))
    shell = of_shell(tmp_path / "shell", "--annotations", folder, *flags)
    python = of_python(tmp_path / "python", read_annotations(folder), start_from=named)
    assert window.config() == shell.config() == python.config()
    assert window.config().model.classes == names
    for run in (shell, python):
        for one, other in zip(run.samples(), window.samples(), strict=True):
            assert one.name == other.name
            np.testing.assert_array_equal(one.labels, other.labels)


@pytest.mark.parametrize(
    ("flags", "start", "raced"),
    [
        ((), None, ["nuclei"]),
        (("--start-from", "automatic", "--network-features", "8"), None, ["nuclei"]),
        (("--start-from", "scratch"), None, []),
        (("--preset", "compact"), None, []),
        (("--network-features", "8"), None, []),
        (("--start-from", "nuclei"), "nuclei", []),
    ],
)
def test_what_the_shell_starts_from(tmp_path, flags, start, raced):
    folder = write_folder(tmp_path / "annotations")
    config = of_shell(tmp_path / "run", "--annotations", folder, *flags).config()
    assert config.start_from == start
    assert set(raced) <= {each.start_from for each in config.others}
    assert bool(raced) == bool(config.others)


def test_two_folders_are_learnt_from_as_a_folder_of_annotations(tmp_path):
    folder = write_folder(tmp_path / "annotations", sparse=False)
    both = ("--images", folder / "images", "--labels", folder / "labels")
    pairs = of_shell(tmp_path / "pairs", *both).config()
    assert pairs == of_shell(tmp_path / "annotated", "--annotations", folder).config()


@pytest.mark.parametrize("start", ["scratch", "file", AUTOMATIC])
@pytest.mark.parametrize("highest", [1, 3])
def test_shell_and_python_learn_the_same_from_class_images(tmp_path, small_model, highest, start):
    folder = write_folder(tmp_path / "annotations", sparse=False)
    for number, image in enumerate(read_annotations(folder)):
        classes = np.minimum(image.annotation.instances, highest).astype(np.uint8)
        classes[:, 40:] = 255
        classes = np.full_like(classes, 255) if number == 0 else classes
        write_annotation(folder, replace(image, annotation=Annotation(classes)))
    both = folder / "images", folder / "labels"
    named = {"file": str(small_model), "scratch": None}.get(start, start)
    flags = () if start == AUTOMATIC else ("--start-from", named or start)
    asked = ("--images", both[0], "--labels", both[1], "--semantic")
    shell = of_shell(tmp_path / "shell", *asked, *flags)
    images = [annotated(pair) for pair in find_pairs(*both, semantic=True, ignore=255).pairs]
    shape = ModelConfig(height=False)
    changes = {"semantic": True, "ignore": 255, "start_from": named, "model": shape}
    python = of_python(tmp_path / "python", images, **changes)
    assert shell.config() == python.config()
    assert len(shell.config().model.classes) == highest
    assert not shell.config().model.height
    for run in (shell, python):
        assert {each.name for each in run.samples()} == set("bcd")


@pytest.mark.parametrize("beside", [False, True])
def test_what_is_left_out_of_a_folder_is_told(make_napari_viewer, folders, beside):
    folder = folders[0].parent
    (folders[1] / "b.tif").unlink()
    if beside:
        content = Content(make_labels(2), "YX", "a")
        drive(export_steps(Export(content, ["coco"], folders[0])))
        folder = folders[0]
    viewer = make_napari_viewer()
    _, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Fine-tune")
    widget.form.pairs.add_folder(folder)
    widget.form.model.value = "from scratch: compact"
    ready = check(at_once(widget._before.request()))
    told = [each.text for each in ready.findings if "left out" in each.text]
    assert len(told) == 1
    assert ("2 images in images left out" if beside else "b: left out") in told[0]
