import numpy as np
import pytest
import skimage.io
import tifffile

from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.provenance.record import Provenance
from napari_unet.io.ome_zarr import LabelPyramid
from napari_unet.io.pairs.find import find_pairs
from napari_unet.io.pairs.match import match_files
from napari_unet.io.pairs.pair import pair_of
from napari_unet.io.picture import Picture
from napari_unet.io.tiff.write import write_labels, write_tiff


def test_pairs_are_found_in_the_order_of_names(folders):
    report = find_pairs(*folders)
    assert [pair.name for pair in report.pairs] == ["a", "b", "c"]
    assert {pair.image.shape for pair in report.pairs} == {(1, 48, 48)}
    assert report.problems == report.notes == ()


def test_listed_names(folders):
    assert [pair.name for pair in find_pairs(*folders, ["c", "a"]).pairs] == ["c", "a"]
    with pytest.raises(UserError, match="d is listed"):
        find_pairs(*folders, ["a", "d"])


def test_images_without_a_partner_are_noted(folders):
    (folders[1] / "b.tif").unlink()
    report = find_pairs(*folders)
    assert [pair.name for pair in report.pairs] == ["a", "c"]
    assert len(report.notes) == 1
    assert report.notes[0].startswith("b:")


def test_no_pair(folders):
    for path in folders[1].iterdir():
        path.rename(path.with_name(f"x{path.name}"))
    with pytest.raises(UserError, match=r"images has the same name as one in .*labels: give"):
        find_pairs(*folders)
    with pytest.raises(UserError, match=r"No file in .*labels has the same name as a\.tif: give"):
        find_pairs(folders[0] / "a.tif", folders[1])
    with pytest.raises(UserError, match=r"No file in .*images has the same name as xa\.tif: give"):
        find_pairs(folders[0], folders[1] / "xa.tif")


def test_one_folder_for_both(folders):
    with pytest.raises(UserError, match="says in its name that it holds labels"):
        find_pairs(folders[0], folders[0])


def test_two_files_of_one_name(folders):
    skimage.io.imsave(folders[0] / "a.png", np.eye(4, dtype=np.uint8), check_contrast=False)
    with pytest.raises(UserError, match="both stand for a"):
        find_pairs(*folders)


@pytest.mark.parametrize("semantic", [False, True])
def test_of_our_own_results_the_meant_ones_are_taken(tmp_path, folders, semantic):
    for kind in ("instances", "semantic", "weights"):
        write_labels(tmp_path / "out" / f"a_{kind}.tif", np.eye(4, dtype=int))
    found, _ = match_files(tmp_path / "out", folders[1], semantic=semantic)
    assert found["a"][0].name == ("a_semantic.tif" if semantic else "a_instances.tif")


def test_files_that_are_only_called_like_results_are_told(folders):
    for folder in folders:
        (folder / "b.tif").rename(folder / "x_overlay.tif")
        write_labels(folder / "a_weights.tif", np.eye(4, dtype=int))
        write_labels(folder / "y_weights.tif", np.eye(4, dtype=int), made=Provenance())
    report = find_pairs(*folders)
    assert [pair.name for pair in report.pairs] == ["a", "c"]
    assert [note.startswith("x_overlay.tif: left out, as it is") for note in report.notes] == [
        *(True, True)
    ]


def write_zarr(path, labels):
    (level, *_) = LabelPyramid(labels.shape, "YX", (16, 16)).create(path, "uint8", path.stem)
    level[:] = labels


def test_zarr_is_paired_by_name(tmp_path, folders):
    labels = np.eye(48, dtype=np.uint8)
    for kind in ("instances", "semantic"):
        write_zarr(tmp_path / "out" / f"a_{kind}.zarr", labels)
    found, _ = match_files(tmp_path / "out", folders[1])
    assert [path.name for path in found["a"]] == ["a_instances.zarr", "a.tif"]
    (pair,) = find_pairs(folders[0], tmp_path / "out").pairs
    np.testing.assert_array_equal(pair.labels, labels)


