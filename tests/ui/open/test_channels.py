"""Channels of a file: a coloured layer each, one image for a model that needs several."""

import dask.array
import numpy as np
import pytest
import tifffile
import zarr
from napari.layers import Image, Layer
from numpy.testing import assert_array_equal

from napari_unet.io.picture import Picture
from napari_unet.io.tiff import read as tiff
from napari_unet.io.tiff.write import write_tiff
from napari_unet.ui.layers.channel_group import group_of, is_whole, same_image, whole_image
from napari_unet.ui.layers.image_choice import choices, in_viewer, title
from napari_unet.ui.layers.picture_layers import MOST_LAYERS, image_layers
from napari_unet.ui.layers.source import take
from napari_unet.ui.open.reader import read_layers

SIZES = {"T": 5, "Z": 4, "C": 2, "Y": 9, "X": 7}


def layers_of(path):
    """Open a file without a window."""
    return [Layer.create(*each) for each in read_layers(str(path))]


def numbered(axes):
    """Number the pixels of an image, so that each tells where it belongs."""
    shape = [SIZES[letter] for letter in axes]
    return np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)


@pytest.mark.parametrize("axes", ["CYX", "ZCYX", "TCYX", "TZCYX"])
def test_each_channel_is_a_layer_and_all_are_one_image(tmp_path, axes):
    data, place = numbered(axes), axes.index("C")
    write_tiff(tmp_path / "cells.tif", data, axes, (0.5, 0.25, 0.25)[-(2 + ("Z" in axes)) :], "µm")
    layers = layers_of(tmp_path / "cells.tif")
    assert [layer.name for layer in layers] == ["cells channel 0", "cells channel 1"]
    for number, layer in enumerate(layers):
        assert_array_equal(layer.data, data.take(number, place))
        assert layer.axis_labels == tuple(axes.replace("C", "").lower())
        assert layer.blending == "additive"
        assert not layer.rgb
    whole = whole_image(layers[0])
    assert whole is whole_image(layers[1]) is whole_image(whole)
    assert title(whole) == "cells, 2 channels"
    source = take(whole, 2, 2)
    assert_array_equal(source.image, np.moveaxis(data, place, 0))
    assert source.axes == "C" + axes.replace("C", "")
    alone = take(layers[1], 2, 1)
    assert source.shape == alone.shape == layers[1].data.shape
    assert source.spacing == alone.spacing
    for name in ("scale", "translate", "rotate", "shear", "affine"):
        assert_array_equal(source.geometry[name], alone.geometry[name])


def test_the_channels_share_the_memory_of_the_file(tmp_path):
    write_tiff(tmp_path / "cells.tif", numbered("ZCYX"), "ZCYX")
    one, other = layers_of(tmp_path / "cells.tif")
    whole = whole_image(one)
    assert all(np.shares_memory(whole.data, layer.data) for layer in (one, other))


def test_names_and_colours_come_from_the_file(tmp_path):
    ramp, tables = np.arange(256, dtype=np.uint8), np.zeros((2, 3, 256), np.uint8)
    tables[0, 2] = tables[1, :2] = ramp
    data, shown = numbered("ZCYX"), ["#0000ff", "#ffff00"]
    fiji = {"axes": "ZCYX", "LUTs": list(tables), "mode": "composite"}
    tifffile.imwrite(tmp_path / "fiji.tif", data, imagej=True, metadata=fiji)
    about = {"axes": "ZCYX", "Channel": {"Name": ["DAPI", "YFP"], "Color": [0x0000FFFF, -65281]}}
    tifffile.imwrite(tmp_path / "ome.ome.tif", data, metadata=about)
    for file in ("fiji.tif", "ome.ome.tif"):
        layers = layers_of(tmp_path / file)
        colours = [layer.colormap.map(np.array([0.0, 1.0]))[:, :3] for layer in layers]
        assert_array_equal(colours, [[[0, 0, 0], [0, 0, 1]], [[0, 0, 0], [1, 1, 0]]], str(shown))
    assert [layer.name for layer in layers] == ["ome.ome DAPI", "ome.ome YFP"]


