"""Axes are guessed as a biologist means them, and every order gives the same planes."""

import itertools

import dask.array as da
import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import check_axes, check_spatial, guess_axes, letters_of
from napari_unet.core.image.planes import arrange

GUESSES = {
    "a picture": ((512, 512), 2, 1, "YX"),
    "a single plane": ((1, 512, 512), 2, 1, "ZYX"),
    "three planes": ((3, 512, 512), 2, 1, "ZYX"),
    "a stack": ((40, 512, 512), 2, 1, "ZYX"),
    "a time series of stacks": ((10, 40, 512, 512), 2, 1, "TZYX"),
    "a grey picture with a channel axis": ((512, 512, 1), 2, 1, "YXC"),
    "RGB": ((512, 512, 3), 2, 3, "YXC"),
    "RGB for a grey model": ((512, 512, 3), 2, 1, "YXC"),
    "RGBA for an RGB model": ((512, 512, 4), 2, 3, "YXC"),
    "RGB for a 3D model": ((512, 512, 3), 3, 1, "YXC"),
    "a stack of RGB": ((40, 512, 512, 3), 2, 3, "ZYXC"),
    "three RGB planes": ((3, 512, 512, 3), 2, 3, "ZYXC"),
    "channels first": ((2, 512, 512), 2, 2, "CYX"),
    "three channels first": ((3, 512, 512), 2, 3, "CYX"),
    "planes of channels": ((40, 2, 512, 512), 2, 2, "ZCYX"),
    "a volume": ((40, 512, 512), 3, 1, "ZYX"),
    "a thin volume": ((3, 512, 512), 3, 1, "ZYX"),
    "a volume over time": ((10, 40, 512, 512), 3, 1, "TZYX"),
    "a volume of channels": ((2, 40, 512, 512), 3, 2, "CZYX"),
    "channels of volumes over time": ((10, 2, 40, 512, 512), 3, 2, "TCZYX"),
}


@pytest.mark.parametrize(
    ("shape", "ndim", "channels", "axes"), GUESSES.values(), ids=GUESSES.keys()
)
def test_axes_are_guessed_as_meant(shape, ndim, channels, axes):
    assert guess_axes(shape, ndim, channels) == axes


CONTAINERS = {
    "numpy": np.asarray,
    "dask": lambda image: da.from_array(image, chunks=2),
    "zarr": lambda image: zarr.array(image, chunks=(2,) * image.ndim),
}
SIZES = {"T": 2, "Z": 3, "C": 4, "Y": 5, "X": 6}


@pytest.mark.parametrize("container", CONTAINERS.values(), ids=CONTAINERS.keys())
@pytest.mark.parametrize("ndim", [2, 3])
def test_every_order_gives_the_same_planes(ndim, container):
    spatial = "YX" if ndim == 2 else "ZYX"
    lead = "TZ"[: 4 - ndim]
    letters = f"{lead}C{spatial}"
    image = np.random.default_rng(0).random([SIZES[letter] for letter in letters])
    expected = list(image.reshape(-1, *image.shape[len(lead) :]))
    for order in list(itertools.permutations(letters))[::7]:
        if lead == "TZ" and order.index("T") > order.index("Z"):
            continue
        moved = container(image.transpose([letters.index(letter) for letter in order]))
        planes = arrange(moved, "".join(order), ndim, SIZES["C"])
        assert planes.lead == tuple(SIZES[letter] for letter in lead)
        assert planes.spatial == tuple(SIZES[letter] for letter in spatial)
        assert len(planes) == len(expected)
        for plane, truth in zip(planes, expected, strict=True):
            assert isinstance(plane, np.ndarray)
            np.testing.assert_array_equal(plane, truth)


def test_leading_axes_keep_the_order_they_have():
    image = np.arange(2 * 3 * 4 * 5).reshape(3, 2, 4, 5)
    planes = arrange(image, "ZTYX", 2, 1)
    assert planes.lead == (3, 2)
    np.testing.assert_array_equal(planes[3], image[1, 1][np.newaxis])


@pytest.mark.parametrize("shape", [(7, 8), (1, 7, 8), (7, 8, 1)])
def test_a_picture_is_one_plane_of_one_channel(shape):
    image = np.arange(56).reshape(shape)
    (plane,) = arrange(image, None, 2, 1)
    np.testing.assert_array_equal(plane, image.reshape(1, 7, 8))


