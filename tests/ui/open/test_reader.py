"""Files opened as the user does: scale, units, axis labels, place, levels, labels as labels."""

import subprocess
import sys
from pathlib import Path

import dask.array
import numpy as np
import pytest
import roifile
import tifffile
import zarr
from napari.layers import Image, Labels
from napari.utils.notifications import notification_manager
from numpy.testing import assert_allclose, assert_array_equal

from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.ome_zarr import LabelPyramid
from napari_unet.io.tiff import read as tiff
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.io.zarr_folder import mark_unfinished
from napari_unet.ui.layers.axes import stated_axes
from napari_unet.ui.layers.source import take
from napari_unet.ui.open.reader import get_reader, read_layers

PLUGIN = "napari-unet-studio"
MICROMETRE = {"z": 0.5, "y": 0.25, "x": 0.125}


@pytest.fixture
def opened(bare_viewer):
    """Open a file or folder as the user does who has chosen U-Net Studio."""

    def opened(path):
        (layer,) = bare_viewer.open(path, plugin=PLUGIN)
        return layer

    return opened


def write_zarr(path, data, axes, levels=1):
    """An OME-Zarr 0.4 image with pixels of 0.5, 0.25 and 0.125 µm that begins at 10 µm."""
    kinds = {"t": "time", "c": "channel"}
    group = zarr.create_group(path, zarr_format=2)
    datasets = []
    for level in range(levels):
        step = tuple(slice(None, None, 2**level if axis in "yx" else 1) for axis in axes)
        group.create_array(str(level), data=data[step])
        scale = [MICROMETRE.get(axis, 1.0) * (2**level if axis in "yx" else 1) for axis in axes]
        start = [10.0 * (axis in "zyx") for axis in axes]
        places = [
            {"type": "scale", "scale": scale},
            {"type": "translation", "translation": start},
        ]
        datasets.append({"path": str(level), "coordinateTransformations": places})
    about = [
        {"name": axis, "type": kinds[axis]}
        if axis in kinds
        else {"name": axis, "type": "space", "unit": "micrometer"}
        for axis in axes
    ]
    group.attrs.update({"multiscales": [{"version": "0.4", "axes": about, "datasets": datasets}]})
    return path


def check_place(layer, axes, start=0.0):
    """The layer says what each axis is, how large a pixel is, and where the first one lies."""
    assert layer.axis_labels == tuple(axes)
    assert_allclose(layer.scale, [MICROMETRE.get(axis, 1.0) for axis in axes])
    assert_allclose(layer.translate, [start * (axis in "zyx") for axis in axes])
    units = ["micrometer" if axis in "zyx" else "pixel" for axis in axes]
    assert [str(unit) for unit in layer.units] == units


def test_a_pyramid_is_opened_where_it_lies_with_all_levels(opened, tmp_path):
    data = np.random.default_rng(0).integers(5, 900, (2, 4, 32, 40), np.uint16)
    layer = opened(write_zarr(tmp_path / "cells.ome.zarr", data, "tzyx", levels=3))
    check_place(layer, "tzyx", start=10.0)
    assert isinstance(layer, Image)
    assert layer.name == "cells"
    assert all(isinstance(level, zarr.Array) for level in layer.data)
    assert [level.shape[-2:] for level in layer.data] == [(32, 40), (16, 20), (8, 10)]
    assert_array_equal(layer.data[0][:], data)
    low, high = layer.contrast_limits
    assert 5 <= low < 50
    assert 800 < high <= 900


def test_segment_knows_the_axes_and_pixels_of_what_is_opened(viewer, segment, tmp_path, qtbot):
    data = np.zeros((3, 2, 32, 40), np.uint8)
    viewer.open(write_zarr(tmp_path / "cells.zarr", data, "tcyx", levels=2), plugin=PLUGIN)
    form = segment.form
    qtbot.waitUntil(lambda: form.axes.letters.text() == "T Y X", timeout=60_000)
    assert not form.channels.boxes
    layer = form.image.value
    assert layer is viewer.layers[-1]
    source = take(layer, 2, 1)
    assert source.axes == "TYX"
    assert source.image is layer.data[0]
    assert source.spacing == (0.25, 0.125)
    assert_array_equal(source.geometry["translate"], (0, 10, 10))


@pytest.mark.parametrize("axes", ["yx", "zyx", "tzyx"])
def test_labels_on_disk_are_opened_as_labels(opened, tmp_path, axes):
    shape = (2, 3, 32, 40)[-len(axes) :]
    spatial = [axis for axis in axes if axis != "t"]
    places = [MICROMETRE[axis] for axis in spatial], [10.0] * len(spatial)
    pyramid = LabelPyramid(shape, axes.upper(), shape, 2, *map(tuple, places))
    levels = pyramid.create(tmp_path / "found.zarr", "uint32", "found")
    levels[0][..., 5:9, 6:8] = 70_000
    layer = opened(tmp_path / "found.zarr")
    assert isinstance(layer, Labels)
    check_place(layer, axes, start=10.0)
    assert len(layer.data) == 2
    assert layer.data[0][..., 5, 6].max() == 70_000


