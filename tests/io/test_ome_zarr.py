"""OME-Zarr in both versions is read lazily; labels are pyramids that others can read."""

import json
import shutil
import warnings

import numpy as np
import pytest
import zarr
from yaozarrs import v04

from napari_unet.core.errors import UserError
from napari_unet.io.listing import image_files
from napari_unet.io.ome_zarr import LabelPyramid, read_zarr
from napari_unet.io.read import read_image
from napari_unet.io.sources import find_sources
from napari_unet.io.zarr_folder import is_zarr

AXES = [
    {"name": "t", "type": "time"},
    {"name": "c", "type": "channel"},
    {"name": "z", "type": "space", "unit": "micrometer"},
    {"name": "y", "type": "space", "unit": "nanometer"},
    {"name": "x", "type": "space", "unit": "nanometer"},
]


def write_image(path, version, data, axes=AXES, **other):
    """Write an image as other programs do: a level, a scale, an offset for all levels."""
    group = zarr.create_group(path, zarr_format=2 if version == "0.4" else 3)
    chunks = tuple(max(1, size // 2) for size in data.shape)
    group.create_array("0", data=data, chunks=chunks)
    scale = [1.0] * (data.ndim - 3) + [0.5, 100.0, 200.0]
    shift = [0.0] * (data.ndim - 3) + [1.0, 1000.0, 0.0]
    one = {
        "axes": axes,
        "datasets": [
            {"path": "0", "coordinateTransformations": [{"type": "scale", "scale": scale}]}
        ],
        "coordinateTransformations": [
            {"type": "scale", "scale": [1.0] * data.ndim},
            {"type": "translation", "translation": shift},
        ],
        **other,
    }
    if version == "0.4":
        group.attrs.update({"multiscales": [{"version": "0.4", **one}]})
    else:
        group.attrs.update({"ome": {"version": "0.5", "multiscales": [one]}})
    return path


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_an_image_is_opened_with_its_axes_and_pixel_size(tmp_path, version):
    data = np.random.default_rng(0).integers(0, 255, (2, 3, 4, 8, 6), np.uint8)
    picture = read_zarr(write_image(tmp_path / "cells.ome.zarr", version, data))
    assert isinstance(picture.data, zarr.Array)
    np.testing.assert_array_equal(picture.data[:], data)
    assert (picture.axes, picture.unit, picture.name) == ("TCZYX", "µm", "cells")
    assert picture.spacing == pytest.approx((0.5, 0.1, 0.2))
    assert picture.origin == pytest.approx((1.0, 1.0, 0.0))
    assert len(picture.levels) == 1


def test_a_size_without_a_unit_is_not_known(tmp_path):
    axes = [{"name": letter, "type": "space"} for letter in "zyx"]
    data = np.zeros((2, 4, 4), np.uint8)
    picture = read_zarr(write_image(tmp_path / "a.zarr", "0.5", data, axes))
    assert (picture.axes, picture.spacing, picture.unit) == ("ZYX", None, "px")


def test_a_thickness_without_a_unit_leaves_the_size_in_the_plane(tmp_path):
    units = {"y": {"unit": "micrometer"}, "x": {"unit": "nanometer"}}
    axes = [{"name": letter, "type": "space", **units.get(letter, {})} for letter in "zyx"]
    picture = read_zarr(write_image(tmp_path / "a.zarr", "0.5", np.zeros((2, 4, 4), "u1"), axes))
    assert (set(picture.pixel.sizes), picture.spacing, picture.unit) == (set("YX"), None, "µm")
    pyramid = LabelPyramid((2, 4, 4), "ZYX", (2, 4, 4), 1, picture.pixel.listed("ZYX"))
    pyramid.create(tmp_path / "b.zarr", "uint8", "b")
    assert read_zarr(tmp_path / "b.zarr").pixel.sizes == pytest.approx(picture.pixel.sizes)


def test_a_pixel_that_no_microscope_has_is_told_and_passed_over(tmp_path):
    axes = [{"name": letter, "type": "space", "unit": "millimeter"} for letter in "zyx"]
    picture = read_zarr(write_image(tmp_path / "a.zarr", "0.5", np.zeros((2, 4, 4), "u1"), axes))
    assert (picture.spacing, picture.origin, picture.unit) == (None, None, "px")
    assert "100000 x 200000 µm (Y, X), which no microscope has" in picture.notes[0]


@pytest.mark.parametrize("names", [None, ("c", "y", "x"), ("a", "y", "x")])
def test_a_bare_array(tmp_path, names):
    path = tmp_path / "bare.zarr"
    zarr.create_array(path, shape=(3, 5, 7), dtype="u2", dimension_names=names)
    picture = read_zarr(path)
    assert picture.data.shape == (3, 5, 7)
    assert picture.axes == ("CYX" if names and names[0] == "c" else None)


@pytest.fixture(params=["0.4", "0.5"])
def converted(request, tmp_path):
    """What bioformats2raw makes of a file with one image."""
    path, about = tmp_path / "bf.zarr", {"bioformats2raw.layout": 3}
    new = request.param == "0.5"
    root = zarr.create_group(path, zarr_format=3 if new else 2)
    root.attrs.update({"ome": {"version": "0.5", **about}} if new else about)
    root.create_group("OME")
    data = np.random.default_rng(0).integers(0, 255, (1, 2, 3, 8, 6), np.uint8)
    write_image(path / "0", request.param, data)
    return path


def test_the_one_image_of_a_folder_of_images_is_opened(converted):
    picture = read_image(converted)
    assert (picture.name, picture.axes) == ("bf", "TCZYX")
    assert picture.spacing == pytest.approx((0.5, 0.1, 0.2))
    shutil.copytree(converted / "0", converted / "1")
    with pytest.raises(UserError, match=r"several images.* such as bf\.zarr/0\.$"):
        read_image(converted)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_of_a_plate_an_image_that_is_there_is_named(tmp_path, version):
    path, new = tmp_path / "plate.zarr", version == "0.5"
    about = {"plate": {"wells": []}}
    kind = {"zarr_format": 3 if new else 2}
    root = zarr.create_group(path, **kind)
    root.attrs.update({"ome": about} if new else about)
    for well in ("B/2", "B/10"):
        root.create_group(well).attrs.update({"ome": {"well": {}}} if new else {"well": {}})
    write_image(path / "B" / "2" / "0", version, np.zeros((1, 1, 2, 4, 4), np.uint8))
    with pytest.raises(UserError, match=r"plate of many.* such as plate\.zarr/B/2/0\.$"):
        read_zarr(path)
    with pytest.raises(UserError, match=r"well of several.* such as 2/0\.$"):
        read_zarr(path / "B" / "2")


def test_an_image_inside_another_folder_is_named_after_both(converted, tmp_path, monkeypatch):
    monkeypatch.chdir(converted)
    for path in (converted / "0", "0"):
        (source,) = find_sources([path], tmp_path / "out")
        assert source.name == "bf_0"
    assert image_files([converted / "0"]) == [converted / "0"]
    assert read_image(converted / "0").name == "bf_0"
    array = read_image(converted / "0" / "0")
    assert (array.name, array.data.shape) == ("bf_0_0", (1, 2, 3, 8, 6))


def test_a_zarr_folder_may_have_any_name(tmp_path):
    for name in ("a.1", "a.2"):
        write_image(tmp_path / "images" / name, "0.5", np.zeros((1, 1, 2, 4, 4), np.uint8))
    sources = find_sources([tmp_path / "images"], tmp_path / "out")
    assert [source.name for source in sources] == ["a.1", "a.2"]
    assert read_image(sources[0].path).name == "a.1"


def test_what_is_no_image_is_told_in_one_sentence(tmp_path):
    data = np.zeros((1, 1, 2, 4, 4), np.uint8)
    with pytest.raises(UserError, match="no zarr folder"):
        read_zarr(tmp_path)
    zarr.create_group(tmp_path / "empty.zarr")
    with pytest.raises(UserError, match="without an image"):
        read_zarr(tmp_path / "empty.zarr")
    zarr.create_group(tmp_path / "plate.zarr", attributes={"ome": {"plate": {}}})
    with pytest.raises(UserError, match="plate of many images"):
        read_zarr(tmp_path / "plate.zarr")
    write_image(tmp_path / "axes.zarr", "0.4", data, AXES[1:])
    with pytest.raises(UserError, match=r"axes\.zarr"):
        read_zarr(tmp_path / "axes.zarr")
    write_image(tmp_path / "wrong.zarr", "0.5", data, datasets=[])
    with pytest.raises(UserError, match="not described"):
        read_zarr(tmp_path / "wrong.zarr")
    write_image(tmp_path / "gone.zarr", "0.5", data)
    (tmp_path / "gone.zarr" / "0" / "zarr.json").unlink()
    with pytest.raises(UserError, match="cannot be read"):
        read_zarr(tmp_path / "gone.zarr")
    (tmp_path / "torn.zarr").mkdir()
    (tmp_path / "torn.zarr" / "zarr.json").write_text('{"zarr_format": 3, "node_')
    assert is_zarr(tmp_path / "torn.zarr")
    with pytest.raises(UserError, match="damaged"):
        read_zarr(tmp_path / "torn.zarr")


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize(("unit", "step"), [("minute", 60), ("second", 1), (None, None)])
def test_the_time_from_frame_to_frame_is_read_and_written(tmp_path, version, unit, step):
    time = {"name": "t", "type": "time", **({"unit": unit} if unit else {})}
    film = np.zeros((2, 3, 4, 4), np.uint8)
    picture = read_zarr(write_image(tmp_path / "a.zarr", version, film, [time, *AXES[-3:]]))
    assert picture.step == step
    pyramid = LabelPyramid(film.shape, "TZYX", (1, 3, 4, 4), 1, picture.grid)
    pyramid.create(tmp_path / "b.zarr", "uint32", "nuclei")
    again = read_zarr(tmp_path / "b.zarr")
    assert (again.step, again.spacing) == (step, picture.spacing)
    about = json.loads((tmp_path / "b.zarr" / ".zattrs").read_text())["multiscales"][0]
    assert about["axes"][0].get("unit") == (unit and "second")
    assert about["datasets"][0]["coordinateTransformations"][0]["scale"][0] == (step or 1)


@pytest.mark.parametrize("axes", ["YX", "ZYX", "TZYX"])
def test_labels_are_pyramids_in_the_places_of_the_image(tmp_path, axes):
    lead = (2, 3)[: len(axes) - 2]
    spatial = tuple(letter for letter in axes if letter != "T")
    spacing, origin = (2.0, 0.5, 0.25)[-len(spatial) :], (7.0, 8.0, 9.0)[-len(spatial) :]
    pyramid = LabelPyramid((*lead, 37, 50), axes, (*[1] * len(lead), 16, 32), 3, spacing, origin)
    levels = pyramid.create(tmp_path / "labels.zarr", "uint32", "nuclei")
    assert [level.shape[-2:] for level in levels] == [(37, 50), (19, 25), (10, 13)]
    assert [level.chunks[-2:] for level in levels] == [(16, 32), (8, 16), (4, 8)]
    picture = read_zarr(tmp_path / "labels.zarr")
    assert (picture.axes, picture.unit) == (axes, "µm")
    assert picture.spacing == pytest.approx(spacing)
    assert picture.origin == pytest.approx(origin)
    about = json.loads((tmp_path / "labels.zarr" / ".zattrs").read_text())
    with warnings.catch_warnings(action="error"):
        label = v04.LabelImage.model_validate(about)
    last = label.multiscales[0].datasets[-1].coordinateTransformations[0]
    assert last.scale[-2:] == [4 * spacing[-2], 4 * spacing[-1]]
    assert last.scale[:-2] == [*[1.0] * (axes[0] == "T"), *spacing[:-2]]
