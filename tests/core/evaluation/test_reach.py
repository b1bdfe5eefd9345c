"""An object that is found is cut to what counts only where a painted one is cut, too."""

import numpy as np
import pytest

from napari_unet.core.evaluation.metrics import compare
from napari_unet.core.evaluation.reach import uncounted


def discs(ndim=2, radius=4):
    """Four objects, apart from each other."""
    shape = (24, 24) if ndim == 2 else (12, 24, 24)
    labels = np.zeros(shape, np.int32)
    grid = np.indices(shape)
    for number, centre in enumerate(((6, 6), (6, 18), (18, 6), (18, 18)), 1):
        middle = centre if ndim == 2 else (6, *centre)
        away = sum((axis - at) ** 2 for axis, at in zip(grid, middle, strict=True))
        labels[away <= radius**2] = number
    return labels


def quarters(ndim=2):
    """What covers everything, an object for each."""
    shape = (24, 24) if ndim == 2 else (12, 24, 24)
    row, column = np.indices(shape)[-2:]
    return 1 + 2 * (row >= 12) + (column >= 12)


def ap(found, labels, ignored):
    truth = np.where(ignored, 0, labels)
    return compare(found, truth, ignore=uncounted(found, labels, ignored)).at(0.5).ap


@pytest.mark.parametrize("ndim", [2, 3])
def test_what_covers_everything_fits_no_object_that_was_painted_alone(ndim):
    labels = discs(ndim)
    alone = labels == 0
    assert compare(quarters(ndim), labels, ignore=alone).at(0.5).ap == 1
    assert ap(quarters(ndim), labels, alone) == 0
    assert ap(labels, labels, alone) == 1


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_object_that_the_edge_of_a_rectangle_cuts_may_be_found_whole(ndim):
    labels = discs(ndim)
    ignored = np.zeros(labels.shape, bool)
    ignored[..., 7:] = True
    painted = np.where(ignored, 0, labels)
    np.testing.assert_array_equal(uncounted(labels, painted, ignored), ignored)
    assert ap(labels, painted, ignored) == 1


def test_nor_is_one_judged_whole_whose_other_part_was_put_aside():
    labels = discs()
    ignored = labels == 0
    ignored[:, 5:] = True
    np.testing.assert_array_equal(uncounted(labels, labels, ignored), ignored)
    assert ap(labels, labels, ignored) == 1


def test_what_is_found_where_nothing_is_annotated_counts_for_nothing():
    labels = np.where(discs() == 1, 1, 0)
    assert ap(discs(), labels, labels == 0) == 1


def test_where_all_counts_nothing_changes():
    nothing = np.zeros((24, 24), bool)
    np.testing.assert_array_equal(uncounted(quarters(), discs(), nothing), nothing)
