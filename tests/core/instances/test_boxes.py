"""Boxes around objects, against a look at every pixel of every object."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal

from napari_unet.core.instances.boxes import around, box_of, object_boxes, pixels_of

LABELS = arrays(
    np.int64, array_shapes(min_dims=2, max_dims=3, max_side=6), elements=st.sampled_from([0, 2, 9])
)


@given(LABELS)
def test_every_object_fills_its_box(labels):
    boxes = object_boxes(labels)
    assert sorted(boxes) == sorted(set(np.unique(labels).tolist()) - {0})
    for number, box in boxes.items():
        pixels = pixels_of(labels, number, box)
        assert_array_equal(pixels, np.nonzero(labels == number))
        assert box_of(pixels, labels.shape) == box


def test_numbers_may_be_large():
    labels = np.array([[0, 2**31 - 1], [7, 7]])
    assert object_boxes(labels) == {
        7: (slice(1, 2), slice(0, 2)),
        2**31 - 1: (slice(0, 1), slice(1, 2)),
    }


def test_pixels_may_be_told_by_slices_and_numbers():
    box = box_of((3, slice(None, 2)), (5, 6, 7))
    assert box == (slice(3, 4), slice(0, 2), slice(0, 7))
    assert around(None, box) == box
    assert around(box, (slice(0, 1), slice(1, 4), slice(2, 3))) == (
        *(slice(0, 4), slice(0, 4), slice(0, 7)),
    )
