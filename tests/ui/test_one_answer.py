"""The widget and the command line make one and the same run of one annotation."""

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.testing import assert_array_equal

from napari_unet.cli import main
from napari_unet.core.model_header import read_header
from napari_unet.io.annotations import write_annotation
from napari_unet.nn.run import Run
from napari_unet.ui.annotation_layers import LINK, add_annotation, annotated_image
from napari_unet.ui.job import Job, check, write_run


@pytest.fixture
def painted(nuclei):
    """A plane with some objects, two classes, marks and a rectangle, as layers."""
    viewer = ViewerModel()
    image = viewer.add_image(nuclei[0], name="cells")
    labels = np.zeros(nuclei[0].shape, int)
    for number in range(1, 7):
        labels[14 * number : 14 * number + 9, 20:40] = number
    objects = add_annotation(viewer, image, labels)
    link = objects.metadata[LINK]
    link["marks"].data[:, 60:70] = 1
    link["marks"].data[:20, 25:30] = 2
    link["classes"][3] = 2
    link["rectangles"].add_rectangles([[0, 0], [95, 50]])
    return annotated_image(image, objects)


def test_one_run_of_one_annotation(painted, models, tmp_path):
    start = models["flat"]
    job = Job((painted,), (), read_header(start), start, length=("epochs", 2))
    prepared = check(job)
    ours = Run(write_run(prepared.config, prepared.samples))
    write_annotation(tmp_path / "annotations", painted)
    theirs = Run(tmp_path / "run")
    arguments = ["--annotations", tmp_path / "annotations", "--run", theirs.folder]
    arguments += ["--start-from", start, "--epochs", 2, "--name", "cells"]
    arguments += ["--classes", "object,class 2", "--progress", "none"]
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
