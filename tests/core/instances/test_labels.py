"""Labels become classes object by object, whatever their numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import IGNORE, MOST_CLASSES
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.metrics import evaluate_classes
from napari_unet.core.instances.labels import class_image, compact_labels
from napari_unet.core.targets.targets import semantic_target

SHAPES = st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple)
LABELS = st.sampled_from([3, 300, 2**31 - 1]).flatmap(
    lambda high: arrays(np.int32, SHAPES, elements=st.integers(0, high))
)


@given(LABELS)
def test_compact_labels_are_the_different_numbers_and_which_each_is(labels):
    numbers, which = compact_labels(labels)
    assert numbers.tolist() == np.unique(labels).tolist()
    assert which.shape == labels.shape
    np.testing.assert_array_equal(numbers[which], labels)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64, np.int64])
def test_compact_labels_of_any_integer_type(dtype):
    low = np.iinfo(dtype).min
    labels = np.array([[0, low, 100], [7, 7, 0]], dtype)
    numbers, which = compact_labels(labels)
    assert numbers.tolist() == sorted({low, 0, 7, 100})
    np.testing.assert_array_equal(numbers[which], labels)


@given(LABELS, st.dictionaries(st.integers(1, 4), st.integers(1, 5)))
def test_each_pixel_has_the_class_of_its_object(labels, classes):
    found = class_image(labels, classes, 6)
    assert (found.dtype, found.shape) == (np.uint8, labels.shape)
    expected = [classes.get(number, 1) if number else 0 for number in labels.ravel().tolist()]
    assert found.ravel().tolist() == expected


def test_a_class_that_there_is_not_is_refused():
    with pytest.raises(UserError, match="Object 2 has class 3"):
        class_image(np.array([1, 2]), {2: 3}, 3)


@pytest.mark.parametrize("count", [MOST_CLASSES + 1, IGNORE, IGNORE + 1, 70_000])
def test_more_classes_than_a_class_image_has_numbers_are_refused_everywhere(count):
    one = np.ones((2, 2), np.int32)
    for act in (
        lambda: class_image(one, {1: count}, count + 1),
        lambda: semantic_target(one * count, count + 1),
        lambda: evaluate_classes(one * count, one, count + 1),
    ):
        with pytest.raises(UserError, match=f"at most {MOST_CLASSES} classes, not {count:,}"):
            act()
    with pytest.raises(UserError, match=f"a class from 1 to {MOST_CLASSES}"):
        Annotation(one, classes={1: count})


def test_the_last_class_is_learnt_and_not_ignored():
    one = np.ones((2, 2), np.int32)
    assert (class_image(one, {1: MOST_CLASSES}, MOST_CLASSES + 1) == MOST_CLASSES).all()
    target = semantic_target(one * MOST_CLASSES, MOST_CLASSES + 1)
    assert (target.semantic == MOST_CLASSES).all()
    assert target.weight.all()