def test_channels_of_an_ome_zarr_stay_where_they_lie(tmp_path):
    group = zarr.create_group(tmp_path / "cells.zarr", zarr_format=2)
    data, axes = numbered("TCZYX"), "tczyx"
    kinds = {"t": "time", "c": "channel"}
    for level, step in enumerate((1, 2)):
        group.create_array(str(level), data=data[..., ::step, ::step])
    scales = [[1, 1, 1, step, step] for step in (1, 2)]
    datasets = [
        {"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        for level, scale in enumerate(scales)
    ]
    named = [{"name": axis, "type": kinds.get(axis, "space")} for axis in axes]
    images = [{"version": "0.4", "axes": named, "datasets": datasets}]
    channels = [{"label": "DAPI", "color": "0000FF"}, {"label": "GFP", "color": "00FF00"}]
    group.attrs.update({"multiscales": images, "omero": {"channels": channels}})
    layers = layers_of(tmp_path / "cells.zarr")
    assert [layer.name for layer in layers] == ["cells DAPI", "cells GFP"]
    for number, layer in enumerate(layers):
        assert all(isinstance(level, dask.array.Array) for level in layer.data)
        assert_array_equal(layer.data[1].compute(), data[:, number, :, ::2, ::2])
    whole = whole_image(layers[0])
    assert isinstance(whole.data[0], dask.array.Array)
    assert_array_equal(whole.data[0].compute(), np.moveaxis(data, 1, 0))


def test_a_large_file_stays_on_the_disk(tmp_path, monkeypatch):
    write_tiff(tmp_path / "cells.tif", numbered("ZCYX"), "ZCYX")
    monkeypatch.setattr(tiff, "LARGE", 10)
    layers = layers_of(tmp_path / "cells.tif")
    assert all(isinstance(layer.data, dask.array.Array) for layer in layers)
    assert isinstance(take(whole_image(layers[0]), 2, 2).image, dask.array.Array)


def test_what_becomes_no_layers_of_channels():
    colours = Picture(np.zeros((9, 7, 3), np.uint8), "YXC", name="a")
    spectrum = Picture(np.zeros((MOST_LAYERS + 1, 9, 7), np.uint8), "CYX", name="a")
    single = Picture(np.zeros((4, 1, 9, 7), np.uint8), "ZCYX", name="a")
    unknown = Picture(np.zeros((2, 9, 7), np.uint8), name="a")
    for picture, ndim in ((colours, 2), (spectrum, 3), (single, 3), (unknown, 3)):
        (layer,) = (Layer.create(*each) for each in image_layers(picture))
        assert (layer.ndim, layer.name, group_of(layer)) == (ndim, "a", None)


def test_planes_of_colour_are_red_green_and_blue(tmp_path):
    planes = np.zeros((3, 9, 7), np.uint8)
    tifffile.imwrite(
        tmp_path / "a.tif", planes, photometric="rgb", planarconfig="separate", metadata=None
    )
    layers = layers_of(tmp_path / "a.tif")
    colours = [layer.colormap.map(np.array([1.0]))[0, :3].tolist() for layer in layers]
    assert colours == np.eye(3).tolist()


@pytest.fixture
def pair():
    """Two channels of one file, and another image."""
    picture = Picture(numbered("ZCYX"), "ZCYX", name="cells")
    layers = [Layer.create(*each) for each in image_layers(picture)]
    return [*layers, Image(np.zeros((9, 7)), name="other")]


def test_what_there_is_to_choose_follows_the_number_of_channels(pair):
    one, two, other = pair
    whole = whole_image(one)
    assert choices(pair, 1) == pair
    assert choices(pair, 2) == [whole, other]
    assert choices(pair) == [whole, one, two, other]
    assert choices([two], 3) == [whole]


def test_channels_of_one_file_are_one_image(pair):
    one, two, other = pair
    whole = whole_image(one)
    assert same_image(one, two)
    assert same_image(two, whole)
    assert not same_image(one, other)
    assert not same_image(None, one)
    assert is_whole(whole)
    assert not is_whole(one)
    assert in_viewer(whole, pair) is two
    assert in_viewer(whole, [other]) is in_viewer(one, [other]) is None


def test_a_channel_with_other_data_is_an_image_of_its_own(pair):
    one, two, _ = pair
    one.data = one.data + 1
    assert group_of(one) is None
    assert choices([one, two], 2) == [one, whole_image(two)]


def test_the_whole_lies_where_its_channels_do(pair):
    one, *_ = pair
    whole = whole_image(one)
    one.scale, one.translate = (3, 2, 2), (1, 5, 5)
    one.rotate = 30
    assert whole_image(one) is whole
    source, alone = take(whole, 2, 2), take(one, 2, 1)
    for name in ("scale", "translate", "rotate", "units", "axis_labels"):
        assert_array_equal(source.geometry[name], alone.geometry[name])
