"""What several commands are given."""

import signal

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.io.annotations.write import write_annotation
from shapes import make_image, make_labels


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


@pytest.fixture
def usual_interrupt():
    """Answer Ctrl-C as in a terminal, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
