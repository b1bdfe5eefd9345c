"""What `nuclei` learns from at the end: cells that glow around their nuclei."""

from dataclasses import replace

import numpy as np
import pytest
from cytoplasm import glowing
from numpy.testing import assert_array_equal
from scipy import ndimage

from napari_unet import Sample, load_sample


@pytest.fixture(scope="module")
def nuclei():
    image, truth = (picture.data[1] for picture in load_sample("nuclei2d"))
    return Sample("nuclei", image[None], truth)


@pytest.mark.parametrize("seed", range(6))
def test_light_is_added_around_nuclei_that_stay_brighter(nuclei, seed):
    (shown,) = glowing([nuclei], 1, seed)
    assert (shown.image.dtype, shown.image.shape) == (np.uint16, nuclei.image.shape)
    assert_array_equal(shown.labels, nuclei.labels)
    distance = ndimage.distance_transform_edt(nuclei.labels == 0)
    inside, beside, far = (
        shown.image[0][there].mean()
        for there in (distance == 0, (distance > 1) & (distance < 6), distance > 40)
    )
    assert inside > 1.1 * beside > 1.2 * far


def test_the_same_seed_gives_the_same_and_nothing_that_is_held_out_or_empty(nuclei):
    held_out = replace(nuclei, validation=True)
    empty = replace(nuclei, labels=np.zeros_like(nuclei.labels))
    (one,), (other,) = (glowing([nuclei, held_out, empty], 1, seed=3) for _ in range(2))
    assert_array_equal(one.image, other.image)
