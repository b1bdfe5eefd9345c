"""Plane law: what is seen and painted at every slider position is the right plane."""

from itertools import permutations, product
from uuid import uuid4

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels
from napari.utils.transforms import Affine
from numpy.testing import assert_array_equal

from napari_unet.core.config import TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.targets.annotation_weight import WeightMapRequest
from napari_unet.nn.training.before_after import SampleErrors
from napari_unet.runs.from_annotations import to_samples
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.annotation_copies import chunked_annotated_image
from napari_unet.ui.annotate.saving.autosave import chunked_draft
from napari_unet.ui.annotate.session import AnnotationSession
from napari_unet.ui.annotate.start import draft_of
from napari_unet.ui.annotate.tools.edit_tools import TOOLS
from napari_unet.ui.finetune.result.change_layer import ChangeLayer
from napari_unet.ui.finetune.result.place_layer import PlaceLayer
from napari_unet.ui.layers.below import label_axes
from napari_unet.ui.layers.channel_axis import channel_axis, kept_axes, made_geometry, pixels_in
from napari_unet.ui.layers.in_view import Undos
from napari_unet.ui.layers.labels import chunked_layer_copy
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.layers.place_note import place_note
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.result.result_layer import ResultLayer
from napari_unet.ui.weights.heat import HeatScale
from napari_unet.ui.weights.layer import WeightLayer
from napari_unet.ui.weights.weight_in_view import chunked_view
from napari_unet.ui.work.copies import at_once
from napari_unet.ui.work.error_line import ErrorLine

SIZES = (3, 5, 2, 7, 11)


@pytest.fixture
def viewer():
    return ViewerModel()


def numbers(shape):
    """Number all pixels, from 1 on."""
    return np.arange(1, np.prod(shape) + 1, dtype=np.uint32).reshape(shape)


def image_of(axes):
    """Make an image whose pixels are numbered, the same in all channels, and labels like it."""
    size = dict(zip(axes, SIZES, strict=False))
    flat = axes.replace("C", "")
    labels = numbers([size[letter] for letter in flat])
    pixels = np.repeat(np.expand_dims(labels, axes.index("C")), size["C"], axes.index("C"))
    scale = np.arange(2, len(axes) + 2)
    image = Image(pixels, rgb=False, axis_labels=tuple(axes.lower()), scale=scale, name="cells")
    return image, labels


@pytest.mark.parametrize("others", ["", "T", "Z", "TZ"])
def test_in_every_order_each_plane_lies_on_its_own_for_every_channel(others):
    ndim = len(others) + 3
    scale, translate = np.arange(2, ndim + 2) / 2, np.arange(ndim)
    image = Image(np.zeros(SIZES[:ndim]), rgb=False, scale=scale, translate=translate)
    for axes in map("".join, permutations(f"{others}CYX")):
        kept, place = kept_axes(axes, ndim), made_geometry(image, axes)
        to_world = Affine(scale=place["scale"], translate=place["translate"])
        pixels = np.array(list(product(*map(range, SIZES[:ndim]))))[::3]
        world = pixels * scale + translate
        found = np.round(to_world.inverse(world[:, -len(kept) :]))
        channel = axes.index("C")
        expected = np.where(np.arange(ndim) == channel, 0, pixels)[:, kept]
        assert_array_equal(found, expected, axes)
        assert kept == list(range(ndim))[channel == 0 :]


@pytest.mark.parametrize("axes", ["ZCYX", "ZCTYX", "TYCX", "XYC"])
def test_what_is_seen_and_painted_at_every_slider_position(viewer, axes):
    image, labels = image_of(axes)
    viewer.add_layer(image)
    layer = add_annotation(viewer, image)
    pixels_in(layer)[...] = labels
    layer.preserve_labels = False
    layer.refresh()
    plane = [axes.index("Y"), axes.index("X")]
    hidden = [axis for axis in range(len(axes)) if axis not in plane]
    viewer.dims.order = (*hidden, *plane)
    look = {"dims_displayed": list(viewer.dims.displayed), "world": True}
    for position in product(*(range(SIZES[axis]) for axis in hidden)):
        viewer.dims.set_current_step(hidden, position)
        pixel = [1] * len(axes)
        for axis, step in zip(hidden, position, strict=True):
            pixel[axis] = step
        point = image.data_to_world(pixel)
        assert layer.get_value(point, **look) == image.get_value(point, **look) > 0
        layer.paint(layer.world_to_data(point), 9999)
        assert pixels_in(layer)[tuple(np.delete(pixel, axes.index("C")))] == 9999
        layer.undo()
        assert_array_equal(pixels_in(layer), labels)


