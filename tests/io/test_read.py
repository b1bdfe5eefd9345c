import zipfile

import numpy as np
import pytest
import skimage.io
import tifffile
import zarr
from imagecodecs import png_encode
from PIL import Image

from napari_unet.core.errors import UserError
from napari_unet.io.bundled import SAMPLES, load_sample
from napari_unet.io.listing import image_files, label_files, passed_over
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.tiff.write import write_labels

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)


@pytest.mark.parametrize(
    ("channels", "axes", "shape"),
    [(None, "YX", (6, 8)), (3, "YXC", (6, 8, 3)), (4, "YXC", (6, 8, 3))],
    ids=["grey", "RGB", "RGB and opacity"],
)
def test_png(tmp_path, channels, axes, shape):
    data = GREY if channels is None else np.stack([GREY] * channels, axis=-1)
    skimage.io.imsave(tmp_path / "a.png", data, check_contrast=False)
    picture = read_image(tmp_path / "a.png")
    assert (picture.axes, picture.data.shape, picture.name) == (axes, shape, "a")
    np.testing.assert_array_equal(picture.data.reshape(6, 8, -1)[..., 0], GREY)


@pytest.mark.parametrize("channels", [1, 2, 3, 4], ids=["grey", "and opacity", "RGB", "RGBA"])
def test_a_png_of_16_bits_keeps_them(tmp_path, channels):
    data = np.random.default_rng(0).integers(0, 2**16, (6, 8, channels), np.uint16)
    (tmp_path / "a.png").write_bytes(png_encode(data))
    picture = read_image(tmp_path / "a.png")
    kept = data[..., :3] if channels > 2 else data[..., 0]
    assert (picture.axes, picture.data.dtype) == ("YXC" if channels > 2 else "YX", np.uint16)
    np.testing.assert_array_equal(picture.data, kept)


def test_colours_for_printing_are_not_taken_for_light(tmp_path):
    Image.new("CMYK", (8, 6)).save(tmp_path / "a.jpg")
    with pytest.raises(UserError, match="CMYK, not as red, green and blue: save"):
        read_image(tmp_path / "a.jpg")


def test_a_png_of_several_pictures_says_that_one_is_read(tmp_path):
    first, second = Image.fromarray(GREY), Image.fromarray(255 - GREY)
    first.save(tmp_path / "a.png", save_all=True, append_images=[second])
    picture = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.data, GREY)
    assert "first of 2 images" in picture.notes[0]


def test_numpy(tmp_path):
    np.save(tmp_path / "a.npy", GREY)
    picture = read_image(tmp_path / "a.npy")
    np.testing.assert_array_equal(picture.data, GREY)
    assert picture.axes is None


def test_numpy_files_that_hold_programs_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"a": 1}]), allow_pickle=True)
    with pytest.raises(UserError, match="not opened"):
        read_image(tmp_path / "a.npy")


@pytest.mark.parametrize("ending", ["tif", "png", "npy", "jpg"])
def test_damaged(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"not an image")
    with pytest.raises(UserError, match="damaged") as told:
        read_image(path)
    assert "\n" not in str(told.value)


def test_no_words_of_programmers_about_what_is_damaged(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0garbage")
    with pytest.raises(UserError, match=r"^a\.tif cannot be read; is it damaged\?$"):
        read_image(path)
    path.write_bytes(b"garbage")
    with pytest.raises(UserError, match=r"is it damaged\? \(not a TIFF file"):
        read_image(path)


DAMAGED = {
    "tif": (b"\x01\x01\x04\0\x01\0\0\0\x40", b"\x01\x01\x04\0\x01\0\0\0\0"),
    "npy": (b"(64, 64), }", b"(64, 64), ("),
}


@pytest.mark.parametrize("ending", DAMAGED)
def test_damaged_where_the_size_stands(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    pixels = np.zeros((64, 64), np.uint8)
    np.save(path, pixels) if ending == "npy" else tifffile.imwrite(path, pixels)
    good, bad = DAMAGED[ending]
    assert good in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(good, bad))
    with pytest.raises(UserError, match=r"is it damaged\?$"):
        read_image(path)


def test_cut_short(tmp_path):
    path = tmp_path / "a.tif"
    write_labels(path, np.random.default_rng(0).integers(0, 65_535, (64, 64)))
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UserError, match="damaged"):
        read_image(path)


