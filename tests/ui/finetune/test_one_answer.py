"""The widget and the command line make one and the same run of one annotation."""

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.testing import assert_array_equal

from napari_unet.cli.main import main
from napari_unet.core.config import ModelConfig
from napari_unet.io.annotations.write import write_annotation
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.runs.folder import Run
from napari_unet.storage.model_header import read_header
from napari_unet.ui.finetune.data.training_request import TrainingRequest, check, write_run
from napari_unet.ui.layers.metadata import ANNOTATION
from painted import annotate, annotated_image


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def layers(nuclei, viewer):
    """A plane with some objects, two classes, marks and a rectangle, as layers."""
    image = viewer.add_image(nuclei[0], name="cells")
    labels = np.zeros(nuclei[0].shape, int)
    for number in range(1, 7):
        labels[14 * number : 14 * number + 9, 20:40] = number
    objects = annotate(viewer, image, labels)
    parts = objects.metadata[ANNOTATION]
    parts.marks.data[:, 60:70] = 1
    parts.marks.data[:20, 25:30] = 2
    parts.classes[3] = 2
    parts.rectangles.add_rectangles([[0, 0], [95, 50]])
    return image, objects


@pytest.fixture
def painted(layers):
    return annotated_image(*layers)


@pytest.fixture
def fates(tmp_path):
    """A model that tells living cells from dead ones and from what is left of them."""
    config = ModelConfig(features=4, depth=1, classes=("live", "dead", "debris"))
    save_model(Model("fates", seeded_network(config, 1).eval()), tmp_path / "fates.safetensors")
    return tmp_path / "fates.safetensors"


def test_one_run_of_one_annotation(painted, models, tmp_path):
    start = models["flat"]
    prepared = check(TrainingRequest((painted,), (), read_header(start), start, ("epochs", 2)))
    ours = Run(write_run(prepared.config, prepared.samples))
    write_annotation(tmp_path / "annotations", painted)
    theirs = Run(tmp_path / "run")
    arguments = ["--annotations", tmp_path / "annotations", "--run", theirs.folder]
    arguments += ["--start-from", start, "--epochs", 2, "--name", "cells"]
    arguments += ["--progress", "none"]
    stopped = main(["train", *map(str, arguments), "--steps", "1", "--patch", "32"])
    assert stopped == 0
    config = theirs.config()
    length = {"steps": ours.config().train.steps, "patch": ours.config().train.patch}
    assert config.replace(train=config.train.replace(**length)) == ours.config()
    for one, other in zip(ours.samples(), theirs.samples(), strict=True):
        assert (one.name, one.validation) == (other.name, other.validation)
        assert one.classes == other.classes
        for part in ("image", "labels", "ignored"):
            assert_array_equal(getattr(one, part), getattr(other, part))


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (["object"], ("live", "dead", "debris")),
        (["object", "class 2"], ("live", "dead", "debris")),
        (["small", "large"], ("small", "large")),
    ],
    ids=["one class", "two without a name", "named"],
)
def test_one_set_of_classes(layers, fates, tmp_path, names, kept):
    layers[1].metadata[ANNOTATION].class_names = names
    painted = annotated_image(*layers)
    request = TrainingRequest((painted,), (), read_header(fates), fates)
    assert check(request).config.model.classes == kept
    write_annotation(tmp_path / "annotations", painted, [(name, "#ffffff") for name in names])
    run = Run(tmp_path / "run")
    arguments = ["--annotations", tmp_path / "annotations", "--run", run.folder]
    arguments += ["--start-from", fates, "--epochs", 1, "--steps", 1, "--progress", "none"]
    assert main(["train", *map(str, arguments)]) == 0
    assert run.config().model.classes == kept
