"""What `nuclei` learns from at the end: copies that lenses, stages, cameras and files spoilt."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from spoils import spoiled

from napari_unet import Sample, load_sample

WAYS = 8


@pytest.fixture(scope="module")
def nuclei():
    image, truth = (picture.data[1] for picture in load_sample("nuclei2d"))
    return Sample("nuclei", image[None], truth)


def test_objects_stay_where_they_are_and_brighter_than_what_is_around_them(nuclei):
    each = [*spoiled([nuclei], WAYS, seed=0)]
    assert len({shown.image.tobytes() for shown in each}) == WAYS
    for shown in each:
        assert (shown.image.dtype, shown.image.shape) == (np.uint16, nuclei.image.shape)
        assert_array_equal(shown.labels, nuclei.labels)
        inside, outside = (
            shown.image[0][there].mean() for there in (nuclei.labels > 0, nuclei.labels == 0)
        )
        assert inside > 1.2 * outside, shown.name


def test_the_same_seed_gives_the_same_and_nothing_that_is_held_out(nuclei):
    given = [nuclei, replace(nuclei, validation=True)]
    (one,), (other,) = (spoiled(given, 1, seed=3) for _ in range(2))
    assert_array_equal(one.image, other.image)
