"""What the recipe of the bundled model does to its training images."""

import numpy as np
import pytest
from crowding import crowded
from numpy.testing import assert_array_equal
from scipy import ndimage

from napari_unet.io.bundled import load_sample


@pytest.fixture(scope="module")
def plane():
    image, truth = (picture.data[2] for picture in load_sample("nuclei2d"))
    whole = [number for number in np.unique(truth) if ndimage.label(truth == number)[1] == 1]
    return image, np.where(np.isin(truth, whole), truth, 0)


def test_nuclei_are_added_and_light_is_only_added_to(plane):
    image, truth = plane
    brighter, labels = crowded(image, truth, np.random.default_rng(0))
    assert brighter.dtype == image.dtype
    assert (brighter >= image).all()
    added = np.setdiff1d(labels, truth)
    assert 5 < added.size <= np.unique(truth).size - 1
    assert_array_equal(labels[labels <= truth.max()], truth[labels <= truth.max()])
    assert all(ndimage.label(labels == number)[1] == 1 for number in np.unique(labels)[1:])


def test_every_nucleus_can_still_be_seen(plane):
    image, truth = plane
    _, labels = crowded(image, truth, np.random.default_rng(1))
    before, after = (
        np.bincount(each.ravel(), minlength=truth.max() + 1) for each in (truth, labels)
    )
    assert np.isin(np.unique(truth), labels).all()
    assert (after[1 : truth.max() + 1] >= 0.2 * before[1:]).all()


def test_the_same_chance_gives_the_same(plane):
    one, other = (crowded(*plane, np.random.default_rng(2)) for _ in range(2))
    for left, right in zip(one, other, strict=True):
        assert_array_equal(left, right)
