"""No number is used in two planes that were segmented one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from napari_unet.core.instances.labels import numbers_in
from napari_unet.ui.segment.result.numbers import TakenNumbers

PLACES = st.dictionaries(st.integers(0, 1), st.integers(0, 2))


@given(st.lists(st.tuples(PLACES, st.integers(0, 9)), max_size=30))
def test_no_number_is_in_two_parts(steps):
    taken, layer = TakenNumbers(), np.zeros((3, 3, 9), np.int32)
    for planes, count in steps:
        part = tuple(planes.get(axis, slice(None)) for axis in range(2))
        objects = np.zeros(layer[part].shape, np.int32)
        objects[..., :count] = np.arange(1, count + 1)
        others = np.ones(layer.shape, bool)
        others[part] = False
        written = taken.numbered(objects, planes)
        assert not {*numbers_in(written)} & {*numbers_in(layer[others])}
        assert (written > 0).sum() == (objects > 0).sum()
        layer[part] = written


def test_numbers_come_back_and_are_not_used_up():
    taken, objects = TakenNumbers(), np.array([0, 1, 2, 3], np.int32)
    assert_array_equal(taken.numbered(objects, {}), objects)
    for _ in range(5):
        assert_array_equal(taken.numbered(objects, {0: 1}), [0, 4, 5, 6])
        assert_array_equal(taken.numbered(objects, {0: 2}), [0, 7, 8, 9])
    written = taken.numbered(objects, {0: 1})
    assert written.dtype == objects.dtype
    assert_array_equal(taken.numbered(objects, {}), objects)