def test_two_images_make_a_pair_whatever_their_names(tmp_path, folders):
    write_zarr(tmp_path / "found_semantic.zarr", np.eye(48, dtype=np.uint8))
    files, notes = match_files(tmp_path / "found_semantic.zarr", folders[1] / "b.tif")
    assert (list(files), notes) == (["found"], [])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.full((48, 48), 0.5, np.float32), "decimal"),
        (np.full((48, 48), -1, np.int16), "negative"),
        (np.ones((48, 40), np.uint8), "shape"),
        (np.dstack([np.eye(48), np.ones((48, 48)), np.eye(48)]).astype(np.uint8), "colour picture"),
    ],
    ids=["floats", "negative", "other shape", "colours"],
)
def test_bad_labels_are_told(folders, labels, words):
    tifffile.imwrite(folders[1] / "b.tif", labels)
    report = find_pairs(*folders)
    assert [pair.name for pair in report.pairs] == ["a", "c"]
    assert len(report.problems) == 1
    assert report.problems[0].startswith("b: ")
    assert words in report.problems[0]


def test_an_image_is_turned_round_but_not_a_mask(folders):
    picture, labels = np.uint8([[0, 9]] * 8), np.uint8([[0, 1]] * 8)
    for folder, data in zip(folders, (picture, labels), strict=True):
        tifffile.imwrite(folder / "n.tif", data, photometric="miniswhite", metadata=None)
    (pair,) = find_pairs(*folders, ["n"]).pairs
    np.testing.assert_array_equal(pair.image[0], 255 - picture)
    np.testing.assert_array_equal(pair.labels, labels)


def test_images_in_a_file_that_are_not_read_are_noted(folders):
    for folder in folders:
        with tifffile.TiffWriter(folder / "several.tif") as file:
            file.write(np.tri(8, dtype=np.uint8), metadata=None)
            file.write(np.tri(5, dtype=np.uint8), metadata=None)
    notes = find_pairs(*folders, ["several"]).notes
    assert [note.partition(" of 2")[0] for note in notes] == ["several: Only the first"] * 2


def test_pixel_sizes_that_differ_are_noted(folders):
    write_tiff(folders[0] / "a.tif", np.eye(48), "YX", (0.25, 0.25), "µm")
    write_labels(folders[1] / "a.tif", np.eye(48, dtype=int), "YX", (0.5, 0.5), "µm")
    report = find_pairs(*folders, ["a"])
    assert report.pairs[0].spacing == (0.25, 0.25)
    (note,) = report.notes
    assert note.startswith("a: A pixel is 0.25 x 0.25 µm (Y, X) in the image and 0.5 x 0.5 µm (Y")
    assert "that of the image is taken" in note


def test_constant_image_is_told(folders):
    tifffile.imwrite(folders[0] / "b.tif", np.zeros((48, 48), np.uint8))
    assert "same value" in find_pairs(*folders).problems[0]


def test_nothing_labelled(folders):
    blank = np.zeros((48, 48), np.uint8)
    tifffile.imwrite(folders[1] / "b.tif", blank)
    assert "nothing is labelled" in find_pairs(*folders).blank[0]
    for path in folders[1].iterdir():
        tifffile.imwrite(path, blank)
    with pytest.raises(UserError, match="paint some"):
        find_pairs(*folders)


@pytest.mark.parametrize("axis", [0, 2])
def test_channels_come_first(tmp_path, axis):
    labels = np.eye(8, dtype=np.uint8)
    image = np.random.default_rng(0).integers(0, 99, (3, 8, 8)).astype(np.uint8)
    np.save(tmp_path / "a.npy", np.moveaxis(image, 0, axis))
    np.save(tmp_path / "b.npy", labels)
    (pair,) = find_pairs(tmp_path / "a.npy", tmp_path / "b.npy").pairs
    np.testing.assert_array_equal(pair.image, image)


def test_an_axis_of_planes_is_not_taken_for_channels(folders):
    planes = np.random.default_rng(0).integers(0, 99, (6, 48, 48)).astype(np.uint8)
    for axes in ("ZYX", "TYX"):
        write_tiff(folders[0] / "a.tif", planes, axes)
        (told,) = find_pairs(*folders, ["a"]).problems
        assert f"(6, 48, 48), the axes {axes}, and its labels (48, 48): give labels of each" in told
    write_tiff(folders[0] / "a.tif", planes, "CYX")
    assert find_pairs(*folders, ["a"]).pairs[0].image.shape == planes.shape
    write_labels(folders[1] / "a.tif", planes, "ZYX")
    assert "without the channels" in find_pairs(*folders, ["a"]).problems[0]


