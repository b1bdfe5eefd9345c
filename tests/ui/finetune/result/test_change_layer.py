"""What a training has changed is painted on the images that it is of."""

import numpy as np
import pytest
from napari.components import ViewerModel
from numpy.testing import assert_array_equal

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.nn.training.before_after import SampleErrors
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.from_annotations import to_samples
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.finetune.data.copied_layers import CopiedLayers
from napari_unet.ui.finetune.result.change_layer import ChangeLayer
from shapes import make_image, make_labels


@pytest.fixture
def viewer():
    return ViewerModel()


@pytest.fixture
def layers(viewer):
    """Images of one plane and of four, each with an annotation, by the images' names."""
    plane, stack = np.zeros((20, 30), np.uint8), np.zeros((4, 20, 30), np.uint8)
    found = {}
    for name, pixels in (("stack", stack), ("stack 3", plane)):
        image = viewer.add_image(pixels, name=name)
        found[name] = image, add_annotation(viewer, image)
    return found


def errors_of(name, origin):
    image, error_map = np.zeros((1, 20, 30), np.uint8), np.zeros((20, 30), np.uint8)
    error_map[5:9, 5:9] = 1
    return SampleErrors(name, image, error_map, origin)


def nothing(name):
    return None


def test_an_image_is_not_taken_for_a_plane_of_another(viewer, layers):
    of_plane = errors_of("stack 3", ("stack", 3))
    of_image = errors_of("stack 3, held out", ("stack 3", 0))
    ChangeLayer(viewer).show([of_image], nothing)
    assert_array_equal(viewer.layers["stack 3 changes"].data, of_image.error_map)
    assert "stack changes" not in viewer.layers
    ChangeLayer(viewer).show([of_plane], nothing)
    shown = viewer.layers["stack changes"].data
    assert_array_equal(shown[3], of_plane.error_map)
    assert not shown[:3].any()


def test_the_held_out_image_is_brought_into_view(viewer, layers):
    (stack, of_stack), (_, of_plane) = layers["stack"], layers["stack 3"]
    stack.visible = False
    errors = [errors_of("s", ("stack", 2)), errors_of("p", ("stack 3", 0))]
    assert ChangeLayer(viewer).show(errors, nothing) == ["stack", "stack 3"]
    shown = {layer.name for layer in viewer.layers if layer.visible}
    assert shown >= {"stack", of_stack.name, "stack changes"}
    assert not shown & {"stack 3", of_plane.name, "stack 3 changes"}
    assert viewer.dims.current_step[0] == 2


def test_renamed_images_are_found(viewer, layers):
    copied = CopiedLayers()
    for name, both in layers.items():
        copied.add(name, *both)
    layers["stack"][0].name, layers["stack 3"][0].name = "a", "stack"
    changes = ChangeLayer(viewer)
    changes.show([errors_of("stack 2", ("stack", 2))], copied.find)
    assert viewer.layers["a changes"].data[2].any()
    viewer.layers["a changes"].name = "mine"
    theirs = viewer.add_labels(np.zeros((4, 20, 30), int), name="a changes")
    changes.show([errors_of("stack 1", ("stack", 1))], copied.find)
    assert theirs in viewer.layers
    assert "mine" not in viewer.layers
    assert viewer.layers["a changes [1]"].data[1].any()


@pytest.mark.parametrize("origin", [None, ("gone", 0), ("stack", 7)])
def test_what_has_no_place_is_shown_on_a_copy(viewer, layers, origin):
    ChangeLayer(viewer).show([errors_of("gone", origin)], nothing)
    assert viewer.layers["gone"].data.shape == (20, 30)
    assert viewer.layers["gone changes"].data.any()


def test_a_run_remembers_of_which_plane_a_sample_is(tmp_path):
    labels = np.stack([make_labels(2)] * 3)
    labels[0] = 0
    annotation = Annotation(labels, boxes=np.array([[[1, 0, 0], [3, *labels.shape[1:]]]]))
    stack = AnnotatedImage("stack", make_image(labels), "ZYX", annotation)
    run = create_run(tmp_path / "run", to_samples([stack], 2, 1), RunConfig(name="x"))
    assert sorted(sample.origin for sample in run.samples()) == [("stack", 1), ("stack", 2)]
