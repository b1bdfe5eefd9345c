"""An annotation survives its files, whole."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.annotation import AnnotatedImage, Annotation
from napari_unet.core.errors import UserError
from napari_unet.io.annotations import read_annotations, write_annotation

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


def test_what_is_not_there_was_not_painted(tmp_path):
    write_annotation(tmp_path, make())
    (found,) = read_annotations(tmp_path)
    assert not found.annotation.sparse
    assert (found.annotation.weight, found.annotation.classes) == (None, {})


def test_no_rectangle_is_not_the_same_as_no_rectangles_to_draw(tmp_path):
    write_annotation(tmp_path, make(boxes=np.empty((0, 2, 2), int)))
    (found,) = read_annotations(tmp_path)
    assert found.annotation.sparse
    assert found.annotation.boxes.shape == (0, 2, 2)


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
