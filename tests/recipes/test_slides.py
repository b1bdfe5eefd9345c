"""What the model of stained tissue learns from besides: pictures with clear glass."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from slides import slides

from napari_unet import Sample, load_sample


@pytest.fixture(scope="module")
def tissue():
    image, truth = (picture.data for picture in load_sample("tissue_rgb"))
    return Sample("tissue", np.moveaxis(image, -1, 0), truth)


def test_glass_is_bright_and_holds_no_nuclei(tissue):
    each = [*slides([tissue] * 12, seed=0)]
    assert len({shown.image.tobytes() for shown in each}) == len(each)
    for shown in each:
        assert (shown.image.dtype, shown.image.shape) == (np.uint8, tissue.image.shape)
        gone = (tissue.labels > 0) & (shown.labels == 0)
        assert_array_equal(shown.labels[~gone], tissue.labels[~gone])
        assert np.percentile(shown.image, 99.8) > np.percentile(tissue.image, 99.8)
        if gone.any():
            assert np.median(shown.image[:, gone]) > np.median(tissue.image[:, gone]) + 20


def test_the_same_seed_gives_the_same_and_nothing_that_is_held_out(tissue):
    given = [tissue, replace(tissue, validation=True)]
    (one,), (other,) = (slides(given, seed=3) for _ in range(2))
    assert_array_equal(one.image, other.image)
    assert_array_equal(one.labels, other.labels)
