import gc
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io import numpy_file
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.tiff import read
from napari_unet.io.tiff.write import write_labels, write_tiff

SPACING = {2: (0.5, 0.25), 3: (2.0, 0.5, 0.25)}


def test_labels_come_back(tmp_path, labels, ndim):
    path = tmp_path / "new folder" / "cells.tif"
    write_labels(path, labels, "ZYX"[-ndim:], SPACING[ndim], "µm")
    picture = read_image(path)
    np.testing.assert_array_equal(picture.data, labels)
    assert (picture.axes, picture.unit, picture.name) == ("ZYX"[-ndim:], "µm", "cells")
    assert picture.spacing == pytest.approx(SPACING[ndim], rel=1e-5)
    assert [file.name for file in path.parent.iterdir()] == ["cells.tif"]


@pytest.mark.parametrize(
    ("highest", "dtype", "fiji"),
    [
        (255, "uint8", True),
        (256, "uint16", True),
        (65_535, "uint16", True),
        (65_536, "uint32", False),
    ],
)
def test_smallest_integers(tmp_path, highest, dtype, fiji):
    labels = np.arange(highest + 1, dtype=np.int64)[-64:].reshape(2, 4, 8)
    write_labels(tmp_path / "cells.tif", labels, "ZYX", (3.0, 0.5, 0.5), "µm")
    picture = read_image(tmp_path / "cells.tif")
    np.testing.assert_array_equal(picture.data, labels)
    assert picture.data.dtype == dtype
    assert picture.spacing == pytest.approx((3, 0.5, 0.5), rel=1e-5)
    with tifffile.TiffFile(tmp_path / "cells.tif") as file:
        assert (file.is_imagej, file.is_ome) == (fiji, not fiji)


def test_axes_are_put_in_the_order_of_tiff(tmp_path):
    data = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    write_tiff(tmp_path / "a.tif", data, "YTX")
    picture = read_image(tmp_path / "a.tif")
    assert picture.axes == "TYX"
    np.testing.assert_array_equal(picture.data, data.transpose(1, 0, 2))


def test_unknown_size_stays_unknown(tmp_path):
    write_labels(tmp_path / "a.tif", np.eye(4, dtype=int))
    assert read_image(tmp_path / "a.tif").spacing is None


@pytest.mark.parametrize("highest", [9, 70_000])
@pytest.mark.parametrize("sizes", [{}, {"Y": 0.5, "X": 0.25}])
def test_the_time_from_frame_to_frame_comes_back(tmp_path, highest, sizes):
    film = np.full((3, 8, 8), highest)
    write_labels(tmp_path / "a.tif", film, "TYX", Spacing({**sizes, "T": 30}), "µm")
    picture = read_image(tmp_path / "a.tif")
    assert (picture.axes, picture.step) == ("TYX", 30)
    assert picture.pixel.sizes == pytest.approx(sizes, rel=1e-5)
    write_labels(tmp_path / "b.tif", film, "TYX", (0.5, 0.5), "µm")
    assert read_image(tmp_path / "b.tif").step is None


@pytest.mark.parametrize(
    ("told", "step"),
    [
        ({"finterval": 2.5, "tunit": "min"}, 150),
        ({"finterval": 2.5}, 2.5),
        ({"finterval": 0}, None),
        ({"finterval": 3, "tunit": "frame"}, None),
    ],
)
def test_the_time_that_imagej_says(tmp_path, told, step):
    film = np.zeros((3, 8, 8), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", film, imagej=True, metadata={"axes": "TYX", **told})
    assert read_image(tmp_path / "a.tif").step == step


def test_no_place_for_the_axes(tmp_path):
    with pytest.raises(UserError, match="T, Z, C, Y and X"):
        write_labels(tmp_path / "a.tif", np.zeros((2, 3, 4), int), "SYX")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    write_labels(path, np.eye(4, dtype=int))
    before = path.read_bytes()

    def full(file, *args, **kwargs):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tifffile, "imwrite", full)
    with pytest.raises(UserError, match="No space left"):
        write_labels(path, np.zeros((4, 4), int))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("unit", "factor"), [("micron", 1.0), ("nm", 1e-3), ("mm", 1e3)])
