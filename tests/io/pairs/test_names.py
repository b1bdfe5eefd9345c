"""Which files belong together, by the names that programs give them."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.io.pairs.match import match_files
from napari_unet.io.pairs.names import says_labels, short_name
from napari_unet.io.tiff.write import write_labels


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a.tif", "a"),
        ("a_labels.tif", "a"),
        ("a_images_instances.tif", "a"),
        ("_mask.tif", "_mask"),
        ("a.b.tif", "a.b"),
        ("a.b", "a.b"),
        ("a.zarr", "a"),
        ("a_instances.zarr", "a"),
        ("a.ome_instances.ZARR", "a"),
        ("a_cp_masks.png", "a"),
        ("a.ome.tif", "a"),
        ("A_Mask.TIF", "A"),
        ("a_Simple Segmentation.tiff", "a"),
        ("a_RoiSet.zip", "a"),
        ("RoiSet_a.zip", "a"),
        ("RoiSet.zip", "RoiSet"),
        ("a-labels.tif", "a"),
        ("a-lbl.tif", "a"),
        ("a-dist-watershed.tif", "a"),
        ("a_annotation_instances.tif", "a"),
        ("LblImg_a.tif", "a"),
        ("Count Masks of a.tif", "a"),
    ],
)
def test_short_names(file, name):
    assert short_name(file) == name


def test_names_that_say_labels():
    assert all(
        map(says_labels, ("a_Masks.TIF", "a_cp_masks.png", "a_seg.ome.tif", "a_semantic.zarr"))
    )
    assert all(map(says_labels, ("a-mask.tif", "RoiSet_a.zip", "Mask of a.tif")))
    assert not any(map(says_labels, ("a.tif", "a_img.tif", "masked.tif", "a_weights.tif")))


def matched(folder, ones, others, **options):
    for part, names in (("ones", ones), ("others", others)):
        for name in names:
            write_labels(folder / part / name, np.eye(8, dtype=int))
    files, notes = match_files(folder / "ones", folder / "others", **options)
    return {name: (one.name, other.name) for name, (one, other) in files.items()}, notes


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("c0.tif", "c0_cp_masks.tif", "c0"),
        ("c0.ome.tif", "c0_labels.ome.tif", "c0"),
        ("c0.ome.tif", "c0.tif", "c0"),
        ("C0.TIF", "c0_Mask.tif", "C0"),
        ("c0_img.tif", "c0_masks.tif", "c0"),
        ("c0.tif", "c0-labels.tif", "c0"),
        ("c0.tif", "LblImg_c0.tif", "c0"),
        ("Zelle_ä.tif", "zelle_a\u0308_Labels.tif", "Zelle_ä"),
    ],
)
def test_pairs_that_everybody_sees(tmp_path, one, other, name):
    assert matched(tmp_path, [one], [other]) == ({name: (one, other)}, [])
    assert list(match_files(tmp_path / "ones", tmp_path / "others", [name])[0]) == [name]


@pytest.mark.parametrize("names", [["A.tif", "a.tif"], ["a.tif", "a_img.tif"]])
def test_names_that_differ_in_little_are_told_apart_where_both_folders_have_them(tmp_path, names):
    files, notes = matched(tmp_path, names, names)
    assert (sorted(files.values()), notes) == ([(name, name) for name in names], [])


def test_of_two_files_of_one_name_the_one_that_is_meant_is_taken(tmp_path):
    both = ["c0.tif", "c0_cp_masks.tif"]
    files, notes = matched(tmp_path, both, both, images=True)
    assert files == {"c0": ("c0.tif", "c0_cp_masks.tif")}
    assert [note.partition(":")[0] for note in notes] == ["c0_cp_masks.tif", "c0.tif"]
    with pytest.raises(UserError, match="both stand for"):
        matched(tmp_path, ["c0_labels.tif", "c0_masks.tif"], ["c0.tif"])


def test_images_and_their_labels_may_be_in_one_folder(tmp_path):
    for name in ("a.tif", "a_masks.tif", "b.tif", "b_cp_masks.tif", "c.tif", "d_labels.tif"):
        write_labels(tmp_path / name, np.eye(8, dtype=int))
    files, notes = match_files(tmp_path, tmp_path, images=True)
    named = {name: (image.name, labels.name) for name, (image, labels) in files.items()}
    assert named == {"a": ("a.tif", "a_masks.tif"), "b": ("b.tif", "b_cp_masks.tif")}
    assert notes == [f"{name}: left out, as nothing belongs to it." for name in "cd"]
    with pytest.raises(UserError, match="given twice"):
        match_files(tmp_path, tmp_path)


def test_one_folder_in_which_nothing_says_labels_is_refused(tmp_path):
    write_labels(tmp_path / "a.tif", np.eye(8, dtype=int))
    with pytest.raises(UserError, match="call the labels of"):
        match_files(tmp_path, tmp_path, images=True)