@pytest.fixture
def stack(viewer, qapp):
    """An image of Z C Y X whose objects are in plane 3, and the annotation that is worked on."""
    pixels = np.zeros((5, 3, 40, 48), np.uint8)
    place = {"axis_labels": "zcyx", "scale": (3, 1, 2, 2), "units": ("um", "pixel", "um", "um")}
    image = Image(pixels, name="cells", **place)
    viewer.add_layer(image)
    session = AnnotationSession(viewer, add_annotation(viewer, image), ErrorLine())
    pixels_in(session.layer)[3, 5:15, 5:15] = 1
    pixels_in(session.layer)[3, 9, 9] = 0
    session.layer.refresh()
    viewer.dims.current_step = (3, 2, 0, 0)
    yield image, session
    session.quit()


def test_rectangles_are_drawn_and_seen_in_every_channel(viewer, stack):
    _, session = stack
    rectangles, shape = session.parts.rectangles, (5, 40, 48)
    session.add_rectangles(everywhere=False)
    drawn = [(3, 2 / 3 - 1, y, x) for y, x in ((1, 1), (1, 9), (8, 9), (8, 1))]
    rectangles.add_rectangles(np.array(drawn))  # as a mouse does in the first channel
    annotation = at_once(chunked_annotated_image(*stack[:1], session.layer)).annotation
    assert annotation.instances.shape == shape
    assert annotation.boxes.tolist() == [[[3, 0, 0], [4, 40, 48]], [[3, 1, 1], [4, 8, 9]]]
    for plane, channel in product((2, 3), range(3)):
        viewer.dims.current_step = (plane, channel, 0, 0)
        shown = rectangles._data_view._displayed
        assert shown.tolist() == [plane == 3] * 2
    session.add_rectangles(everywhere=True)
    assert len(rectangles.data) == 1 + 5  # the one that was drawn, and one in each plane


def test_corrections_are_made_in_the_plane_in_view_and_through_planes(viewer, stack):
    _, session = stack
    fill = next(tool for tool in TOOLS if tool.title == "Fill holes")
    pixels_in(session.layer)[[2, 4], 5:15, 5:15] = 1
    for whole in (False, True):
        session.whole = whole
        session.use(fill)
        assert (pixels_in(session.layer)[3] == 1).sum() == 100
        session.layer.undo()
        assert (pixels_in(session.layer)[3] == 1).sum() == 99
    pixels_in(session.layer)[[0, 2]] = pixels_in(session.layer)[[4, 1]]
    session.fill_planes()
    assert (pixels_in(session.layer) == 1).any(axis=(1, 2)).all()
    session._split_along(np.array([[3, 0, 0, 10], [3, 0, 30, 10]]))
    assert np.unique(pixels_in(session.layer)).tolist() == [0, 1, 2]


def test_a_draft_and_an_export_have_no_channels(stack):
    image, session = stack
    session.add_rectangles(everywhere=False)
    parts = session.layer.metadata[ANNOTATION]
    draft = at_once(chunked_draft(session.layer, parts.marks, parts.rectangles))
    assert draft.objects.shape == draft.marks.shape == (5, 40, 48)
    assert [corners.shape for corners in draft.rectangles] == [(4, 3)]
    copy = at_once(chunked_layer_copy(session.layer))
    assert (copy.values.shape, copy.axes, copy.spacing) == ((5, 40, 48), "ZYX", (3, 2, 2))
    assert label_axes(session.layer) == "ZYX"
    assert place_note(session.layer, image) == ""


def test_an_annotation_comes_back_from_a_draft(viewer, stack):
    image, session = stack
    session.add_rectangles(everywhere=False)
    parts = session.layer.metadata[ANNOTATION]
    draft = at_once(chunked_draft(session.layer, parts.marks, parts.rectangles))
    again = add_annotation(viewer, image, draft)
    assert_array_equal(again.data, session.layer.data)
    assert_array_equal(again.metadata[ANNOTATION].rectangles.data, parts.rectangles.data)