@pytest.mark.parametrize(
    ("axes", "letters", "taken"),
    [
        ("ZTYX", "TZYX", (1, 0, 2, 3)),
        ("CZTYX", "TZYX", (0, 2, 1, 3, 4)),
        ("XY", "YX", (1, 0)),
        ("ZTYX", None, (0, 1, 2, 3)),
        (None, "TZYX", (0, 1, 2, 3)),
        ("TYX", "ZYX", (0, 1, 2)),
    ],
)
def test_axes_that_both_say_are_brought_into_one_order(axes, letters, taken):
    image = np.random.default_rng(0).random((4,) * len(taken))
    labels = np.zeros((4,) * len(letters or "TZYX"), int)
    pair = pair_of("a", Picture(image, axes), Picture(labels, letters))
    turned = image.transpose(taken)
    assert pair.axes == (letters or "ZTYX")
    np.testing.assert_array_equal(pair.image, turned if axes and "C" in axes else turned[None])


def test_axes_that_cannot_lie_on_each_other_are_refused():
    cube = np.zeros((4, 4, 4), int)
    with pytest.raises(UserError, match="the axes YXZ, and its labels"):
        pair_of("a", Picture(cube, "YXZ"), Picture(cube, "TYX"))


def test_ignored_pixels_may_have_any_number(tmp_path):
    image = np.arange(16).reshape(4, 4)
    np.save(tmp_path / "a.npy", image)
    np.save(tmp_path / "b.npy", np.where(image > 8, -1, image > 3).astype(np.int16))
    assert len(find_pairs(tmp_path / "a.npy", tmp_path / "b.npy", ignore=-1).pairs) == 1


@pytest.mark.parametrize(
    ("of_image", "of_labels", "taken"),
    [
        (None, (2.0, 0.5, 0.5), (2.0, 0.5, 0.5)),
        ((1.0, 0.5, 0.5), (2.0, 0.5, 0.5), (1.0, 0.5, 0.5)),
        ((2.0, 0.5, 0.5), None, (2.0, 0.5, 0.5)),
        (None, None, None),
    ],
)
def test_the_size_of_a_voxel_is_that_of_the_labels_where_the_image_says_none(
    of_image, of_labels, taken
):
    image, labels = np.random.default_rng(0).random((4, 5, 6)), np.zeros((4, 5, 6), int)
    pictures = [
        Picture(data, "ZYX", size, "µm" if size else "px")
        for data, size in ((image, of_image), (labels, of_labels))
    ]
    assert pair_of("a", *pictures).spacing == taken


def test_what_only_the_labels_say_of_a_voxel_is_added():
    image, labels = np.random.default_rng(0).random((4, 5, 6)), np.zeros((4, 5, 6), int)
    known = Picture(labels, "ZYX", (2.0, 0.5, 0.5), "µm")
    flat = Picture(image, "ZYX", partial=Spacing({"Y": 0.5, "X": 0.5}))
    assert pair_of("a", flat, known).spacing == (2.0, 0.5, 0.5)
    other = Picture(image, "ZYX", partial=Spacing({"Y": 0.3, "X": 0.3}))
    assert pair_of("a", other, known).spacing == (None, 0.3, 0.3)


@pytest.mark.parametrize(("ignored", "told"), [(0, "the whole image counts"), (12, "75 % that")])
def test_ignored_pixels_count_as_nothing(tmp_path, ignored, told):
    classes = np.zeros((48, 48), np.uint8)
    classes[:ignored] = 255
    for name, labels in (("a", classes), ("b", np.eye(48, dtype=np.uint8))):
        for part, picture in (("images", np.arange(48 * 48).reshape(48, 48)), ("labels", labels)):
            (tmp_path / part).mkdir(exist_ok=True)
            np.save(tmp_path / part / f"{name}.npy", picture)
    (sentence,) = find_pairs(tmp_path / "images", tmp_path / "labels", semantic=True).blank
    assert sentence.startswith("a: nothing is labelled; ")
    assert told in sentence
    assert sentence.endswith("as background.")