def test_a_plane_that_there_is_not_is_an_index_error():
    planes = arrange(np.zeros((4, 7, 8)), "ZYX", 2, 1)
    for index in (-1, 4):
        with pytest.raises(IndexError):
            planes[index]


def test_lowercase_axes_are_axes():
    assert arrange(np.zeros((3, 4, 5)), "cyx", 2, 3).order == (0, 1, 2)


REFUSED = {
    "RGB for a grey model": ((64, 64, 3), None, 2, 1, "has 3 .* on 1 channel: choose which"),
    "RGBA for an RGB model": ((64, 64, 4), None, 2, 3, "has 4 channels, but .* on 3 channels"),
    "grey for an RGB model": ((64, 64), None, 2, 3, "has 1 channel, but .* on 3 channels"),
    "a picture for a 3D model": ((64, 64), None, 3, 1, "works in 3D.*no Z axis"),
    "RGB for a 3D model": ((64, 64, 3), None, 3, 1, "works in 3D.*no Z axis"),
    "one axis": ((64,), None, 2, 1, "no Y axis"),
    "no axis": ((), None, 2, 1, "no Y axis"),
    "five axes that do not tell": ((2, 1, 2, 64, 64), None, 2, 1, "as in TZCYX"),
    "six axes": ((2,) * 6, None, 2, 1, "6 axes is more than"),
    "too few letters": ((64, 64, 3), "YX", 2, 1, "do not fit an image with 3 axes"),
    "a letter twice": ((64, 64), "XX", 2, 1, "name X twice"),
    "an unknown letter": ((64, 64), "QX", 2, 1, "hold 'Q', which is no axis"),
}


@pytest.mark.parametrize(
    ("shape", "axes", "ndim", "channels", "sentence"), REFUSED.values(), ids=REFUSED.keys()
)
def test_what_does_not_fit_is_refused_in_a_sentence(shape, axes, ndim, channels, sentence):
    with pytest.raises(UserError, match=sentence):
        arrange(np.zeros(shape), axes, ndim, channels)
    with pytest.raises(UserError, match=sentence):
        check_axes(axes or guess_axes(shape, ndim, channels), shape, ndim, channels)


def test_axes_without_a_model_are_refused_by_name(ndim):
    axes = "TZYX"[-ndim:]
    check_spatial(f"C{axes}".lower(), ndim, "The label image")
    letter, left = axes[0], axes[1:]
    todo = {
        2: "name it among the axes",
        3: "leave it out, work in 2D, or say which of its axes is Z",
    }
    sentence = rf"^The label image \(axes T{left}\) has no {letter} .* in {ndim}D: {todo[ndim]}\.$"
    with pytest.raises(UserError, match=sentence):
        check_spatial(f"T{left}", ndim, "The label image")


WRONG_CHANNELS = {
    "one that is not there": ("CYX", (3,), 1, "no channel 3: the image has the channels 0 to 2"),
    "one before the first": ("CYX", (-1,), 1, "no channel -1"),
    "a second of a grey image": ("ZYX", (1,), 1, "no channel 1: the image has only channel 0"),
    "too many": ("CYX", (0, 1), 1, "2 channels chosen, but .* on 1 channel: choose 1"),
    "too few": ("CYX", (0,), 2, "1 channel chosen, but .* on 2 channels: choose 2"),
    "none of several": ("CYX", (), 2, "has 3 channels, .*choose which to use, counted from 0"),
    "more than there are": ("CYX", (), 4, "has 3 channels, .* on 4 channels: choose an image"),
}


@pytest.mark.parametrize(
    ("axes", "chosen", "channels", "sentence"), WRONG_CHANNELS.values(), ids=WRONG_CHANNELS.keys()
)
def test_channels_that_do_not_fit_are_refused_in_a_sentence(axes, chosen, channels, sentence):
    with pytest.raises(UserError, match=sentence):
        check_axes(axes, (3, 8, 9), 2, channels, chosen)


