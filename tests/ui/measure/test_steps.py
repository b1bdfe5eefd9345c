"""What a worker gets of layers of all kinds, without a window."""

from uuid import uuid4
from weakref import ref

import numpy as np
import pytest
from dask import array
from napari.components import ViewerModel
from napari.layers import Image, Labels

from napari_unet import UserError, drive, measure_objects
from napari_unet.core.image.channels import Channel
from napari_unet.io.picture import Picture
from napari_unet.ui.layers.channel_group import whole_image
from napari_unet.ui.layers.metadata import ANNOTATION, MADE
from napari_unet.ui.layers.picture_layers import image_layers
from napari_unet.ui.measure.place import place_of
from napari_unet.ui.measure.steps import chunked_copies, measuring
from napari_unet.ui.work.copies import at_once
from painted import annotate
from shapes import make_labels


def measured(labels, image=None, layers=(), ndim=2):
    copies = at_once(chunked_copies(labels, image, layers, ndim))
    return drive(measuring(copies))


def same(one, other):
    assert list(one) == list(other)
    for name, column in one.items():
        np.testing.assert_array_equal(column, other[name], err_msg=name)


@pytest.fixture
def flat():
    return make_labels(2)


def test_colours_have_their_names(flat):
    image = np.random.default_rng(0).integers(0, 255, (*flat.shape, 3), np.uint8)
    table = measured(Labels(flat), Image(image, rgb=True))
    names = ("red", "green", "blue")
    same(table, measure_objects(flat, np.moveaxis(image, -1, 0), channels=names))


def test_channels_of_a_file_are_measured_together_or_one_by_one(flat):
    pixels = np.random.default_rng(0).random((2, *flat.shape), np.float32)
    channels = (Channel("DAPI"), Channel("GFP"))
    made = image_layers(Picture(pixels, "CYX", channels=channels, name="a"))
    layers = [Image(data, **about) for data, about, _ in made]
    table = measured(Labels(flat), whole_image(layers[0]))
    assert {"intensity_mean_DAPI", "intensity_mean_GFP"} <= set(table)
    same(measured(Labels(flat), layers[1]), measure_objects(flat, pixels[1]))


def test_an_axis_that_stands_for_channels_is_left_out():
    labels = make_labels(3)
    image = np.random.default_rng(0).random((labels.shape[0], 2, *labels.shape[1:]))
    made = {MADE: {"axes": "ZCYX", "ndim": 3, "role": "instances"}}
    layer = Labels(labels[:, np.newaxis], metadata=made)
    table = measured(layer, Image(image, axis_labels=("z", "c", "y", "x")), ndim=3)
    same(table, measure_objects(labels, np.moveaxis(image, 1, 0)))
    assert labels[place_of(layer, table, 1).where] == table["label"][1]


def test_planes_of_their_own_and_pixels_of_any_size():
    labels = make_labels(3)
    layer = Labels(labels, scale=(2, 0.5, 0.5), units=("um",) * 3)
    table = measured(layer)
    same(table, measure_objects(labels, ndim=2, spacing=(2, 0.5, 0.5), unit="µm"))
    for row, label in enumerate(table["label"]):
        assert labels[place_of(layer, table, row).where] == label


def test_what_is_read_part_by_part_stays_so(flat):
    lazy = array.from_array(flat, chunks=16)
    copies = at_once(chunked_copies(Labels(lazy), None, (), 2))
    assert copies.labels.values is lazy
    same(drive(measuring(copies)), measure_objects(flat))


def test_probability_height_and_classes_in_the_viewer_are_taken_into_account(flat):
    one, another = Image(flat), Image(flat)

    def layer(kind, values, role, image=one):
        return kind(values, metadata={MADE: {"role": role, "image": ref(image)}})

    labels = layer(Labels, flat, "instances")
    half = np.full(flat.shape, 0.25, np.float32)
    layers = [
        layer(Image, half, "probability 1"),
        layer(Image, half, "probability 2"),
        layer(Labels, flat, "semantic"),
        layer(Image, half * 4, "height"),
        layer(Image, half, "uncertainty", another),
    ]
    table = measured(labels, None, layers)
    assert table["probability"].tolist() == [0.5, 0.5]
    assert table["class"].tolist() == [1, 2]
    assert table["doubt"].tolist() == [1, 1]  # a toss of a coin


def test_what_another_result_says_of_the_image_is_not_taken_for_this_ones(flat):
    image, runs = Image(flat), [uuid4(), uuid4()]

    def layer(kind, values, role, run):
        return kind(values, metadata={MADE: {"role": role, "image": ref(image), "run": run}})

    half, full = (np.full(flat.shape, value, np.float32) for value in (0.5, 1))
    layers = [layer(Image, half, "probability", runs[0]), layer(Image, full, "height", runs[0])]
    old, new = (layer(Labels, flat, "instances", run) for run in runs)
    assert measured(old, None, layers)["probability"].tolist() == [0.5, 0.5]
    assert "probability" not in measured(new, None, layers)
    layers.append(layer(Image, full, "probability", runs[1]))
    unknown = layer(Labels, flat, "instances", None)
    for labels in (new, unknown):
        assert measured(labels, None, layers)["probability"].tolist() == [1, 1]


def test_an_annotation_has_its_own_classes_and_not_those_of_a_result(flat):
    viewer = ViewerModel()
    image = viewer.add_image(flat, name="a")
    about = {"role": "semantic", "image": ref(image)}
    viewer.add_labels(flat, name="a classes (semantic)", metadata={MADE: about})
    objects = annotate(viewer, image, flat)
    assert "class" not in measured(objects, None, viewer.layers)
    own = Labels(4 - flat, metadata={MADE: objects.metadata[MADE] | {"role": "classes"}})
    objects.metadata[ANNOTATION].semantic = viewer.add_layer(own)
    assert measured(objects, None, viewer.layers)["class"].tolist() == [3, 2]
    result = Labels(flat, metadata={MADE: about | {"role": "instances"}})
    assert measured(result, None, viewer.layers)["class"].tolist() == [1, 2]


def test_an_image_of_another_size_is_refused(flat):
    with pytest.raises(UserError, match="choose one that was made for this image"):
        measured(Labels(flat), Image(np.ones((7, 7))))


def test_axes_that_both_layers_say_are_brought_into_one_order(flat):
    moving = np.stack([np.roll(flat, shift, 0) for shift in range(4)]).reshape(2, 2, *flat.shape)
    grey = np.arange(4.0).reshape(2, 2, 1, 1) + np.zeros(moving.shape)
    turned = Image(grey.swapaxes(0, 1), axis_labels=("z", "t", "y", "x"))
    for ndim in (2, 3):
        table = measured(Labels(moving, axis_labels=("t", "z", "y", "x")), turned, ndim=ndim)
        same(table, measure_objects(moving, grey, axes="TZYX", ndim=ndim))
