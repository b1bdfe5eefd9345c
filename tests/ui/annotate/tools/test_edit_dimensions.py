"""napari's *n edit dim* never stops at the axis that stands for channels."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.session import AnnotationSession
from napari_unet.ui.work.error_line import ErrorLine

SIZES = {"T": 3, "Z": 9, "C": 2, "Y": 40, "X": 50}


@pytest.fixture
def begin(home, qtbot):
    """Begin a session on a new annotation of an image with some axes."""
    begun = []

    def begin(axes):
        viewer = ViewerModel()
        pixels = np.zeros([SIZES[each] for each in axes], np.uint8)
        image = viewer.add_image(pixels, name="cells", axis_labels=tuple(axes.lower()))
        viewer.dims.set_current_step(axes.index("Z"), 4)
        begun.append(AnnotationSession(viewer, add_annotation(viewer, image), ErrorLine()))
        return begun[-1]

    yield begin
    for session in begun:
        session.quit()


@pytest.mark.parametrize("layer", ["objects", "marks"])
@pytest.mark.parametrize(
    ("axes", "steps"),
    [("ZCYX", (4, 2)), ("TZCYX", (4, 5, 4, 2)), ("TCZYX", (3, 5, 3, 2)), ("TZYX", (3, 4, 3, 2))],
)
def test_channels_are_stepped_over(begin, layer, axes, steps):
    session = begin(axes)
    layer = session.layer if layer == "objects" else session.parts.marks
    number, seen = 2, []
    for step in np.sign(np.diff((2, *steps))):
        layer.n_edit_dimensions = number + step
        number = layer.n_edit_dimensions
        seen.append(number)
    assert tuple(seen) == steps


def test_one_step_paints_through_planes(begin):
    layer = begin("ZCYX").layer
    layer.n_edit_dimensions, layer.brush_size = 3, 5
    layer.paint((4, 0, 20, 20), 1)
    assert set(np.flatnonzero(layer.data[:, 0, 20, 20])) == {2, 3, 4, 5, 6}


def test_napari_has_its_way_again_once_the_session_is_over(begin):
    session = begin("ZCYX")
    session.quit()
    session.layer.n_edit_dimensions = 3
    assert session.layer.n_edit_dimensions == 3