@pytest.mark.parametrize(
    ("axes", "shape", "told"),
    [("CYX", (4, 8, 9), True), ("CYX", (2, 8, 9), False), ("YXC", (8, 9, 3), False)],
)
def test_planes_that_are_kept_as_colours_may_be_named(axes, shape, told):
    with pytest.raises(UserError, match="choose which to use, counted from 0") as refused:
        check_axes(axes, shape, 2, 1)
    assert ("say which axis is which" in str(refused.value)) == told
    assert refused.value.about == ("channels, axes" if told else "channels")
    assert ("a model that looks at colours" in str(refused.value)) == (axes == "YXC")


class Counted:
    """An array that is not numpy and remembers how many values were read."""

    def __init__(self, values):
        self.values, self.read = values, 0
        self.shape, self.dtype = values.shape, values.dtype

    def __getitem__(self, where):
        part = self.values[where]
        self.read += part.size
        return part


@given(st.data())
def test_a_window_is_that_part_of_the_chosen_channels_and_nothing_else_is_read(data):
    ndim = data.draw(st.sampled_from([2, 3]))
    letters = data.draw(st.permutations("TZCYX"))
    image = np.arange(np.prod(list(SIZES.values()))).reshape(list(SIZES.values()))
    lazy = Counted(image.transpose(["TZCYX".index(letter) for letter in letters]))
    chosen = tuple(data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True)))
    planes = arrange(lazy, "".join(letters), ndim, len(chosen), chosen)
    index = data.draw(st.integers(0, len(planes) - 1))
    region = tuple(
        tuple(
            sorted(data.draw(st.lists(st.integers(0, size), min_size=2, max_size=2, unique=True)))
        )
        for size in planes.spatial
    )
    part = planes.window(index, region)
    assert lazy.read == part.size
    whole = arrange(lazy.values, "".join(letters), ndim, len(chosen), chosen)[index]
    inside = tuple(slice(*interval) for interval in region)
    np.testing.assert_array_equal(part, whole[(slice(None), *inside)])
    everything = arrange(lazy.values, "".join(letters), ndim, SIZES["C"])[index]
    np.testing.assert_array_equal(whole, everything[list(chosen)])


def test_a_grey_image_can_be_every_channel_of_a_colour_model():
    image = np.arange(30).reshape(5, 6)
    (plane,) = arrange(image, "YX", 2, 3, (0, 0, 0))
    np.testing.assert_array_equal(plane, [image] * 3)


@pytest.mark.parametrize("container", ["dask", "zarr"])
def test_what_cannot_be_read_is_told_with_its_place(container, tmp_path):
    if container == "dask":

        def broken(block_info=None):
            raise OSError("bad sector\nat 7")

        image = da.map_blocks(broken, chunks=((1, 1), (8,), (8,)), dtype=np.uint8)
    else:
        image = zarr.create_array(
            tmp_path / "a.zarr", shape=(2, 8, 8), chunks=(1, 8, 8), dtype="u1"
        )
        image[:] = 1
        (tmp_path / "a.zarr" / "c" / "1" / "0" / "0").write_bytes(b"damaged")
    planes = arrange(image, "TYX", 2, 1)
    with pytest.raises(UserError, match=r"cannot be read at plane 1, Y 2 to 4, X 0 to 7 .*copy"):
        planes.window(1, ((2, 5), (0, 8)))


def test_planes_know_their_axes_in_the_order_of_the_result():
    assert arrange(np.zeros((2, 3, 4, 5, 6)), "ZCTXY", 2, 3).axes == "ZTYX"
    assert arrange(np.zeros((2, 3, 4, 5, 6)), "ZCTXY", 3, 3).axes == "TZYX"


@pytest.mark.parametrize(
    ("names", "letters"),
    [
        (("t", "Z", "y", "x"), "TZYX"),
        (("time", "channel", "row", "column"), "TCYX"),
        (("Frames", "slice", "rows", "columns"), "TZYX"),
        (("depth", "y", "x"), "ZYX"),
        (("planes", "y", "x"), "ZYX"),
        (("pln", "row", "col"), "ZYX"),
        (("-3", "-2", "-1"), ""),
        (("frame", "time", "y", "x"), ""),
        (("position", "y", "x"), ""),
        (("s", "y", "x"), ""),
        ((), ""),
    ],
)
def test_axes_are_named_by_letters_or_by_words(names, letters):
    assert letters_of(names) == letters
