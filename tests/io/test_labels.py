"""Label images as other programs save them."""

import numpy as np
import pytest
import tifffile
import zarr
from imagecodecs import png_encode
from PIL import Image

from napari_unet.core.errors import UserError
from napari_unet.io.labels import read_labels
from napari_unet.io.pairs.find import WHITE_IS_ONE, find_pairs
from napari_unet.io.read import read_image
from shapes import make_labels

LABELS = make_labels(2)


def as_palette(path):
    picture = Image.fromarray(LABELS.astype(np.uint8)).convert("L")
    indexed = Image.frombytes("P", picture.size, picture.tobytes())
    indexed.putpalette([0, 0, 0, 250, 30, 70, 20, 200, 220] + [9] * 759)
    indexed.save(path)


WRITERS = {
    "palette.png": as_palette,
    "grey.png": lambda path: Image.fromarray(LABELS.astype(np.uint16)).save(path),
    "rgb.png": lambda path: Image.fromarray(np.dstack([LABELS] * 3).astype(np.uint8)).save(path),
    "rgba.png": lambda path: Image.fromarray(
        np.dstack([LABELS, LABELS, LABELS, np.full_like(LABELS, 255)]).astype(np.uint8)
    ).save(path),
    "rgb.tif": lambda path: tifffile.imwrite(
        path, np.dstack([LABELS] * 3).astype(np.uint16), photometric="rgb"
    ),
    "palette.tif": lambda path: tifffile.imwrite(
        path,
        LABELS.astype(np.uint8),
        photometric="palette",
        colormap=np.random.default_rng(0).integers(0, 65535, (3, 256)).astype(np.uint16),
    ),
    "float.tif": lambda path: tifffile.imwrite(path, LABELS.astype(np.float32)),
    "double.npy": lambda path: np.save(path, LABELS.astype(np.float64)),
    "colour.npy": lambda path: np.save(path, np.dstack([LABELS] * 3)),
    "channel.ome.tif": lambda path: tifffile.imwrite(
        path, LABELS[None, None, None].astype(np.uint8), ome=True, metadata={"axes": "TZCYX"}
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_one_whole_number_per_pixel_however_it_was_saved(tmp_path, name):
    WRITERS[name](tmp_path / name)
    found = read_labels(tmp_path / name)
    assert found.data.dtype.kind in "iu"
    assert found.axes in (None, "YX")
    np.testing.assert_array_equal(found.data, LABELS)


COLOURS = np.random.default_rng(0).integers(0, 255, (12, 14, 3)).astype(np.uint8)
PICKLED = {"masks": LABELS, "filename": "a.tif"}
REFUSED = {
    "colours.png": (lambda path: Image.fromarray(COLOURS).save(path), "colour picture"),
    "colours.npy": (lambda path: np.save(path, COLOURS), "colour picture"),
    "labels.jpg": (lambda path: Image.fromarray(COLOURS).save(path), "is a JPEG"),
    "two.tif": (
        lambda path: tifffile.imwrite(
            path,
            np.moveaxis(COLOURS[..., :2], 2, 0),
            imagej=True,
            metadata={"axes": "CYX"},
        ),
        "has 2 channels, but labels have none",
    ),
    "empty.npy": (lambda path: np.save(path, np.zeros((0, 8), int)), "no pixels"),
    "a_seg.npy": (lambda path: np.save(path, {"flows": []}, allow_pickle=True), "no masks"),
    "a.npy": (lambda path: np.save(path, PICKLED, allow_pickle=True), "Python objects"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_label_image_is_told(tmp_path, name):
    write, words = REFUSED[name]
    write(tmp_path / name)
    with pytest.raises(UserError, match=words) as refused:
        read_labels(tmp_path / name)
    assert str(refused.value).startswith(name)
    assert "damaged" not in str(refused.value)


@pytest.mark.parametrize("values", [[0, 0.5], [0, np.nan], [0, 1e30]])
def test_numbers_that_are_not_whole_stay(tmp_path, values):
    np.save(tmp_path / "a.npy", np.array([values]))
    assert read_labels(tmp_path / "a.npy").data.dtype == float


def test_numbers_of_16_bits_in_equal_channels_are_whole(tmp_path):
    labels = np.arange(1, 16 * 16 + 1, dtype=np.uint16).reshape(16, 16) * 250
    (tmp_path / "a.png").write_bytes(png_encode(np.stack([labels] * 3, axis=-1)))
    np.testing.assert_array_equal(read_labels(tmp_path / "a.png").data, labels)


def save_masks(folders, white=255):
    for path in folders[1].iterdir():
        labels = tifffile.imread(path)
        tifffile.imwrite(path, np.where(labels > 0, white, 0).astype(np.uint16))


@pytest.mark.parametrize("white", [255, 65535])
def test_white_of_masks_is_the_foreground(folders, white):
    save_masks(folders, white)
    report = find_pairs(*folders, semantic=True)
    assert report.notes == (WHITE_IS_ONE,)
    assert {number for pair in report.pairs for number in np.unique(pair.labels)} == {0, 1}


def test_white_is_ignored_beside_classes_and_where_it_is_said(folders):
    save_masks(folders)
    with pytest.raises(UserError, match="Nothing is labelled"):
        find_pairs(*folders, semantic=True, ignore=255)
    tifffile.imwrite(folders[1] / "b.tif", (LABELS > 0).astype(np.uint8))
    report = find_pairs(*folders, semantic=True)
    assert report.notes == ()
    assert {number for pair in report.pairs for number in np.unique(pair.labels)} == {0, 1, 255}


def test_masks_are_no_objects(folders):
    save_masks(folders)
    problems = find_pairs(*folders).problems
    assert len(problems) == 3
    assert "one number only, 255, in 2 pieces: it is a mask" in problems[0]


def write_zarr(path, axes, data):
    array = zarr.create_array(str(path), shape=data.shape, dtype=data.dtype, dimension_names=axes)
    array[...] = data
    return path


@pytest.mark.parametrize("axes", ["tczyx", "cyx", "tcyx", "czyx", "yx"])
@pytest.mark.parametrize("channels", [1, 2])
def test_labels_have_the_axes_of_the_image_or_length_1(tmp_path, axes, channels):
    sizes = dict(zip("yx", LABELS.shape, strict=True))
    labels = LABELS.reshape([sizes.get(axis, 1) for axis in axes])
    shape = [channels if axis == "c" else sizes.get(axis, 1) for axis in axes]
    image = np.random.default_rng(0).random(shape)
    one, other = (tmp_path / name for name in ("a.zarr", "a_labels.zarr"))
    report = find_pairs(write_zarr(one, axes, image), write_zarr(other, axes, labels))
    (pair,) = report.pairs
    assert (pair.axes, len(pair.image)) == ("YX", channels if "c" in axes else 1)
    np.testing.assert_array_equal(pair.labels, LABELS)
    np.save(tmp_path / "plain.npy", LABELS)
    assert find_pairs(one, tmp_path / "plain.npy").pairs[0].axes == "YX"


def test_annotations_of_cellpose_are_labels_and_no_images(folders):
    np.save(folders[0] / "a_seg.npy", PICKLED, allow_pickle=True)
    report = find_pairs(*folders)
    assert len(report.pairs) == 3
    assert report.notes[0].startswith("a_seg.npy left out: annotations of Cellpose are labels")
    with pytest.raises(UserError, match="annotations of Cellpose are labels, not images"):
        read_image(folders[0] / "a_seg.npy")