def test_units_become_micrometres(tmp_path, unit, factor):
    metadata = {"axes": "YX", "unit": unit}
    data = np.zeros((4, 4), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=True, resolution=(2, 4), metadata=metadata)
    assert read_image(tmp_path / "a.tif").spacing == pytest.approx((0.25 * factor, 0.5 * factor))


@pytest.mark.parametrize(("unit", "length"), [("inch", 1), ("cm", 2.54)])
@pytest.mark.parametrize("per_inch", [72, 96, 150, 300, 1200])
def test_how_a_picture_is_printed_is_no_size_of_a_pixel(tmp_path, per_inch, unit, length):
    resolution = (round(per_inch / length, 4),) * 2
    printed = {"resolution": resolution, "metadata": {"axes": "YX", "unit": unit}}
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8), imagej=True, **printed)
    picture = read_image(tmp_path / "a.tif")
    assert (picture.spacing, picture.unit, picture.notes) == (None, "px", ())


def test_a_ruler_of_centimetres_is_a_size_of_a_pixel(tmp_path):
    measured = {"resolution": (100, 100), "metadata": {"axes": "YX", "unit": "cm"}}
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8), imagej=True, **measured)
    assert read_image(tmp_path / "a.tif").spacing == pytest.approx((100, 100))


def test_a_plane_has_no_thickness(tmp_path):
    stated = {"resolution": (20_000, 20_000), "metadata": {"axes": "YX", "unit": "cm"}}
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8), imagej=True, **stated)
    picture = read_image(tmp_path / "a.tif")
    assert picture.pixel.sizes == pytest.approx({"Y": 0.5, "X": 0.5})
    assert picture.notes == ()


def test_a_pixel_measured_in_inches_has_a_size(tmp_path):
    measured = {"resolution": (78154, 78154), "metadata": {"axes": "YX", "unit": "inch"}}
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 4), np.uint8), imagej=True, **measured)
    assert read_image(tmp_path / "a.tif").spacing == pytest.approx((0.325, 0.325), rel=1e-4)


