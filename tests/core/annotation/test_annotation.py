"""Which pixels count: dense and sparse annotation are one scheme."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from napari_unet.core.annotation.annotation import BACKGROUND, IGNORED, AnnotatedImage, Annotation
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import class_image

SHAPES = st.sampled_from([(7, 9), (4, 5, 6)])


def objects(shape, chance):
    return chance.integers(0, 3, shape) * (chance.random(shape) < 0.3)


@given(SHAPES, st.integers(0, 99))
def test_a_plain_label_image_counts_everywhere(shape, seed):
    painted = objects(shape, np.random.default_rng(seed))
    assert not Annotation(painted).ignored().any()


@given(SHAPES, st.integers(0, 99))
def test_each_pixel_follows_the_one_sentence(shape, seed):
    chance = np.random.default_rng(seed)
    painted, marks = objects(shape, chance), chance.integers(0, 3, shape).astype(np.uint8)
    low = chance.integers(-2, 3, (2, len(shape)))
    boxes = np.stack([low, low + chance.integers(0, 5, low.shape)], axis=1)
    found = Annotation(painted, marks, boxes).ignored()
    for pixel in np.ndindex(shape):
        boxed = any((pixel >= first).all() and (pixel < end).all() for first, end in boxes)
        counts = painted[pixel] > 0 or marks[pixel] == BACKGROUND or boxed
        assert found[pixel] == (not counts or marks[pixel] == IGNORED)


def test_where_nothing_is_marked_only_objects_count():
    painted = np.eye(5, dtype=int)
    assert_array_equal(Annotation(painted, np.zeros((5, 5), np.uint8)).ignored(), painted == 0)
    assert_array_equal(Annotation(painted, boxes=np.empty((0, 2, 2), int)).ignored(), painted == 0)


@pytest.mark.parametrize(
    "parts",
    [
        {"marks": np.zeros((5, 6), np.uint8)},
        {"weight": np.zeros((5, 6), np.float32)},
        {"boxes": np.zeros((1, 2, 3), int)},
    ],
    ids=["marks", "weight", "boxes"],
)
def test_parts_that_do_not_fit_are_refused(parts):
    with pytest.raises(UserError, match="must"):
        Annotation(np.zeros((5, 5), int), **parts)


def test_an_image_of_another_size_is_refused():
    annotation = Annotation(np.zeros((5, 6), int))
    assert AnnotatedImage("a", np.zeros((5, 3, 6)), "YCX", annotation).channels == 3
    with pytest.raises(UserError, match="must be the same"):
        AnnotatedImage("a", np.zeros((5, 5)), "YX", annotation)


def test_pixels_have_the_class_of_their_object():
    labels = np.array([[0, 1, 2], [70_000, 3, 0]])
    expected = [[0, 1, 2], [3, 1, 0]]
    assert_array_equal(class_image(labels, {2: 2, 70_000: 3, 99: 2}, 4), expected)
    assert_array_equal(class_image(labels, {}, 2), labels > 0)
    with pytest.raises(UserError, match="Object 2 has class 2"):
        class_image(labels, {2: 2}, 2)


@pytest.mark.parametrize(
    ("axes", "spacing", "ndim", "expected"),
    [
        ("CZYX", (2.0, 0.5, 0.5), 3, (4, 1, 1)),
        ("YXZ", (0.5, 1.0, 2.0), 3, (4, 1, 2)),
        ("ZYX", (2.0, 0.5, 0.5), 2, ()),
        ("ZYX", None, 3, ()),
        ("TYX", (0.5, 0.5), 3, ()),
    ],
)
def test_the_sides_of_a_voxel_are_told_to_a_3d_network(axes, spacing, ndim, expected):
    shape = (3,) * len(axes)
    labels = np.zeros(shape[: len(axes.replace("C", ""))], np.int32)
    image = AnnotatedImage("a", np.zeros(shape), axes, Annotation(labels), spacing)
    assert image.voxel(ndim) == expected
    unmeasured = AnnotatedImage("a", image.image, axes, image.annotation, scale=spacing)
    assert unmeasured.voxel(ndim) == expected
