"""Which objects look how, without a window."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet import UserError
from napari_unet.ui.measure.look import MOST, ObjectLook, mean_by_label, take_away


def test_an_object_in_several_frames_has_its_mean():
    labels, values = np.array([5, 2, 5, 7]), np.array([1.0, 4.0, 2.0, np.nan])
    numbers, means = mean_by_label(labels, values)
    assert numbers.tolist() == [2, 5, 7]
    np.testing.assert_array_equal(means, [4, 1.5, np.nan])


def test_values_that_differ_in_their_last_digits_are_one():
    """As the distances of objects in rows, for which numpy then finds no bars."""
    values = np.array([2.3, 2.3000000000000007, np.nan, 2.3])
    _, means = mean_by_label(np.arange(4), values)
    np.testing.assert_array_equal(means, [2.3, 2.3, np.nan, 2.3])
    np.histogram(means[np.isfinite(means)], bins=40)
    _, means = mean_by_label(np.arange(2), np.array([2.3, 2.30001]))
    np.testing.assert_array_equal(means, [2.3, 2.30001])


def test_colours_come_and_go_and_nothing_else_changes():
    layer = Labels(np.array([[1, 2, 3, 4]]))
    own, look = layer.colormap, ObjectLook(layer)
    numbers, nobody = np.array([1, 2, 3]), np.zeros(3, bool)
    look.show(numbers, np.array([1.0, 5.0, np.nan]), nobody)
    low, high, unknown, painted = layer.colormap.map(np.array([1, 2, 3, 4]))
    assert low[2] > low[1]  # dark blue
    assert high[0] > high[2]  # yellow
    np.testing.assert_allclose(unknown, painted)
    look.show(numbers, None, np.array([True, False, False]))
    np.testing.assert_allclose(layer.colormap.map(np.array([0, 1]))[:, 3], 0)
    np.testing.assert_allclose(layer.colormap.map(numbers[1:]), own.map(numbers[1:]))
    look.show(numbers, None, nobody)
    assert layer.colormap is own


def test_numbers_too_high_for_napari_keep_their_colours():
    layer = Labels(np.array([[1, MOST, MOST + 1]]))
    own, look = layer.colormap, ObjectLook(layer)
    numbers = np.array([1, MOST])
    look.show(numbers, np.array([1.0, 2.0]), np.zeros(2, bool))
    assert layer.colormap is not own
    numbers = np.array([1, MOST, MOST + 1])
    look.show(numbers, np.array([1.0, 2.0, 3.0]), np.zeros(3, bool))
    assert layer.colormap is own


def test_nothing_is_taken_from_what_cannot_be_changed():
    from dask import array  # noqa: PLC0415

    viewer = ViewerModel()
    layer = viewer.add_labels(array.ones((8, 8), dtype=int), name="large")
    with pytest.raises(UserError, match="part by part"):
        take_away(viewer, layer, np.array([1]))