def test_labels_that_are_not_finished_are_not_opened(tmp_path):
    LabelPyramid((9, 8), "YX", (9, 8)).create(tmp_path / "found.zarr", "uint32", "found")
    mark_unfinished(tmp_path / "found.zarr")
    with pytest.raises(UserError, match=r"found.zarr is not finished: run segment again"):
        read_layers(str(tmp_path / "found.zarr"))


def test_labels_in_a_tiff_are_known_by_the_name_that_results_have(opened, tmp_path):
    found = np.zeros((4, 9, 7), np.uint16)
    for name in ("a_instances", "a_semantic", "a_Masks", "a_cp_masks"):
        write_labels(tmp_path / f"{name}.tif", found, "ZYX", (0.5, 0.25, 0.125), "µm")
        layer = opened(tmp_path / f"{name}.tif")
        assert isinstance(layer, Labels)
        check_place(layer, "zyx")
    write_tiff(tmp_path / "b_instances.tif", found.astype(np.float32))
    write_tiff(tmp_path / "c_masks.tif", found[:2], "CYX")
    assert isinstance(opened(tmp_path / "b_instances.tif"), Image)
    assert [kind for _, _, kind in read_layers(str(tmp_path / "c_masks.tif"))] == ["image"] * 2


@pytest.mark.parametrize("kind", [np.uint8, np.uint32], ids=["ImageJ", "OME"])
@pytest.mark.parametrize("axes", ["yx", "zyx", "tzyx"])
def test_a_tiff_is_opened_with_its_axes_and_pixel_size(opened, tmp_path, axes, kind):
    sizes = {"t": 5, "z": 4, "y": 9, "x": 7}
    data = np.arange(np.prod([sizes[axis] for axis in axes])).astype(kind)
    data = data.reshape([sizes[axis] for axis in axes])
    spacing = tuple(MICROMETRE[axis] for axis in axes if axis in "zyx")
    path = tmp_path / "stack.ome.tif"
    write_tiff(path, data, axes.upper(), spacing, "µm")
    layer = opened(path)
    check_place(layer, axes)
    assert_array_equal(layer.data, data)
    assert not layer.rgb