def test_objects_are_taken_from_a_result(viewer, stack):
    image, session = stack
    source = take(image, 2, 1)
    found = np.zeros((5, 40, 48), np.int32)
    found[3, 20:30, 20:30] = 7
    result = ResultLayer(viewer, "instances", {}).show(source, found[:, None], 2, uuid4())
    session.source = result
    session.take()
    assert (pixels_in(session.layer)[3, 20:30, 20:30] == 2).all()
    assert channel_axis(result) == 1


def test_a_weight_map_follows_the_same_sliders(viewer, stack):
    _, session = stack
    session.add_rectangles(everywhere=True)
    request = WeightMapRequest("ZYX", 2, TargetConfig())
    shown, view = (
        WeightLayer(session.layer),
        at_once(chunked_view(viewer, session.layer, request, None)),
    )
    weight = view.done()
    shown.show(viewer, weight.values, weight.low, HeatScale(1, 10))
    assert shown.layer.data.shape == (5, 1, 40, 48)
    assert pixels_in(shown.layer)[3].any()
    assert not pixels_in(shown.layer)[[0, 1, 2, 4]].any()


def test_changes_and_places_are_shown_in_their_plane(viewer, stack):
    image, session = stack
    errors = np.zeros((40, 48), np.uint8)
    errors[2:4] = 1
    each = SampleErrors("cells", np.zeros((1, 40, 48)), errors, ("cells", 3))
    viewer.dims.current_step = (0, 2, 0, 0)
    ChangeLayer(viewer).show([each], lambda name: (image, session.layer))
    assert viewer.layers["cells changes"].data.any(axis=(1, 2, 3)).tolist() == [0, 0, 0, 1, 0]
    assert viewer.dims.current_step[:2] == (3, 2)
    PlaceLayer(viewer).outline(image, "ZCYX", (3, 5, 5), ((2, 8), (2, 8)))
    for plane, channel in product((2, 3), range(3)):
        viewer.dims.current_step = (plane, channel, 0, 0)
        assert viewer.layers["suggested place"]._data_view._displayed.tolist() == [plane == 3]


@pytest.mark.parametrize("channel", range(3))
def test_painting_through_planes_takes_one_dimension_more_than_the_planes_have(stack, channel):
    image, session = stack
    session.layer.n_edit_dimensions, session.layer.brush_size = 4, 3
    session.layer.paint(session.layer.world_to_data(image.data_to_world((3, channel, 30, 30))), 7)
    painted = np.argwhere(pixels_in(session.layer) == 7)
    assert np.unique(painted[:, 0]).tolist() == [2, 3, 4]


def test_labels_of_others_without_channels_are_learnt_from_plane_by_plane(viewer, stack):
    image, _ = stack
    image.data[...] = np.arange(5)[:, None, None, None]
    others = Labels(np.repeat(np.arange(5)[:, None], 40 * 48, 1).reshape(5, 40, 48))
    viewer.add_layer(others)
    copied = at_once(chunked_annotated_image(image, others))
    assert copied.axes == "ZCYX"
    for sample in to_samples([copied], 2, 3):
        assert_array_equal(sample.image, np.broadcast_to(sample.labels, (3, 40, 48)))
    wrong = Labels(np.zeros((3, 40, 48), int), name="by channel")
    with pytest.raises(UserError, match="choose one that was made for this image"):
        at_once(chunked_annotated_image(image, wrong))


def test_an_annotation_that_starts_from_labels_of_others_has_them_in_their_planes(viewer, stack):
    image, session = stack
    others = np.zeros((5, 40, 48), int)
    others[3, 20:30, 20:30] = 7
    draft = draft_of(image.name, image.data.shape, others)
    layer = add_annotation(viewer, image, draft)
    assert_array_equal(pixels_in(layer), others)
    session.source = Labels(others)
    session.take()
    assert pixels_in(session.layer)[3, 20:30, 20:30].all()


def test_an_undo_is_told_from_a_look_elsewhere():
    viewer = ViewerModel()
    layer = viewer.add_labels(np.zeros((3, 4, 5), int))
    undos = Undos(viewer, layer)
    assert not undos.only_moved()
    viewer.dims.set_current_step(0, 0)
    assert undos.only_moved()
    layer.data_setitem((np.array([0]), np.array([1]), np.array([2])), 1)
    layer.undo()
    viewer.dims.set_current_step(0, 1)
    assert not undos.only_moved()
    viewer.dims.set_current_step(0, 2)
    assert undos.only_moved()
