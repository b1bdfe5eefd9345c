"""What is written of a layer: its axes, and the size of a pixel where that is known."""

from uuid import uuid4

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing
from napari_unet.io.tiff.write import write_tiff
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.layers.axes import scale_of, state_axes, stated_axes
from napari_unet.ui.layers.labels import chunked_layer_copy
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.result.result_layer import ResultLayer
from napari_unet.ui.widgets.objects.likely_image import shear_note


def copied(layer):
    """What is written of a layer, as Export takes it."""
    steps = chunked_layer_copy(layer)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


STACK, MICRO = np.zeros((3, 8, 8), np.uint8), "micrometer"


@pytest.mark.parametrize(
    ("data", "units", "scale", "axes", "spacing"),
    [
        (STACK[0], None, (0.25, 0.25), "YX", ()),
        (STACK[0], ("nm", "nm"), (500, 250), "YX", (0.5, 0.25)),
        (STACK, ("second", MICRO, MICRO), (5, 0.25, 0.25), "TYX", (0.25, 0.25)),
        (STACK, (MICRO, MICRO, "second"), (0.25, 0.25, 5), "YXT", (0.25, 0.25)),
        (STACK, ("pixel", MICRO, MICRO), (1, 0.25, 0.25), "ZYX", (None, 0.25, 0.25)),
    ],
    ids=["no unit", "another unit", "time first", "time last", "no thickness"],
)
def test_what_is_written_of_a_layer_has_sizes_only_where_its_units_are_lengths(
    data, units, scale, axes, spacing
):
    copy = copied(Labels(data, units=units, scale=scale))
    assert (copy.axes, copy.unit) == (axes, "µm" if spacing else "px")
    assert copy.spacing == pytest.approx(spacing)


def test_labels_of_too_many_axes_are_refused_whatever_they_are_taken_for():
    """Measure and Weight map take them, too, not Export alone."""
    told = "has 5 axes, and labels have 2 to 4: choose those of one"
    with pytest.raises(UserError, match=told):
        copied(Labels(np.zeros((1, 1, 1, 8, 8), np.uint8)))


def test_an_axis_in_seconds_is_time_for_images_too():
    units = ("second", MICRO, MICRO)
    assert stated_axes(Image(STACK, units=units)) == "TYX"
    assert stated_axes(Image(STACK)) is None


def test_axes_that_are_called_by_words_are_those():
    assert stated_axes(Image(STACK, axis_labels=("time", "y", "x"))) == "TYX"
    colours = Image(np.zeros((3, 8, 8, 3)), rgb=True, axis_labels=("slice", "row", "col"))
    assert stated_axes(colours) == "ZYXC"
    assert copied(Labels(STACK, axis_labels=("frame", "row", "column"))).axes == "TYX"


def test_what_is_made_for_an_image_knows_the_size_that_its_file_tells(bare_viewer, tmp_path):
    path = tmp_path / "a.tif"
    write_tiff(path, np.arange(64, dtype=np.uint8).reshape(8, 8), "YX", (0.25, 0.5), "µm")
    (image,) = bare_viewer.open(path, plugin="napari")
    result = ResultLayer(bare_viewer, "instances", {})
    shown = result.show(take(image, 2, 1), np.ones((8, 8), int), 2, uuid4())
    copy = copied(shown)
    assert (copy.spacing, copy.unit) == (pytest.approx((0.25, 0.5)), "µm")


def test_the_time_between_frames_is_that_of_the_layer_or_of_the_image_it_was_made_for(
    bare_viewer, tmp_path
):
    path, units = tmp_path / "a.tif", ("minute", MICRO, MICRO)
    write_tiff(path, STACK, "TYX", Spacing({"T": 30, "Y": 0.5, "X": 0.5}), "µm")
    (image,) = bare_viewer.open(path, plugin="napari")
    assert copied(add_annotation(bare_viewer, image)).step == 30
    assert copied(Labels(STACK, units=units, scale=(2, 0.5, 0.5))).step == pytest.approx(120)
    state_axes(image, "ZYX")
    assert copied(add_annotation(bare_viewer, image)).step is None


def test_axes_that_are_typed_later_are_those_of_the_annotation_too(bare_viewer):
    image = bare_viewer.add_image(STACK, name="film")
    objects = add_annotation(bare_viewer, image)
    for typed, ndim in (("TYX", 2), ("ZYX", 3)):
        state_axes(image, typed)
        copy = copied(objects)
        assert (copy.axes, copy.ndim) == (typed, ndim)
    state_axes(image, "CYX")  # then it is no annotation of this image
    assert copied(objects).axes == "ZYX"


def turned(degrees, factor=0.5, shear=0.0):
    """An affine that turns rows and columns, and makes pixels smaller."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix = np.eye(4)
    matrix[1:3, 1:3] = factor * np.array([[cos, -sin], [sin, cos]]) @ [[1, shear], [0, 1]]
    return matrix


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
@pytest.mark.parametrize(
    ("affine", "spacing"),
    [
        (np.diag([1, 0.65, 0.4, 1]), (0.65, 0.4)),
        (turned(90), (0.5, 0.5)),
        (turned(30), (0.5, 0.5)),
        (turned(30, shear=0.01), (0.5, 0.5)),
        (turned(0, shear=0.3), ()),
    ],
    ids=["scaled", "rows are columns", "turned", "hardly sheared", "sheared"],
)
def test_the_size_of_a_pixel_is_that_in_the_world_whatever_puts_it_there(affine, spacing):
    units = ("pixel", MICRO, MICRO)
    labels = Labels(STACK.astype(int), axis_labels="tyx", units=units, affine=affine)
    copy = copied(labels)
    assert copy.spacing == pytest.approx(spacing, rel=0.01)
    assert copy.unit == ("µm" if spacing else "px")
    assert bool(shear_note(labels)) is not bool(spacing)


def test_a_scale_and_an_affine_count_together():
    place = {"scale": (2, 0.5, 0.5), "affine": np.diag([1, 2, 3, 1])}
    labels = Labels(STACK.astype(int), axis_labels="zyx", **place)
    assert copied(labels).spacing == ()
    assert scale_of(labels, "ZYX") == pytest.approx((2, 1, 1.5))
    labels.units = (MICRO,) * 3
    assert copied(labels).spacing == pytest.approx((2, 1, 1.5))