def test_unknown_kind_and_missing(tmp_path):
    (tmp_path / "a.czi").touch()
    with pytest.raises(UserError, match=r"^a.czi is of a kind .* OME-TIFF in Fiji, .* or OME-Zarr"):
        read_image(tmp_path / "a.czi")
    with pytest.raises(UserError, match="no file"):
        read_image(tmp_path / "b.tif")


@pytest.mark.parametrize("name", ["a.zarr.zip", "a.OME.zarr.zip", "a.ozx"])
def test_a_zarr_folder_in_a_zip_file_is_to_be_unzipped(tmp_path, name):
    with zipfile.ZipFile(tmp_path / name, "w") as file:
        file.writestr("zarr.json", "{}")
    for read in (read_image, read_label_image):
        with pytest.raises(UserError, match=rf"^{name} is a zarr folder in a zip file: unzip it"):
            read(tmp_path / name)


def test_what_a_folder_without_images_or_labels_lacks(tmp_path):
    (tmp_path / "a.czi").touch()
    with pytest.raises(UserError, match=r"has no images \(.*OME-Zarr\)\. Save .* OME-TIFF in Fiji"):
        image_files([tmp_path])
    with pytest.raises(UserError, match=r"has no labels \(.*\.zip, \.roi, \.json.*OME-Zarr\)\.$"):
        label_files(tmp_path)


def test_images_in_a_folder(tmp_path):
    for name in ("b.tif", "a.png", ".hidden.tif", "notes.txt"):
        (tmp_path / name).touch()
    assert [file.name for file in image_files([tmp_path])] == ["a.png", "b.tif"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="no images"):
        image_files([tmp_path / "empty"])
    with pytest.raises(UserError, match="no file or folder"):
        image_files([tmp_path / "nowhere"])


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name):
    image, labels = load_sample(name)
    assert image.data.shape[: labels.data.ndim] == labels.data.shape
    assert image.axes.replace("C", "") == labels.axes
    numbers = np.unique(labels.data)
    assert numbers.tolist() == [0, 1] if SAMPLES[name].semantic else len(numbers) > 20
    assert image.data.max() > image.data.min()


def test_no_such_sample():
    with pytest.raises(UserError, match="nuclei2d"):
        load_sample("elephant")


def test_a_zarr_folder_is_one_image(tmp_path):
    data = np.arange(24, dtype=np.uint16).reshape(4, 6)
    zarr.create_array(tmp_path / "b.zarr", data=data)
    write_labels(tmp_path / "a.tif", data)
    assert [path.name for path in image_files([tmp_path])] == ["a.tif", "b.zarr"]
    assert image_files([tmp_path / "b.zarr"]) == [tmp_path / "b.zarr"]
    picture = read_image(tmp_path / "b.zarr")
    assert not isinstance(picture.data, np.ndarray)
    np.testing.assert_array_equal(picture.loaded().data, data)


def test_an_empty_zarr_folder_is_told(tmp_path):
    (tmp_path / "b.zarr").mkdir()
    with pytest.raises(UserError, match="no zarr folder"):
        read_image(tmp_path / "b.zarr")


def test_annotations_of_cellpose_are_named_wherever_they_lie(tmp_path):
    (tmp_path / "inside").mkdir()
    for name in ("a_seg.npy", "inside/b_seg.npy"):
        np.save(tmp_path / name, {"masks": GREY}, allow_pickle=True)
    np.save(tmp_path / "numbers_seg.npy", GREY)
    assert passed_over([tmp_path])[0].startswith("a_seg.npy left out")
    assert passed_over([tmp_path], recursive=True)[0].startswith("a_seg.npy and 1 more left out")
    assert [path.name for path in image_files([tmp_path])] == ["numbers_seg.npy"]


def test_images_of_a_kind_that_is_not_read_are_named(tmp_path):
    """Not what is hidden, and not the arrays that trainings and large jobs keep."""
    for folder in ("inside", ".hidden"):
        (tmp_path / folder).mkdir()
    names = "a.czi", "b.LIF", "._c.nd2", "notes.txt", "inside/d.bmp", ".hidden/e.czi", "0.npz"
    for name in names:
        (tmp_path / name).touch()
    write_labels(tmp_path / "e.tif", GREY)
    (told,) = passed_over([tmp_path])
    assert told.startswith("a.czi and 1 more left out: this kind of file cannot be read. Save it")
    (told,) = passed_over([tmp_path], recursive=True)
    assert told.startswith("a.czi and 2 more left out")
    assert passed_over([tmp_path / "a.czi"]) == []
