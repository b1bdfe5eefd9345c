"""Layers that napari has made of one array with `channel_axis`: they can be chosen as one image."""

import dask.array
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.config import ModelConfig
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.ui.layers.channel_group import group_of, whole_image
from napari_unet.ui.open import split_channels
from napari_unet.ui.open.split_channels import join_channels

PIXELS = np.random.default_rng(0).integers(0, 255, (3, 4, 40, 52), np.uint8)
"""Three channels of four planes."""


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A model of two channels, random."""
    network = seeded_network(ModelConfig(in_channels=2, features=4, max_features=4, depth=1), 1)
    path = tmp_path_factory.mktemp("models") / "two.safetensors"
    save_model(Model("two", network.eval()), path)
    return path


def texts(box):
    return [box.native.itemText(row) for row in range(box.native.count())]


def joined(viewer):
    """Return the images of several channels that the layers of a viewer are."""
    join_channels(viewer.layers)
    return list(dict.fromkeys(filter(None, map(whole_image, viewer.layers))))


@pytest.mark.parametrize("axis", range(4))
@pytest.mark.parametrize("kind", [np.asarray, dask.array.from_array], ids=["numpy", "dask"])
def test_channels_of_one_array_are_one_image_of_which_nothing_is_copied(bare_viewer, axis, kind):
    bare_viewer.add_image(kind(np.moveaxis(PIXELS, 0, axis)), channel_axis=axis, name="embryo")
    (image,) = joined(bare_viewer)
    assert_array_equal(np.asarray(image.data), PIXELS)
    assert image.name == "embryo"
    assert kind is not np.asarray or np.shares_memory(image.data, PIXELS)


def test_a_pyramid_of_channels_is_one_image(bare_viewer):
    levels = [PIXELS, PIXELS[..., ::2, ::2]]
    bare_viewer.add_image(levels, channel_axis=0, multiscale=True)
    (image,) = joined(bare_viewer)
    for level, expected in zip(image.data, levels, strict=True):
        assert_array_equal(level, expected)


def test_levels_that_are_no_parts_of_one_array_are_not_joined(bare_viewer):
    """They lie anywhere in memory, and go with their layers."""
    for channel in PIXELS[:2]:
        levels = [channel, channel[..., ::2, ::2].copy()]
        bare_viewer.add_image(levels, multiscale=True, blending="additive")
    assert joined(bare_viewer) == []


class Nameless:
    """An array as xarray has it, whose name is None."""

    name, shape, ndim, dtype = None, PIXELS[0].shape, 3, PIXELS.dtype

    def __array__(self, dtype=None, copy=None):
        return PIXELS[0]

    def __getitem__(self, where):
        return PIXELS[0][where]


def test_arrays_of_other_kinds_are_not_joined(bare_viewer):
    for _ in range(2):
        bare_viewer.add_image(Nameless(), blending="additive", contrast_limits=(0, 255))
    assert joined(bare_viewer) == []


def test_what_was_computed_from_one_array_is_not_joined(bare_viewer):
    whole = dask.array.from_array(PIXELS)
    for each in (whole + 1, whole * 2):
        bare_viewer.add_image(each, blending="additive")
    assert joined(bare_viewer) == []


def test_channels_of_an_array_that_is_turned_round_are_one_image(bare_viewer):
    """Such as red, green and blue of an image that OpenCV has read."""
    bare_viewer.add_image(PIXELS[::-1], channel_axis=0, name=["red", "green", "blue"])
    (image,) = joined(bare_viewer)
    assert_array_equal(image.data, PIXELS[::-1])
    assert group_of(image).channels == ("red", "green", "blue")


def test_an_image_is_called_what_its_channels_have_in_common(bare_viewer):
    names = ["well 3 : DAPI", "well 3 : GFP", "well 3 : RFP"]
    bare_viewer.add_image(PIXELS, channel_axis=0, name=names)
    (image,) = joined(bare_viewer)
    assert image.name == "well 3"


def test_other_layers_are_no_channels(bare_viewer):
    for frame in PIXELS:
        bare_viewer.add_image(frame)
    for frame in PIXELS:
        bare_viewer.add_image(frame.copy(), blending="additive")
    moved = bare_viewer.add_image(PIXELS[:2], channel_axis=0)[1]
    moved.translate = (0, 5, 0)
    assert joined(bare_viewer) == []


def test_layers_that_are_known_are_not_looked_at_again(bare_viewer, monkeypatch):
    """Each list of each widget asks whenever a layer comes, goes or is chosen."""
    bare_viewer.add_image(PIXELS, channel_axis=0)
    for frame in PIXELS[0]:
        bare_viewer.add_image(frame)
    known = joined(bare_viewer)
    monkeypatch.setattr(split_channels, "placed", lambda _: 1 / 0)
    assert joined(bare_viewer) == known
    assert len(known) == 1


def test_two_images_of_one_array_are_not_mixed(bare_viewer):
    fields = np.stack([PIXELS, PIXELS + 1])
    for field in fields:
        bare_viewer.add_image(field, channel_axis=0)
    for image, expected in zip(joined(bare_viewer), fields, strict=True):
        assert_array_equal(image.data, expected)


def test_a_model_of_two_channels_takes_layers_of_one_array_together(viewer, segment, run, two):
    layers = viewer.add_image(PIXELS[:, 0], channel_axis=0, name=["DAPI", "GFP", "RFP"])
    form = segment.form
    assert texts(form.image) == ["DAPI", "GFP", "RFP"]
    form.model.add(two)
    assert texts(form.image) == ["DAPI to RFP, 3 channels"]
    assert form.axes.letters.text() == "C Y X"
    first, second = form.channels.boxes
    assert [first.itemText(row) for row in range(first.count())] == ["DAPI", "GFP", "RFP"]
    first.setCurrentIndex(2)
    second.setCurrentIndex(0)
    run()
    request = SegmentRequest(axes="CYX", channels=(2, 0))
    expected = segment_directly(PIXELS[:, 0], two, request)
    found = viewer.layers["DAPI to RFP classes (semantic)"]
    assert_array_equal(found.data, expected.semantic)
    assert viewer.layers["DAPI to RFP objects (instances)"].visible
    viewer.layers.remove(layers[0])
    assert form.image.value is whole_image(layers[1])


def test_planes_that_nobody_has_named_stay_planes_of_each_channel(viewer, segment, two):
    viewer.add_image(PIXELS, channel_axis=0)
    segment.form.model.add(two)
    assert segment.form.axes.letters.text() == "C Z Y X"


def test_channels_that_are_files_of_their_own_can_be_stacked(viewer, segment, click, two):
    for name, pixels in zip(("DAPI", "GFP"), PIXELS[:, 0], strict=False):
        viewer.add_image(pixels.copy(), name=name)
    segment.form.model.add(two)
    click(segment.form.button)
    assert "“GFP” is one channel, and the model takes 2" in segment.error.text()
    assert "Merge to Stack" in segment.error.text()
