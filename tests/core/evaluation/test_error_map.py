"""Errors are painted where they are, and what a training has corrected with them."""

import numpy as np

from napari_unet.core.evaluation.error_map import (
    CORRECTED,
    FALSE,
    MISSED,
    class_error_map,
    object_error_map,
)


def objects(*columns: tuple[int, int]) -> np.ndarray:
    """A row of objects, numbered from 7, each between two columns."""
    row = np.zeros((2, 40), np.int32)
    for number, (low, high) in enumerate(columns, 7):
        row[:, low:high] = number
    return row


def test_changed_objects_are_painted_with_their_pixels():
    truth = objects((0, 4), (6, 10), (12, 16), (30, 34))
    before = objects((0, 4), (12, 13))
    after = objects((0, 4), (6, 9), (12, 13), (20, 23))
    ignored = np.zeros(truth.shape, bool)
    ignored[:, 29:] = True
    expected = np.zeros(truth.shape, np.uint8)
    expected[:, 6:10] = CORRECTED
    expected[:, 12:16] = MISSED
    expected[:, 20:23] = FALSE
    np.testing.assert_array_equal(object_error_map(before, after, truth, ignored), expected)


def test_what_is_painted_under_ignored_pixels_does_not_matter():
    chance = np.random.default_rng(0)
    truth, before, after = chance.integers(0, 4, (3, 12, 12))
    ignored = chance.random((12, 12)) < 0.3
    results = []
    for _ in range(2):
        truth, before, after = (
            np.where(ignored, chance.integers(0, 9, (12, 12)), each)
            for each in (truth, before, after)
        )
        results.append(object_error_map(before, after, truth, ignored))
        results.append(class_error_map(before, after, truth, ignored))
    np.testing.assert_array_equal(results[0], results[2])
    np.testing.assert_array_equal(results[1], results[3])


def test_an_exact_half_is_found():
    truth, after = objects((0, 4)), objects((0, 2))
    assert not object_error_map(None, after, truth, truth < 0).any()


def test_changed_classes_pixel_by_pixel():
    truth, before, after = np.array([[0, 1, 2, 0, 1], [0, 2, 1, 0, 1], [0, 1, 1, 2, 0]])
    result = class_error_map(before, after, truth, truth < 0)
    np.testing.assert_array_equal(result, [0, CORRECTED, MISSED, FALSE, MISSED])
