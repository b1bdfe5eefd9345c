"""The whole path: axes, channels, size, and labels on the image's own grid."""

from itertools import permutations

import dask.array as da
import numpy as np
import pytest
import torch
import zarr

from napari_unet.core.config import DecodeConfig, LinkConfig, ModelConfig, SizeConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.resample import Resampled, resampled
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.model import Model, seeded_network
from napari_unet.nn.prediction.predict import Output, predict_steps
from napari_unet.nn.prediction.segment import segment, segment_steps

DECODE = DecodeConfig(min_size=0, split=0)
SIZES = {"T": 2, "Z": 4, "C": 3, "Y": 9, "X": 10}


def tiny(ndim, channels=1, sizes=None):
    """An untrained model whose output is anything but flat."""
    config = ModelConfig(ndim=ndim, in_channels=channels, features=2, depth=1)
    return Model("tiny", seeded_network(config, 1).eval(), sizes=sizes or Sizes())


def half(image, model, **config):
    """Decode so that an untrained model takes half of the pixels for objects."""
    foreground = 1 - segment(image, model, **config).probabilities[0]
    return DECODE.replace(threshold=float(np.median(foreground)))


def same_partition(one, other):
    """Whether two label images have the same objects, whatever their numbers."""
    pairs = np.unique(np.stack([one.ravel(), other.ravel()]), axis=1)
    return all(len(np.unique(side)) == pairs.shape[1] for side in pairs) and one.any()


@pytest.mark.parametrize("ndim", [2, 3])
def test_every_order_of_axes_gives_the_same_labels(ndim):
    image = np.random.default_rng(0).random(list(SIZES.values()), dtype=np.float32)
    spacing = dict(zip("ZYX", (1.0, 0.5, 0.5), strict=True))
    model = tiny(ndim, 2, Sizes((1.0, 0.4, 0.4)[-ndim:], 4.0))
    size = SizeConfig(match="pixel size")
    config = {"channels": (2, 0), "size": size}
    config["decode"] = half(image, model, axes="TZCYX", spacing=(1.0, 0.5, 0.5), **config)
    expected = segment(image, model, axes="TZCYX", spacing=(1.0, 0.5, 0.5), **config)
    lead = "TZ"[: 4 - ndim]
    for order in list(permutations("TZCYX"))[::23]:
        moved = image.transpose(["TZCYX".index(letter) for letter in order])
        along = [spacing[letter] for letter in order if letter in spacing]
        found = segment(moved, model, axes="".join(order), spacing=along, **config)
        leading = [letter for letter in order if letter in lead]
        assert found.axes == "".join(leading) + "ZYX"[-ndim:]
        back = found.instances.transpose(
            [found.axes.index(letter) for letter in lead + "ZYX"[-ndim:]]
        )
        assert same_partition(back, expected.instances)


@pytest.mark.parametrize("image", [np.arange(9), np.array(3), torch.ones(8, 8), "a.tif", None])
def test_what_is_no_image_is_told_without_speaking_of_a_model(image):
    with pytest.raises(UserError, match=r"^An image ") as error:
        segment(image)
    assert "model" not in str(error.value)


@pytest.mark.parametrize("match", ["off", "pixel size", "object size"])
def test_labels_have_the_size_of_the_image(ndim, match):
    image = np.random.default_rng(0).random((3, *(17, 30, 26)[-ndim:]))
    size = SizeConfig(match=match, diameter=10)
    model = tiny(ndim, sizes=Sizes((0.7,) * ndim, 6.0))
    found = segment(image, model, axes="TZYX"[:1] + "ZYX"[-ndim:], spacing=(1,) * ndim, size=size)
    assert found.instances.shape == found.semantic.shape == image.shape
    assert found.probabilities.shape == (2, *image.shape)
    np.testing.assert_allclose(found.probabilities.sum(0), 1, atol=1e-5)


def test_a_matched_image_is_the_resampled_one_seen_by_the_model(ndim):
    image = (np.random.default_rng(0).random((20, 33, 31)[-ndim:]) * 255).astype(np.uint8)
    model = tiny(ndim, sizes=Sizes(None, 8.0))
    found = segment(image, model, size=SizeConfig(match="object size", diameter=5), decode=DECODE)
    planes = arrange(image, "ZYX"[-ndim:], ndim, 1)
    shape = tuple(round(length * 8 / 5) for length in image.shape)
    output: Output = drive(predict_steps(Resampled.of(planes, shape), model, TileConfig()))
    expected = resampled(output.probabilities, image.shape)
    assert found.probabilities.tobytes() == expected.tobytes()


def test_limits_are_those_of_the_image_as_it_came():
    image = np.zeros((64, 64), np.float32)
    image[::2, ::2] = 100
    image += np.random.default_rng(0).random((64, 64)).astype(np.float32)
    planes = arrange(image, "YX", 2, 1)
    small = Resampled.of(planes, (16, 16))
    model = tiny(2)
    output = drive(predict_steps(small, model, TileConfig()))
    stated = drive(predict_steps(arrange(small[0], "CYX", 2, 1), model, TileConfig()))
    assert np.abs(output.probabilities - stated.probabilities).max() > 1e-4


