"""An annotation survives its files, whole."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.io.annotations import write
from napari_unet.io.annotations.find import find_annotation
from napari_unet.io.annotations.read import read_annotations
from napari_unet.io.annotations.write import write_annotation

AXES = {"YX": (12, 14), "TYX": (3, 12, 14), "ZYX": (4, 12, 14), "YXC": (12, 14, 3)}


def make(axes="YX", dtype=np.uint8, **parts):
    chance = np.random.default_rng(0)
    image = (chance.random(AXES[axes]) * 200).astype(dtype)
    shape = AXES[axes.replace("C", "")] if "C" in axes else AXES[axes]
    labels = chance.integers(0, 4, shape).astype(np.uint32)
    return AnnotatedImage("cells", image, axes, Annotation(labels, **parts))


def everything(axes):
    plain = make(axes)
    shape = plain.annotation.instances.shape
    chance = np.random.default_rng(1)
    boxes = np.stack([np.zeros((2, len(shape)), int), chance.integers(1, 9, (2, len(shape)))], 1)
    annotation = replace(
        plain.annotation,
        marks=chance.integers(0, 3, shape).astype(np.uint8),
        boxes=boxes,
        classes={1: 2, 3: 1},
        weight=chance.random(shape).astype(np.float32),
    )
    return replace(plain, annotation=annotation)


@pytest.mark.parametrize("axes", AXES)
def test_everything_comes_back(tmp_path, axes):
    given = everything(axes)
    write_annotation(tmp_path, given)
    (found,) = read_annotations(tmp_path)
    assert found.name == "cells"
    assert found.channels == given.channels
    for part in ("instances", "marks", "boxes", "weight"):
        assert_array_equal(getattr(found.annotation, part), getattr(given.annotation, part))
    assert found.annotation.classes == given.annotation.classes
    assert_array_equal(found.annotation.ignored(), given.annotation.ignored())


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "i4", "f4", "f8"])
def test_pixels_keep_their_values_and_size(tmp_path, dtype):
    given = replace(make(dtype=dtype), spacing=(0.5, 0.25))
    write_annotation(tmp_path, given)
    (found,) = read_annotations(tmp_path)
    assert_array_equal(found.image[0], given.image)
    assert found.spacing == pytest.approx((0.5, 0.25))


@pytest.mark.parametrize("dtype", [np.uint8, np.float64])
def test_the_scale_is_kept_where_the_size_is_unknown(tmp_path, dtype):
    given = replace(make("ZYX", dtype), scale=(4.0, 1.0, 2.0))
    write_annotation(tmp_path, given)
    (found,) = read_annotations(tmp_path)
    assert found.spacing is None
    assert found.scale == pytest.approx(given.scale)
    assert found.voxel(3) == pytest.approx(given.voxel(3))


def test_what_is_not_there_was_not_painted(tmp_path):
    write_annotation(tmp_path, make())
    (found,) = read_annotations(tmp_path)
    assert not found.annotation.sparse
    assert (found.annotation.weight, found.annotation.classes) == (None, {})


def test_saving_again_drops_what_is_no_longer_there(tmp_path):
    full = everything("YX")
    write_annotation(tmp_path, replace(full, image=full.image + 1, name="other"), LOOKS)
    write_annotation(tmp_path, full, LOOKS)
    plain = replace(full, annotation=Annotation(full.annotation.instances))
    write_annotation(tmp_path, plain, keep=["weights"])
    found, looks = find_annotation(tmp_path, "cells", full.image)
    assert (found.annotation.sparse, found.annotation.classes, looks) == (False, {}, [])
    assert_array_equal(found.annotation.weight, full.annotation.weight)
    write_annotation(tmp_path, plain)
    assert sorted(tmp_path.rglob("cells.*")) == [
        tmp_path / part / "cells.tif" for part in ("images", "labels")
    ]
    assert len(list(tmp_path.rglob("other.*"))) == 7


def test_nothing_is_dropped_before_all_is_written(tmp_path, monkeypatch):
    full = everything("YX")
    write_annotation(tmp_path, full, LOOKS)
    there = {path: path.read_bytes() for path in tmp_path.rglob("cells.*")}
    monkeypatch.setattr(write, "write_labels", _full_disk)
    with pytest.raises(UserError, match="disk is full"):
        write_annotation(tmp_path, replace(full, annotation=make().annotation))
    assert {path: path.read_bytes() for path in tmp_path.rglob("cells.*")} == there


def _full_disk(*given):
    raise UserError("The disk is full.")


def test_no_rectangle_is_not_the_same_as_no_rectangles_to_draw(tmp_path):
    write_annotation(tmp_path, make(boxes=np.empty((0, 2, 2), int)))
    (found,) = read_annotations(tmp_path)
    assert found.annotation.sparse
    assert found.annotation.boxes.shape == (0, 2, 2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plate/well A1", "plate_well A1"),
        ("C:\\plate\\A1", "C__plate_A1"),
        ("a: b*?", "a_ b"),
        ("..", "image"),
        ("cells_mask", "cells"),
        ("/cells_weights", "cells"),
        ("cells.tif", "cells.tif"),
    ],
)
def test_any_name_comes_back(tmp_path, name, expected):
    given = replace(everything("YX"), name=name)
    assert write_annotation(tmp_path, given) == expected
    (found,) = read_annotations(tmp_path)
    assert_array_equal(found.annotation.instances, given.annotation.instances)
    assert_array_equal(found.annotation.marks, given.annotation.marks)
    assert found.annotation.classes == given.annotation.classes
    assert {file.parent.parent for file in tmp_path.rglob("*.*")} == {tmp_path}


@pytest.mark.parametrize("axes", AXES)
def test_another_image_of_the_same_name_is_left_alone(tmp_path, axes):
    first = everything(axes)
    others = [replace(first, image=first.image + shade, name="Cells") for shade in (1, 2)]
    names = [write_annotation(tmp_path, each) for each in (first, *others)]
    assert names == ["cells", "Cells 2", "Cells 3"]
    corrected = np.where(first.annotation.instances == 1, 0, first.annotation.instances)
    again = replace(others[0], annotation=replace(first.annotation, instances=corrected))
    assert write_annotation(tmp_path, again) == "Cells 2"
    found = {each.name: each for each in read_annotations(tmp_path)}
    assert list(found) == ["Cells 2", "Cells 3", "cells"]
    for name, written in {"cells": first, "Cells 2": again, "Cells 3": others[1]}.items():
        assert_array_equal(found[name].annotation.instances, written.annotation.instances)
        assert found[name].image.sum() == written.image.sum()


@pytest.mark.parametrize("value", [0, np.nan])
def test_an_image_that_cannot_be_trained_on_is_still_the_same(tmp_path, value):
    plain = make(dtype=np.float32)
    given = replace(plain, image=np.full_like(plain.image, value))
    assert [write_annotation(tmp_path, given) for _ in range(2)] == ["cells", "cells"]


LOOKS = [("round, small", "#ffb000"), ("spread “out”", "#DC267F")]


def test_signed_grey_values_that_were_saved_as_in_their_file_are_the_same_image(tmp_path):
    given = make(dtype=np.uint16)
    write_annotation(tmp_path, given)
    signed = replace(given, image=(given.image.astype(int) - 2**15).astype(np.int16))
    found, _ = find_annotation(tmp_path, "cells", signed.image)
    assert_array_equal(found.annotation.instances, given.annotation.instances)
    assert [write_annotation(tmp_path, signed) for _ in range(2)] == ["cells", "cells"]
    with pytest.raises(UserError, match="no annotation of “cells” in it"):
        find_annotation(tmp_path, "cells", given.image)


@pytest.mark.parametrize("axes", AXES)
def test_the_annotation_of_an_image_is_found_by_its_pixels(tmp_path, axes):
    given = everything(axes)
    other = replace(given, image=given.image + 1)
    for each, looks in ((other, ()), (given, LOOKS), (replace(given, name="a"), ())):
        write_annotation(tmp_path, each, looks)
    found, looks = find_annotation(tmp_path, "cells", given.image)
    assert (found.name, looks) == ("cells 2", LOOKS)
    for part in ("instances", "marks", "boxes", "weight"):
        assert_array_equal(getattr(found.annotation, part), getattr(given.annotation, part))
    assert found.annotation.classes == given.annotation.classes
    renamed, looks = find_annotation(tmp_path, "renamed", other.image)
    assert (renamed.name, looks) == ("cells", [])
    with pytest.raises(UserError, match="no annotation of “cells” in it"):
        find_annotation(tmp_path, "cells", given.image + 2)
    with pytest.raises(UserError, match="no annotation of “cells” in it"):
        find_annotation(tmp_path / "nothing", "cells", given.image)


@pytest.mark.parametrize("axes", ["YXZ", "YZX", "ZXCY", "YXTZ"])
def test_axes_in_another_order(tmp_path, axes):
    sizes = {"T": 2, "Z": 3, "C": 4, "Y": 12, "X": 14}
    chance = np.random.default_rng(0)
    shape = tuple(sizes[letter] for letter in axes if letter != "C")
    annotation = Annotation(
        chance.integers(0, 4, shape),
        chance.integers(0, 3, shape).astype(np.uint8),
        np.stack([np.zeros((2, len(shape)), int), chance.integers(1, 9, (2, len(shape)))], 1),
        {1: 2},
        chance.random(shape).astype(np.float32),
    )
    image = chance.integers(0, 200, tuple(sizes[letter] for letter in axes)).astype(np.uint8)
    steps = {"Z": 2.0, "Y": 0.5, "X": 0.25}
    spacing = tuple(steps[letter] for letter in axes if letter in steps)
    given = AnnotatedImage("v", image, axes, annotation, spacing)
    assert [write_annotation(tmp_path, given) for _ in range(2)] == ["v", "v"]
    found, _ = find_annotation(tmp_path, "v", image)
    for part in ("instances", "marks", "boxes", "weight"):
        assert_array_equal(getattr(found.annotation, part), getattr(annotation, part))
    assert found.axes == "C" + axes.replace("C", "")
    assert found.spacing == pytest.approx(spacing)
    write_annotation(tmp_path / "scale", replace(given, spacing=None, scale=spacing))
    assert find_annotation(tmp_path / "scale", "v", image)[0].scale == pytest.approx(spacing)
    assert_array_equal(np.moveaxis(found.image, 0, axes.find("C")).squeeze(), image)


@pytest.mark.parametrize("row", ["1,cell,red", "one,cell,#ffb000", "1,cell"])
def test_class_names_that_cannot_be_read(tmp_path, row):
    write_annotation(tmp_path, make(), LOOKS)
    (tmp_path / "class_names" / "cells.csv").write_text(f"class,name,colour\n{row}\n")
    with pytest.raises(UserError, match=r"cells\.csv must be a table with the columns class, name"):
        find_annotation(tmp_path, "cells", make().image)


def test_files_of_another_kind_are_left_alone(tmp_path):
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "cells_mask.png").write_bytes(b"somebody's")
    assert write_annotation(tmp_path, make()) == "cells 2"


def test_bad_folders_are_refused_in_one_sentence(tmp_path):
    with pytest.raises(UserError, match="no folder of annotations"):
        read_annotations(tmp_path)
    write_annotation(tmp_path, everything("YX"))
    table = tmp_path / "rectangles" / "cells.csv"
    table.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match=r"cells: cells\.csv must be a table"):
        read_annotations(tmp_path)
    table.unlink()
    write_annotation(tmp_path / "other", make("ZYX", marks=np.zeros(AXES["ZYX"], np.uint8)))
    (tmp_path / "other" / "marks" / "cells.tif").replace(tmp_path / "marks" / "cells.tif")
    with pytest.raises(UserError, match="cells: The marks are"):
        read_annotations(tmp_path)


def test_one_number_in_many_pieces_may_be_painted(tmp_path):
    painted = np.zeros((12, 40), np.uint8)
    for start in (2, 15, 28):
        painted[4:9, start : start + 8] = 1
    image = np.random.default_rng(0).random(painted.shape)
    write_annotation(tmp_path, AnnotatedImage("cells", image, "YX", Annotation(painted)))
    assert_array_equal(read_annotations(tmp_path)[0].annotation.instances, painted)


def test_who_made_the_objects_comes_back(tmp_path):
    record = Record(frozenset({1, 9}), frozenset({9}), frozenset({3}))
    objects = np.ones((4, 5), np.int32)
    annotation = Annotation(objects, record=record)
    image = np.arange(20, dtype=np.uint8).reshape(4, 5)
    write_annotation(tmp_path, AnnotatedImage("cells", image, "YX", annotation))
    (found,) = read_annotations(tmp_path)
    assert found.annotation.record == record
    (tmp_path / "proof_read" / "cells.csv").write_text("object,made_by\n1,nobody\n")
    with pytest.raises(UserError, match="whole numbers under object, accepted, edited"):
        read_annotations(tmp_path)


def test_names_of_classes_come_back_without_colours_and_from_a_spreadsheet(tmp_path):
    given = make(classes={1: 2}, class_names=("odd", "even"))
    write_annotation(tmp_path, given)
    table = tmp_path / "class_names" / "cells.csv"
    for encoding in ("utf-8", "utf-8-sig"):  # the latter is Excel's "CSV UTF-8"
        table.write_text(table.read_text("utf-8"), encoding)
        (found,) = read_annotations(tmp_path)
        assert found.annotation.class_names == ("odd", "even")
    write_annotation(tmp_path, given, LOOKS)
    assert find_annotation(tmp_path, "cells", given.image)[1] == LOOKS


def test_a_class_without_a_name_is_no_other_class(tmp_path):
    write_annotation(tmp_path, make(classes={1: 2}, class_names=("odd", "even")))
    (tmp_path / "class_names" / "cells.csv").write_text("class,name,colour\n2,even,#ffffff\n")
    with pytest.raises(UserError, match=r"cells: class_names/cells\.csv must name the classes 1"):
        read_annotations(tmp_path)