@pytest.mark.parametrize(("size", "told"), [(32500, "32500 x 32500 µm (Y, X)"), (1e-6, "1e-06")])
def test_a_pixel_that_no_microscope_has_is_told_and_passed_over(tmp_path, size, told):
    stated = {"axes": "ZYX", **{f"PhysicalSize{axis}": size for axis in "YX"}, "PhysicalSizeZ": 2}
    stack = np.zeros((3, 8, 8), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", stack, ome=True, photometric="minisblack", metadata=stated)
    picture = read_image(tmp_path / "a.tif")
    assert (picture.spacing, picture.unit) == (None, "px")
    assert told in picture.notes[0]
    assert "which no microscope has" in picture.notes[0]


def test_channels_are_named(tmp_path):
    data = np.zeros((5, 3, 8, 8), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", data, ome=True, metadata={"axes": "ZCYX"})
    assert read_image(tmp_path / "a.tif").axes == "ZCYX"


def test_pages_without_names_are_not_guessed(tmp_path):
    data = np.zeros((5, 8, 8), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="minisblack", metadata=None)
    assert read_image(tmp_path / "a.tif").axes is None


HYPERSTACK = np.arange(2 * 3 * 4 * 16 * 20, dtype=np.uint16).reshape(2, 3, 4, 16, 20)


def write_hyperstack(path, kind):
    if kind == "ome":
        sizes = {
            f"PhysicalSize{axis}": size for axis, size in zip("ZYX", (2, 0.5, 0.25), strict=True)
        }
        tifffile.imwrite(path, HYPERSTACK, ome=True, metadata={"axes": "TZCYX", **sizes})
    else:
        metadata = {"axes": "TZCYX", "spacing": 2.0, "unit": "um"}
        tifffile.imwrite(path, HYPERSTACK, imagej=True, resolution=(4, 2), metadata=metadata)


@pytest.fixture(params=["in memory", "in the file"])
def size(request, monkeypatch):
    """Whether files count as small or as large."""
    if request.param == "in the file":
        for module in (read, numpy_file):
            monkeypatch.setattr(module, "LARGE", 10)
    yield request.param
    if request.param == "in the file":
        # a file that is open still is told now, and not in some other test
        gc.collect()


@pytest.mark.parametrize("kind", ["ome", "imagej"])
def test_hyperstacks(tmp_path, kind, size):
    write_hyperstack(tmp_path / "a.tif", kind)
    picture = read_image(tmp_path / "a.tif")
    assert (picture.axes, picture.unit) == ("TZCYX", "µm")
    assert picture.spacing == pytest.approx((2, 0.5, 0.25))
    assert isinstance(picture.data, np.ndarray) == (size == "in memory")
    planes = arrange(picture.data, picture.axes, 3, 1, (2,))
    window = planes.window(1, ((1, 2), (3, 9), (0, 20)))
    np.testing.assert_array_equal(window, HYPERSTACK[1, 1:2, 2, 3:9][np.newaxis])
    np.testing.assert_array_equal(picture.loaded().data, HYPERSTACK)


@pytest.mark.parametrize("samples", [3, 4])
def test_colour_comes_without_its_transparency(tmp_path, samples, size):
    data = np.random.default_rng(0).integers(0, 255, (16, 20, samples), dtype=np.uint8)
    alpha = {"extrasamples": ["unassalpha"]} if samples == 4 else {}
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", **alpha)
    picture = read_image(tmp_path / "a.tif")
    assert picture.axes == "YXC"
    np.testing.assert_array_equal(np.asarray(picture.data), data[..., :3])
    assert len(picture.notes) == (samples == 4 and size == "in memory")


def test_transparency_that_is_even_is_not_worth_a_word(tmp_path):
    data = np.full((16, 20, 4), 255, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric="rgb", extrasamples=["unassalpha"])
    assert read_image(tmp_path / "a.tif").notes == ()


def test_four_channels_in_planes_of_their_own_are_all_kept(tmp_path, size):
    data = np.random.default_rng(0).integers(0, 255, (4, 16, 20), dtype=np.uint8)
    rgb = {"photometric": "rgb", "planarconfig": "separate", "extrasamples": ["unassalpha"]}
    tifffile.imwrite(tmp_path / "a.tif", data, **rgb)
    picture = read_image(tmp_path / "a.tif")
    assert (picture.axes, picture.channels, picture.notes) == ("CYX", (), ())
    np.testing.assert_array_equal(np.asarray(picture.data), data)


def test_colours_are_known_wherever_they_stand(tmp_path, size):
    data = np.random.default_rng(0).integers(0, 255, (3, 16, 20), dtype=np.uint8)
    planes, film = {"planarconfig": "separate"}, {"photometric": "minisblack"}
    for name, options in (("own", {"photometric": "rgb"} | planes), ("film", film)):
        tifffile.imwrite(tmp_path / f"{name}.tif", data, metadata=None, **options)
    own, film = (read_image(tmp_path / f"{name}.tif") for name in ("own", "film"))
    assert (own.axes, own.coloured, film.coloured) == ("CYX", True, False)
    assert (own.colours_last().axes, film.colours_last()) == ("YXC", film)
    np.testing.assert_array_equal(own.data, data)
    np.testing.assert_array_equal(own.colours_last().data, np.moveaxis(data, 0, -1))


def test_of_a_pyramid_the_finest_level_is_taken(tmp_path, size):
    data = np.random.default_rng(0).integers(0, 255, (3, 64, 96), dtype=np.uint8)
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as file:
        sizes = {"PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
        file.write(data, subifds=1, tile=(16, 16), metadata={"axes": "CYX", **sizes})
        file.write(data[:, ::2, ::2], subfiletype=1, tile=(16, 16))
    picture = read_image(tmp_path / "a.ome.tif")
    assert (picture.axes, picture.spacing) == ("CYX", (0.5, 0.5))
    np.testing.assert_array_equal(np.asarray(picture.data), data)


def test_a_large_numpy_file_is_mapped(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", HYPERSTACK)
    monkeypatch.setattr(numpy_file, "LARGE", 10)
    picture = read_image(tmp_path / "a.npy")
    assert isinstance(picture.data, np.memmap)
    np.testing.assert_array_equal(picture.data, HYPERSTACK)


WRONG = {
    "zero": '<Pixels PhysicalSizeX="0" PhysicalSizeY="0"/>',
    "negative": '<Pixels PhysicalSizeX="-1" PhysicalSizeY="1"/>',
    "NaN": '<Pixels PhysicalSizeX="nan" PhysicalSizeY="1"/>',
    "infinite": '<Pixels PhysicalSizeX="inf" PhysicalSizeY="1"/>',
    "no number": '<Pixels PhysicalSizeX="big" PhysicalSizeY="1"/>',
    "only one": '<Pixels PhysicalSizeX="1"/>',
    "an unknown unit": '<Pixels PhysicalSizeX="1" PhysicalSizeY="1" PhysicalSizeYUnit="pc"/>',
    "no pixels": "<Image/>",
    "no XML": "<Pixels",
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_sizes_that_are_none_are_passed_over(tmp_path, monkeypatch, text):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((4, 5), np.uint8), ome=True)
    said = tifffile.tiffcomment(tmp_path / "a.tif")
    if text.startswith("<Pixels "):
        text = said.replace("<Pixels", text.removesuffix("/>"))
    monkeypatch.setattr(tifffile.TiffFile, "ome_metadata", text)
    picture = read_image(tmp_path / "a.tif")
    assert (picture.axes, picture.spacing, picture.unit) == ("YX", None, "px")
    assert {channel.name for channel in picture.channels} <= {""}


def test_what_ome_says_is_parsed_once(tmp_path, monkeypatch):
    def parsed(read):
        texts.clear()
        read(tmp_path / "a.tif")
        return len(texts)

    def listed(path):
        with tifffile.TiffFile(path) as file:
            return file.series

    def fromstring(text):
        texts.append(text)
        return parse(text)

    texts, parse = [], ElementTree.fromstring
    said = {"axes": "TCYX", "PhysicalSizeX": 1, "PhysicalSizeY": 1, "TimeIncrement": 2}
    data = np.zeros((2, 2, 8, 8), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, ome=True, metadata=said)
    monkeypatch.setattr(ElementTree, "fromstring", fromstring)
    assert parsed(read_image) == parsed(listed) + 1


@pytest.mark.parametrize("spacing", [0.0, -1.0, float("nan"), "wide"])
def test_a_depth_that_is_none_is_passed_over(tmp_path, spacing):
    metadata = {"axes": "ZYX", "unit": "um", "spacing": spacing}
    data = np.zeros((3, 4, 5), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=True, resolution=(1, 1), metadata=metadata)
    picture = read_image(tmp_path / "a.tif")
    assert (picture.axes, picture.spacing) == ("ZYX", None)


def _planes_of_fiji(path, axes, **about):
    shape = [{"T": 2, "C": 2, "Z": 3}.get(letter, 8) for letter in axes]
    metadata = {"axes": axes, "unit": "um", **about}
    data = np.zeros(shape, np.uint8)
    tifffile.imwrite(path, data, imagej=True, resolution=(2, 2), metadata=metadata)
    return read_image(path)


def test_a_distance_of_planes_that_fiji_leaves_away_is_told_to_be_its_own(tmp_path):
    path = tmp_path / "a.tif"
    for axes in ("ZYX", "ZCYX", "TZYX"):
        picture = _planes_of_fiji(path, axes)
        assert (picture.axes, picture.spacing, picture.unit) == (axes, (1.0, 0.5, 0.5), "µm")
        (note,) = picture.notes
        assert "how far apart its planes are: 1 µm is taken" in note
    for axes, about in (("ZYX", {"spacing": 1.0}), ("TYX", {}), ("CYX", {}), ("YX", {})):
        picture = _planes_of_fiji(path, axes, **about)
        assert (picture.spacing, picture.notes) == ((1.0, 0.5, 0.5)[-len(picture.spacing) :], ())
    # what this package writes where it is not known says so
    write_labels(path, np.ones((3, 8, 8), np.uint8), "ZYX", (None, 0.5, 0.5), "µm")
    picture = read_image(path)
    assert (picture.axes, picture.spacing, picture.notes) == ("ZYX", None, ())


def test_a_film_that_fiji_keeps_as_planes_may_be_one(tmp_path):
    film = _planes_of_fiji(tmp_path / "a.tif", "ZYX", finterval=300.0)
    assert (film.axes, film.step, film.notes) == (None, 300.0, ())
    assert film.pixel == Spacing({"Y": 0.5, "X": 0.5})
    asked = film.asked(SegmentRequest(), "TYX")
    assert (asked.spacing, asked.unit, asked.step) == ((0.5, 0.5), "µm", 300.0)
    colours = _planes_of_fiji(tmp_path / "a.tif", "ZCYX", finterval=300.0)
    assert colours.axes == "ZCYX"
    assert "The axes ZCYX are a guess" in "".join(colours.notes)
    assert "give the axes TCYX" in "".join(colours.notes)
    for about in ({"spacing": 2.0}, {"finterval": 0.0}):
        volume = _planes_of_fiji(tmp_path / "a.tif", "ZYX", **{"finterval": 300.0, **about})
        assert volume.axes == "ZYX"
    assert _planes_of_fiji(tmp_path / "a.tif", "TZYX", finterval=300.0).axes == "TZYX"


def test_axes_that_do_not_fit_the_pixels_are_not_believed(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((3, 4, 5)), photometric="minisblack")
    for axes in ("YX", "TZYX", "YYX", "QYX"):
        monkeypatch.setattr(tifffile.TiffPageSeries, "axes", axes)
        assert read_image(tmp_path / "a.tif").axes is None


@pytest.mark.parametrize(
    "data",
    [
        *(np.uint8([[3, 250]]), np.uint16([[3, 900]]), np.uint32([[3, 901]])),
        *(np.float32([[0.5, 2]]), [[True, False]]),
    ],
)
def test_an_image_in_which_0_is_white_is_turned_round_but_labels_are_not(tmp_path, data, size):
    data = np.repeat(data, 8, axis=0)
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, data, photometric="miniswhite", metadata=None)
    found = np.asarray(read_image(path).data)
    assert found.dtype == (np.float64 if data.dtype == np.uint32 else data.dtype)
    np.testing.assert_array_equal(found.argsort(), data.argsort()[:, ::-1])
    assert np.ptp(found.astype(np.float32)) == np.ptp(data.astype(np.float32))
    np.testing.assert_array_equal(np.asarray(read_label_image(path).data), data)


CALIBRATED = "The file has a calibration of its grey values, which is not read"


@pytest.mark.parametrize(
    ("terms", "low", "told"),
    [
        ({"cf": 0, "c0": -32768.0, "c1": 1.0}, -32768, False),
        ({"cf": 0, "c0": 0.0, "c1": 1.0}, 0, False),
        ({"cf": 0, "c0": 1.5, "c1": 0.25}, 0, True),
        ({"cf": 21}, 0, True),
    ],
)
def test_grey_values_are_those_that_fiji_shows_and_labels_stay(tmp_path, terms, low, told, size):
    data = np.array([[0, 32718, 32768, 65535]], np.uint16).repeat(3, 0)
    tifffile.imwrite(tmp_path / "a.tif", data, imagej=True, metadata={"axes": "YX", **terms})
    picture = read_image(tmp_path / "a.tif")
    assert np.asarray(picture.data)[0].tolist() == [each + low for each in data[0].tolist()]
    assert [note.startswith(CALIBRATED) for note in picture.notes] == [True] * told
    np.testing.assert_array_equal(read_label_image(tmp_path / "a.tif").data, data)


@pytest.mark.parametrize("photometric", ["separated", "cielab"])
def test_colours_for_printing_are_not_taken_for_light(tmp_path, photometric):
    samples = 4 if photometric == "separated" else 3
    data = np.zeros((16, 20, samples), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", data, photometric=photometric, metadata=None)
    with pytest.raises(UserError, match="save it as RGB"):
        read_image(tmp_path / "a.tif")


WHOLE, PLANE = {"Z": 2, "Y": 0.25, "X": 0.25}, {"Y": 0.25, "X": 0.25}
VOXELS = {
    "Z in nm": (("unit=um", "zunit=nm", "spacing=2000"), 4, WHOLE),
    "Y and Z in nm": (("unit=um", "yunit=nm", "zunit=nm", "spacing=2000"), 0.004, WHOLE),
    "spelt out": (("unit=micrometers", "spacing=2"), 4, WHOLE),
    "Z in pixels": (("unit=um", "zunit=pixel", "spacing=1"), 4, PLANE),
    "no thickness": (("unit=um", "spacing=0"), 4, PLANE),
    "X and Y in pixels": (("unit=pixel", "zunit=um", "spacing=2"), 4, {}),
}


@pytest.mark.parametrize(("lines", "per_y", "sizes"), VOXELS.values(), ids=VOXELS.keys())
def test_each_axis_has_its_unit_and_one_that_is_unknown_leaves_the_others(
    tmp_path, lines, per_y, sizes
):
    about = "\n".join(["ImageJ=1.54f", "images=3", "slices=3", *lines, ""])
    data, per = np.zeros((3, 8, 8), np.uint8), (4, per_y)
    grey = {"photometric": "minisblack", "metadata": None}
    tifffile.imwrite(tmp_path / "a.tif", data, description=about, resolution=per, **grey)
    picture = read_image(tmp_path / "a.tif")
    assert picture.pixel.sizes == pytest.approx(sizes)
    assert picture.unit == ("µm" if sizes else "px")
    assert (picture.spacing is None) == (sizes != WHOLE)


@pytest.mark.parametrize("highest", [9, 70_000], ids=["ImageJ", "OME"])
def test_a_thickness_that_is_unknown_stays_so(tmp_path, highest):
    labels = np.full((3, 8, 8), highest)
    write_labels(tmp_path / "a.tif", labels, "ZYX", (None, 0.25, 0.5), "µm")
    assert read_image(tmp_path / "a.tif").pixel.sizes == pytest.approx({"Y": 0.25, "X": 0.5})


IMAGE = np.arange(96, dtype=np.uint8).reshape(8, 12)


def describe(name, pixel):
    return {"Name": name, "PhysicalSizeX": pixel, "PhysicalSizeY": pixel}


SERIES = {
    "positions": (IMAGE, describe("a", 0.25), IMAGE[:5], describe("b", 1.0), 1),
    "preview": (IMAGE[::2, ::2], describe("preview", 1.0), IMAGE, describe("a", 0.25), 0),
    "pages": (IMAGE, None, IMAGE[:5], None, 1),
    "thumbnail": (IMAGE[::2, ::2], None, IMAGE, None, 0),
}


@pytest.mark.parametrize("kind", SERIES)
def test_of_several_images_one_is_read_and_that_is_said(tmp_path, kind, size):
    first, about_first, second, about_second, said = SERIES[kind]
    with tifffile.TiffWriter(tmp_path / "a.tif", ome=about_first is not None) as file:
        file.write(first, metadata=about_first, subfiletype=int(kind == "thumbnail"))
        file.write(second, metadata=about_second)
    picture = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(np.asarray(picture.data), IMAGE)
    assert picture.spacing == ((0.25, 0.25) if about_first else None)
    assert ["first of 2 images" in note for note in picture.notes] == [True] * said


def test_of_a_set_of_files_each_gives_its_own_image(tmp_path):
    pixels = (
        '<Image ID="Image:{0}"><Pixels ID="Pixels:{0}" DimensionOrder="XYZCT" Type="uint8" '
        'SizeX="12" SizeY="8" SizeZ="1" SizeC="1" SizeT="1" PhysicalSizeX="{1}" '
        'PhysicalSizeY="{1}"><Channel ID="Channel:{0}:0" SamplesPerPixel="1"/><TiffData IFD="0">'
        '<UUID FileName="p{0}.ome.tif">urn:uuid:{0}</UUID></TiffData></Pixels></Image>'
    )
    images = pixels.format(0, 0.5) + pixels.format(1, 0.25)
    space = 'xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
    for number, data in enumerate((IMAGE, 255 - IMAGE)):
        about = f'<OME {space} UUID="urn:uuid:{number}">{images}</OME>'
        path = tmp_path / f"p{number}.ome.tif"
        tifffile.imwrite(path, data, description=about, metadata=None)
    second = read_image(tmp_path / "p1.ome.tif")
    np.testing.assert_array_equal(second.data, 255 - IMAGE)
    assert (second.spacing, second.notes) == ((0.25, 0.25), ())


def planes_of(image, size, *files, name="a"):
    """Describe an image of which each file has a plane."""
    held = "".join(
        f'<TiffData FirstT="{at}" IFD="0" PlaneCount="1">'
        f'<UUID FileName="{file}">urn:uuid:{file}</UUID></TiffData>'
        for at, file in enumerate(files)
    )
    return (
        f'<Image ID="Image:{image}"><Pixels ID="Pixels:{image}" DimensionOrder="XYZCT" '
        f'Type="uint8" SizeX="9" SizeY="8" SizeZ="1" SizeC="1" SizeT="{len(files)}" '
        f'PhysicalSizeX="{size}" PhysicalSizeY="{size}" TimeIncrement="{size}">'
        f'<Channel ID="Channel:{image}" Name="{name}"/>{held}</Pixels></Image>'
    )


def write_set(folder, files, *images):
    """Write each file with a number of its own, and what all of them hold."""
    for number, file in enumerate(files, 1):
        head = '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:'
        about = f'{head}{file}">{"".join(images)}</OME>'
        data = np.full((8, 9), number, np.uint8)
        tifffile.imwrite(folder / file, data, description=about, metadata=None)


def test_what_is_known_of_an_image_is_its_own_also_without_the_files_of_others(tmp_path):
    files = ["p0.ome.tif", "p1.ome.tif"]
    write_set(tmp_path, files, planes_of(0, 0.5, files[0], name="b"), planes_of(1, 0.1, files[1]))
    (tmp_path / files[0]).unlink()
    second = read_image(tmp_path / files[1])
    assert second.spacing == (0.1, 0.1)
    assert second.step == 0.1
    assert second.channel_names == ("a",)


def test_planes_whose_files_are_not_there_are_told(tmp_path):
    files = [f"t{number}.ome.tif" for number in range(3)]
    write_set(tmp_path, files, planes_of(0, 0.5, *files))
    assert read_image(tmp_path / files[0]).notes == ()
    (tmp_path / files[1]).unlink()
    found = read_image(tmp_path / files[0])
    assert found.data[:, 0, 0].tolist() == [1, 0, 3]
    assert found.notes == (
        "1 of 3 planes are in no file and are read as black: put all files of this image into one "
        "folder, with the names that they had.",
    )


def test_colours_as_brightness_and_hue_are_refused_unless_they_are_read_as_light(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="ycbcr", metadata=None)
    with pytest.raises(UserError, match="kept as YCbCr, not as red, green and blue"):
        read_image(tmp_path / "a.tif")
    flat = np.full((16, 16, 3), (200, 30, 30), np.uint8)
    tifffile.imwrite(tmp_path / "b.tif", flat, photometric="rgb", compression="jpeg", metadata=None)
    assert np.abs(read_image(tmp_path / "b.tif").data - flat.astype(int)).max() < 4


@pytest.mark.parametrize("name", ["c.png", "c", "c.npy"])
def test_labels_are_not_written_under_the_name_of_another_kind(tmp_path, name):
    with pytest.raises(UserError, match=r"files that end in \.tif or \.tiff"):
        write_labels(tmp_path / name, np.eye(4, dtype=int))
    assert not list(tmp_path.iterdir())
    write_labels(tmp_path / "c.TIFF", np.eye(4, dtype=int))


def test_a_number_that_no_file_holds(tmp_path):
    with pytest.raises(
        UserError, match=r"up to 4,294,967,295, and there is an object 4,294,967,296"
    ):
        write_labels(tmp_path / "a.tif", np.array([[0, 2**32]]))


@pytest.mark.parametrize(
    ("wrong", "told"), [(0.5, "decimal"), (-5, "negative"), (np.nan, "decimal"), (1j, "complex")]
)
def test_labels_that_would_not_come_back_are_refused(tmp_path, labels, wrong, told):
    with pytest.raises(UserError, match=told):
        write_labels(tmp_path / "a.tif", labels.astype(int) + wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, -1, np.nan, np.inf])
def test_a_size_that_no_pixel_has_is_not_written(tmp_path, size):
    with pytest.raises(UserError, match=r"A pixel cannot be .*, 1 px large"):
        write_labels(tmp_path / "a.tif", np.eye(5, dtype=int), spacing=(size, 1))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("shape", [(5,), (0, 5)])
def test_what_is_no_picture_is_not_written(tmp_path, shape):
    with pytest.raises(UserError, match="has 2 to 4 axes and at least one pixel"):
        write_labels(tmp_path / "a.tif", np.ones(shape, int))


@pytest.mark.parametrize("dtype", [float, np.float32, bool, np.int64])
def test_whole_numbers_and_masks_are_written_to_a_file_named_by_a_string(tmp_path, labels, dtype):
    write_labels(str(tmp_path / "a.tif"), labels.astype(dtype))
    written = read_label_image(tmp_path / "a.tif").data
    np.testing.assert_array_equal(written, labels.astype(dtype))