@pytest.mark.parametrize("container", ["dask", "zarr"])
def test_lazy_arrays_give_the_same_labels(ndim, container):
    image = np.random.default_rng(0).random((2, 12, 20, 18)[-ndim - 1 :], dtype=np.float32)
    chunks = (1, 5, 7, 8)[-ndim - 1 :]
    lazy = (
        da.from_array(image, chunks=chunks)
        if container == "dask"
        else zarr.array(image, chunks=chunks)
    )
    config = {
        "axes": "C" + "ZYX"[-ndim:],
        "channels": (1,),
        "size": SizeConfig(match="object size", diameter=5),
    }
    model = tiny(ndim, sizes=Sizes(None, 7.0))
    config["decode"] = half(image, model, **config)
    one, other = segment(image, model, **config), segment(lazy, model, **config)
    np.testing.assert_array_equal(one.instances, other.instances)
    assert one.instances.any()


def test_colour_goes_into_a_model_of_one_channel_by_choice():
    image = np.random.default_rng(0).integers(0, 255, (30, 31, 3), dtype=np.uint8)
    model = tiny(2)
    with pytest.raises(UserError, match=r"3 channels, .*choose which"):
        segment(image, model)
    chosen = segment(image, model, channels=(1,))
    alone = segment(image[..., 1], model)
    np.testing.assert_array_equal(chosen.probabilities, alone.probabilities)


def test_decoding_again_keeps_links_and_everything_else():
    image = np.random.default_rng(0).random((3, 30, 31))
    link, decode = LinkConfig(planes=True), half(image, tiny(2), axes="ZYX")
    found = segment(image, tiny(2), axes="ZYX", decode=decode)
    again = found.decoded(decode)
    np.testing.assert_array_equal(again.instances, found.instances)
    assert (again.axes, again.link) == ("ZYX", link)
    assert again.spread is found.spread
    unlinked = segment(image, tiny(2), axes="ZYX", decode=decode, link=LinkConfig(planes=False))
    assert len(np.unique(found.instances)) < len(np.unique(unlinked.instances))


def test_views_of_a_matched_image_have_their_spread_at_its_size():
    image = np.random.default_rng(0).random((20, 24))
    size = SizeConfig(match="object size", diameter=5)
    tiles = TileConfig(views="mirrored")
    found = segment(image, tiny(2, sizes=Sizes(None, 8.0)), size=size, tiles=tiles)
    assert found.spread.shape == (20, 24)


def test_a_size_that_cannot_be_matched_is_told_before_anything_is_read():
    class Unreadable:
        shape, dtype = (64, 64), np.dtype(np.uint8)

        def __getitem__(self, _):
            raise AssertionError("read too early")

    for match, known in (
        ("pixel size", Sizes(object=9.0)),
        ("object size", Sizes((1.0, 1.0))),
    ):
        with pytest.raises(UserError, match="does not know"):
            segment(Unreadable(), tiny(2, sizes=known), size=SizeConfig(match=match))
    with pytest.raises(UserError, match="0, 0 µm"):
        segment(
            Unreadable(),
            tiny(2, sizes=Sizes((1.0, 1.0))),
            spacing=(0, 0),
            size=SizeConfig(match="pixel size"),
        )


@pytest.mark.parametrize("model", [None, 3])
def test_what_is_no_model_is_told(model):
    with pytest.raises(UserError, match=r"A model cannot be .*: give a loaded model, the path"):
        segment(np.ones((8, 8)), model)


def test_planes_of_a_movie_are_not_joined_in_silence():
    request = SegmentRequest(axes="TYX", link=LinkConfig(planes=True))
    steps = segment_steps(np.random.default_rng(0).random((3, 32, 32)), tiny(2), request)
    with pytest.raises(UserError, match="give the axes ZYX"):
        next(steps)


def test_objects_that_are_joined_by_a_guess_say_so_before_and_after():
    stack = np.random.default_rng(0).random((3, 32, 32))
    notices: list[str] = []
    found = drive(segment_steps(stack, tiny(2)), lambda step: notices.append(step.notice))
    assert notices[0] == found.guess
    assert "The axes ZYX are a guess" in found.note
    assert found.decoded(DecodeConfig(threshold=0.9)).guess == found.guess
    for axes in ("ZYX", "TYX"):
        assert "guess" not in segment(stack, tiny(2), axes=axes).note


@pytest.mark.parametrize(
    ("diameter", "size"),
    [
        (0.0, "64 x 3 pixels"),
        (8.0, "64 x 3 pixels"),
        (4.0, "64 x 3 pixels, 128 x 6 at the size of the model's objects"),
    ],
)
def test_an_image_that_is_too_small_is_told_its_own_size(diameter, size):
    network = seeded_network(ModelConfig(features=2, depth=3), 1).eval()
    model, image = Model("deep", network, sizes=Sizes(None, 8.0)), np.eye(64, 3)
    match = "object size" if diameter else "off"
    with pytest.raises(UserError) as told:
        segment(image, model, size=SizeConfig(match=match, diameter=diameter))
    begin = f"The image is too small ({size}): model 'deep' needs at least 8 x 8."
    assert str(told.value).startswith(begin)


def test_empty_planes_of_a_volume_are_told_where_it_is_seen_at_once():
    volume = np.random.default_rng(0).random((16, 40, 40)) + np.eye(40)
    assert "nothing in" not in segment(volume, tiny(3)).note
    volume[7] = 0
    assert "there is nothing in plane 7" in segment(volume, tiny(3)).note
    smaller = SizeConfig(match="object size", diameter=40)
    assert "in plane 7" in segment(volume, tiny(3, sizes=Sizes(object=20)), size=smaller).note
    assert "plane 7" not in segment(volume, tiny(2), axes="ZYX").note
