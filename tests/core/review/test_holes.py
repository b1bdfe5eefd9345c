"""Holes are background that one object encloses in a plane."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from napari_unet.core.review.holes import holes


def filled(plane):
    """Holes of each object, by filling one after the other."""
    enclosed = []
    for area in range(1, (areas := ndimage.label(plane == 0)[0]).max() + 1):
        here = areas == area
        around = set(plane[ndimage.binary_dilation(here) & ~here].tolist())
        rim = here[[0, -1]].any() or here[:, [0, -1]].any()
        if len(around) == 1 and not rim:
            enclosed.append((around.pop(), int(here.sum())))
    return enclosed


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.booleans())
def test_holes_are_those_of_each_plane(seed, deep):
    chance = np.random.default_rng(seed)
    stack = chance.choice([0, 1, 2], (3, 9, 11), p=[0.4, 0.5, 0.1]).astype(np.uint16)
    instances = stack if deep else stack[0]
    numbers, sizes = holes(instances, np.zeros(instances.shape, bool))
    planes = stack if deep else stack[:1]
    expected = [each for plane in planes for each in filled(plane)]
    assert sorted(zip(numbers.tolist(), sizes.tolist(), strict=True)) == sorted(expected)


@pytest.mark.parametrize("ndim", [2, 3])
def test_what_is_ignored_is_no_hole(ndim):
    ring = np.zeros((7,) * ndim, int)
    ring[..., 1:6, 1:6], ring[..., 2:5, 2:5] = 4, 0
    ignored = np.zeros(ring.shape, bool)
    assert holes(ring, ignored)[0].tolist() == [4] * 7 ** (ndim - 2)
    ignored[..., 3, 3] = True
    assert not len(holes(ring, ignored)[0])
