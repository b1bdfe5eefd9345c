"""The size at which is learnt follows the objects, and thin ones keep theirs."""

import numpy as np
import pytest

from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.targets.working_size import sentence, working_size


def balls(*diameters, ndim=2):
    """Ellipses or ellipsoids next to each other, of such diameters along the axes."""
    edge = max(max(np.broadcast_to(each, ndim)) for each in diameters) + 4
    labels = np.zeros([edge] * (ndim - 1) + [edge * len(diameters)], np.int32)
    grid = np.indices(labels.shape)
    for number, each in enumerate(diameters):
        centre = [edge / 2] * (ndim - 1) + [edge * (number + 0.5)]
        radii = np.broadcast_to(each, ndim) / 2
        parts = zip(grid, centre, radii, strict=True)
        labels[sum(((axis - at) / radius) ** 2 for axis, at, radius in parts) < 1] = number + 1
    return labels


@pytest.mark.parametrize(
    ("diameter", "by"), [(8, ()), (24, ()), (34, ()), (48, (0.5, 0.5)), (100, (0.24, 0.24))]
)
def test_large_objects_are_brought_to_the_usual_size_and_small_ones_keep_theirs(diameter, by):
    assert working_size([balls(diameter)], None, None) == pytest.approx(by, rel=0.02)


def test_the_median_of_all_images_counts():
    small, large = balls(10, 10, 10), balls(60, 60)
    assert working_size([small, large], None, None) == ()
    assert working_size([large, large, small], None, None) == pytest.approx((0.4, 0.4), rel=0.02)


def test_in_volumes_each_axis_has_its_own():
    flat = balls((16, 60, 60), ndim=3)
    assert working_size([flat], None, None) == pytest.approx((1, 0.4, 0.4), rel=0.03)
    assert working_size([balls(60, ndim=3)], None, None) == pytest.approx((0.4,) * 3, rel=0.03)


@pytest.mark.parametrize(("known", "by"), [(20, 0.333), (30, 0.5), (50, None), (90, None)])
def test_they_are_brought_to_what_the_model_knows(known, by):
    expected = () if by is None else (by, by)
    start = Sizes(None, float(known))
    assert working_size([balls(60)], start, None) == pytest.approx(expected, rel=0.02)


def test_a_model_that_knows_the_shape_of_its_pixels_gets_them_so():
    start = Sizes((1.0, 0.5, 0.5), 20.0)
    found = working_size([balls(60, ndim=3)], start, (0.5, 0.5, 0.5))
    assert found[1] == found[2] == pytest.approx(2 * found[0], rel=0.01)
    assert np.prod(found) ** (1 / 3) == pytest.approx(1 / 3, rel=0.02)


def test_nothing_is_changed_where_nothing_is_known():
    assert working_size([np.zeros((50, 50), int)], None, None) == ()
    assert working_size([balls(100)], Sizes(), None) == ()


def test_thin_objects_keep_their_size():
    labels = np.zeros((400, 400), int)
    for number, row in enumerate(range(20, 400, 40), 1):
        labels[row : row + 4] = number
    assert working_size([labels], None, None) == ()


def test_what_is_thin_is_not_made_thinner_than_some_pixels():
    labels = np.zeros((420, 420), int)
    for number, row in enumerate(range(10, 400, 40), 1):
        labels[row : row + 10] = number
    assert working_size([labels], None, None) == (0.5, 0.5)


def test_a_cell_is_as_thin_as_its_processes():
    """A neuron with its neurites was made so small that these were less than a pixel wide."""
    neuron = np.zeros((500, 500), int)
    neuron[200:294, 200:294] = balls(90)
    neuron[240:250] = 1
    neuron[:, 240:250] = 1
    assert working_size([neuron], None, None) == (0.5, 0.5)


def test_the_sentence():
    assert sentence(Sizes(None, 24.0)) == ""
    told = "Objects are about 58.5 px across: learnt from at 0.41 of their size."
    assert sentence(Sizes(None, 24.0, (0.41, 0.41))) == told
    assert "at 1 x 0.4 x 0.4 of" in sentence(Sizes(None, 24.0, (1.0, 0.4, 0.4)))