def test_a_large_tiff_stays_in_its_file_with_its_levels(opened, tmp_path, monkeypatch):
    data = np.random.default_rng(0).integers(0, 255, (3, 64, 96), dtype=np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as file:
        sizes = {"PhysicalSizeX": 0.125, "PhysicalSizeY": 0.25, "PhysicalSizeZ": 0.5}
        file.write(data, subifds=1, tile=(16, 16), metadata={"axes": "ZYX", **sizes})
        file.write(data[:, ::2, ::2], subfiletype=1, tile=(16, 16))
    monkeypatch.setattr(tiff, "LARGE", 10)
    layer = opened(tmp_path / "a.ome.tif")
    check_place(layer, "zyx")
    assert all(isinstance(level, dask.array.Array) for level in layer.data)
    assert_array_equal(layer.data[0].compute(), data)
    assert_array_equal(layer.data[1].compute(), data[:, ::2, ::2])


def test_colours_and_files_that_say_nothing(opened, tmp_path):
    colours = np.random.default_rng(0).integers(0, 255, (9, 7, 3), np.uint8)
    tifffile.imwrite(tmp_path / "rgb.tif", colours, photometric="rgb")
    bare = zarr.create_array(tmp_path / "rgb.zarr", data=colours, dimension_names=("y", "x", "c"))
    for name in ("rgb.tif", "rgb.zarr"):
        layer = opened(tmp_path / name)
        assert layer.rgb
        assert layer.axis_labels == ("y", "x")
        assert_array_equal(layer.data[:], bare[:])
    tifffile.imwrite(tmp_path / "pages.tif", colours, photometric="minisblack")
    layer = opened(tmp_path / "pages.tif")
    assert (layer.ndim, layer.rgb) == (3, False)
    assert_array_equal(layer.scale, (1, 1, 1))


def test_planes_that_may_be_frames_lie_where_their_labels_do(opened, tmp_path):
    film, about = np.zeros((4, 6, 8), np.uint8), {"axes": "ZYX", "unit": "um", "finterval": 300.0}
    tifffile.imwrite(tmp_path / "a.tif", film, imagej=True, resolution=(2, 2), metadata=about)
    write_labels(tmp_path / "a_labels.tif", film, "TYX", (0.5, 0.5), "µm")
    image, labels = opened(tmp_path / "a.tif"), opened(tmp_path / "a_labels.tif")
    assert_allclose(image.scale, labels.scale)
    assert list(map(str, image.units)) == ["pixel", "micrometer", "micrometer"]
    assert stated_axes(image) is None


def test_what_cannot_be_read_is_told_in_one_sentence(bare_viewer, tmp_path):
    (tmp_path / "damaged.tif").write_bytes(b"no picture")
    zarr.create_group(tmp_path / "plate.zarr", attributes={"ome": {"plate": {}}})
    for name, words in (("damaged.tif", "cannot be read"), ("plate.zarr", "plate of many images")):
        with pytest.raises(UserError, match=words):
            bare_viewer.open(tmp_path / name, plugin=PLUGIN)
    assert not bare_viewer.layers


def test_what_is_not_opened_here_is_left_to_others(tmp_path):
    assert get_reader(str(tmp_path)) is None
    assert get_reader(["a.tif", "b.czi"]) is None
    assert get_reader("a.npy") is None
    assert get_reader("a.czi") is None


def test_opening_loads_no_torch(tmp_path):
    write_tiff(tmp_path / "a.tif", np.zeros((9, 7), np.uint8))
    write_zarr(tmp_path / "a.zarr", np.zeros((9, 7), np.uint8), "yx")
    code = (
        "import sys; from napari_unet.ui.open.reader import read_layers; "
        "[read_layers(path) for path in sys.argv[1:]]; sys.exit('torch' in sys.modules)"
    )
    paths = [str(tmp_path / name) for name in ("a.tif", "a.zarr")]
    subprocess.run([sys.executable, "-c", code, *paths], check=True, timeout=120)


@pytest.mark.parametrize(("name", "there"), [("a", 252), ("a_instances", 3)])
def test_images_in_which_0_is_white_are_turned_round_but_labels_are_not(tmp_path, name, there):
    path = tmp_path / f"{name}.tif"
    tifffile.imwrite(path, np.full((9, 7), 3, np.uint8), photometric="miniswhite", metadata=None)
    ((data, _, _),) = read_layers(str(path))
    assert np.all(data == there)


def test_signed_grey_values_are_shown_as_fiji_does(tmp_path):
    signed = {"axes": "YX", "cf": 0, "c0": -32768.0, "c1": 1.0}
    data = np.arange(32760, 32823, dtype=np.uint16).reshape(9, 7)
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=True, metadata=signed)
    ((shown, _, _),) = read_layers(str(tmp_path / "a.tif"))
    assert (np.min(shown), np.max(shown)) == (-8, 54)


def test_images_in_a_file_that_are_not_opened_are_told(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(np.zeros((9, 7), np.uint8), metadata=None)
        file.write(np.zeros((5, 7), np.uint8), metadata=None)
    told = []
    notification_manager.notification_ready.connect(told.append)
    read_layers(str(tmp_path / "a.tif"))
    assert [str(each.message).partition(" of 2")[0] for each in told] == ["a: Only the first"]


def test_labels_are_known_by_their_folder_and_by_their_pixels(tmp_path):
    noise = np.random.default_rng(0).integers(0, 9, (40, 40), np.uint8)
    write_tiff(tmp_path / "Labels" / "a.tif", noise)
    write_tiff(tmp_path / "a.tif", noise)
    patches = np.zeros((3, 40, 40), np.uint16)
    patches[:, 5:20, 5:20], patches[1, 22:35, 8:30] = 3, 900
    write_tiff(tmp_path / "b.tif", patches)
    kinds = [read_layers(str(tmp_path / name))[0][2] for name in ("Labels/a.tif", "a.tif", "b.tif")]
    assert kinds == ["labels", "image", "labels"]


def test_labels_of_numpy_are_opened_and_annotations_of_cellpose_refused(opened, tmp_path):
    np.save(tmp_path / "a_seg.npy", np.eye(8, dtype=np.int32))
    assert isinstance(opened(tmp_path / "a_seg.npy"), Labels)
    masks = np.eye(8, dtype=np.uint16)
    np.save(tmp_path / "b_seg.npy", {"masks": masks, "filename": "b.tif"}, allow_pickle=True)
    assert isinstance(opened(tmp_path / "b_seg.npy"), Labels)


@pytest.mark.parametrize(("axes", "expected"), [("YX", "tyx"), ("ZYX", "tzyx"), (None, "")])
def test_files_are_opened_as_a_stack(bare_viewer, tmp_path, said, axes, expected):
    shape = {"YX": (9, 7), "ZYX": (4, 9, 7), None: (6, 9, 7)}[axes]
    data = np.random.default_rng(0).integers(0, 255, (3, *shape), np.uint8)
    paths = [str(tmp_path / f"{number}.tif") for number in range(3)]
    for path, each in zip(paths, data, strict=True):
        if axes:
            write_tiff(Path(path), each, axes)
        else:
            tifffile.imwrite(path, each, photometric="minisblack", metadata=None)
    (layer,) = bare_viewer.open(paths, stack=True, plugin=PLUGIN)
    assert_array_equal(layer.data, data)
    assert "".join(layer.axis_labels) == expected or axes is None
    assert any("follow each other in time" in each for each in said) == bool(axes)


def test_what_is_doubtful_of_many_files_is_said_once(bare_viewer, tmp_path, said):
    paths = [str(tmp_path / f"{number}.tif") for number in range(3)]
    for path in paths:
        tifffile.imwrite(path, np.zeros((9, 7), np.uint8), photometric="minisblack")
        tifffile.imwrite(path, np.zeros((4, 4), np.uint8), photometric="minisblack", append=True)
    bare_viewer.open(paths, stack=True, plugin=PLUGIN)
    (told,) = [each for each in said if "Only the first of 2 images" in each]
    assert told.startswith("0 and 2 more: ")


@pytest.mark.parametrize("sizes", [None, (0.5, 0.5)])
def test_movies_are_no_stack(bare_viewer, tmp_path, sizes):
    paths = [str(tmp_path / f"{number}.tif") for number in range(2)]
    for path in map(Path, paths):
        write_tiff(path, np.zeros((4, 9, 7), np.uint8), "TYX", sizes, "µm")
    with pytest.raises(UserError, match="“0” is a movie"):
        bare_viewer.open(paths, stack=True, plugin=PLUGIN)


def test_images_with_other_pixels_are_no_stack(bare_viewer, tmp_path):
    paths = [str(tmp_path / f"{size}.tif") for size in (0.5, 0.25)]
    for path in map(Path, paths):
        size = float(path.stem)
        write_tiff(path, np.zeros((9, 7), np.uint8), "YX", (size, size), "µm")
    with pytest.raises(UserError, match=r"are 0.25 x 0.25 µm \(Y, X\) and those of “0.5” 0.5 x"):
        bare_viewer.open(paths, stack=True, plugin=PLUGIN)


def test_images_of_other_sizes_are_no_stack(bare_viewer, tmp_path):
    paths = [str(tmp_path / f"{size}.tif") for size in (8, 9)]
    for path in map(Path, paths):
        write_tiff(path, np.zeros((8 + (path.stem == "9"), 7), np.uint8), "YX")
    with pytest.raises(UserError, match="only images of one size are a stack"):
        bare_viewer.open(paths, stack=True, plugin=PLUGIN)


@pytest.mark.parametrize("about", [{"imagej": True}, {"photometric": "miniswhite"}])
def test_images_whose_axes_or_grey_values_mean_other_things_are_no_stack(
    bare_viewer, tmp_path, about
):
    paths = [str(tmp_path / "a.tif"), str(tmp_path / "b.tif")]
    tifffile.imwrite(paths[0], np.zeros((6, 9, 7), np.uint8), photometric="minisblack")
    tifffile.imwrite(paths[1], np.zeros((6, 9, 7), np.uint8), metadata={"axes": "ZYX"}, **about)
    with pytest.raises(UserError, match="“b” and “a” do not say the same of their axes and grey"):
        bare_viewer.open(paths, stack=True, plugin=PLUGIN)


def test_a_folder_of_images_is_a_stack(bare_viewer, tmp_path):
    for number in range(3):
        write_tiff(tmp_path / f"{number}.tif", np.full((9, 7), number, np.uint8), "YX")
    (layer,) = bare_viewer.open(tmp_path)
    assert layer.data.shape == (3, 9, 7)


def test_rois_of_fiji_are_labels(opened, tmp_path):
    labels = np.zeros((6, 8), np.uint8)
    labels[1:4, 2:7] = 3
    content = Content(labels, "YX", "cells")
    rois, coco = drive(export_steps(Export(content, ["roi", "coco"], tmp_path)))
    for path in (rois, coco):
        layer = opened(path)
        assert isinstance(layer, Labels)
        assert (layer.data == 3).sum() == 15


def test_other_zips_and_json_are_left_to_others(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "a.zip").write_text("no")
    assert get_reader(str(tmp_path / "a.json")) is None
    assert get_reader(str(tmp_path / "a.zip")) is None


def test_outlines_by_their_plane_of_the_stack_are_told(tmp_path, viewer, said):
    roi = roifile.ImagejRoi.frompoints(np.array([[2, 2], [9, 2], [9, 9]], np.float32))
    roi.position = 3
    roi.tofile(tmp_path / "a.roi")
    (layer,) = viewer.open(str(tmp_path / "a.roi"), plugin="napari-unet-studio")
    assert layer.data.shape[0] == 3
    assert "plane of the whole stack" in said[-1]
