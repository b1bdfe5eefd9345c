"""Resampling: the same field, no false patterns, and any part on its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from napari_unet.core.image.resample import nearest, resample


def reader(image, asked=None):
    """Read windows of an image whose first axis is the channel."""

    def read(region):
        if asked is not None:
            asked.append(region)
        return image[(slice(None), *(slice(*interval) for interval in region))]

    return read


@st.composite
def cases(draw):
    """Draw source size, result size, and a region of the result."""
    ndim = draw(st.sampled_from([2, 3]))
    most = {2: 60, 3: 17}[ndim]
    sizes = [[draw(st.integers(1, most)) for _ in range(ndim)] for _ in range(2)]
    region = []
    for size in sizes[1]:
        start = draw(st.integers(0, size - 1))
        region.append((start, draw(st.integers(start + 1, size))))
    return *sizes, tuple(region)


@given(cases(), st.sampled_from([np.uint8, np.uint16, np.float32]))
def test_a_region_is_bit_for_bit_the_same_part_of_the_whole(case, dtype):
    shape, out_shape, region = case
    image = (np.random.default_rng(0).random((2, *shape)) * 200).astype(dtype)
    whole = resample(reader(image), shape, out_shape)
    assert whole.shape == (2, *out_shape)
    assert whole.dtype == np.float32
    part = resample(reader(image), shape, out_shape, region)
    inside = tuple(slice(*interval) for interval in region)
    assert part.tobytes() == whole[(slice(None), *inside)].tobytes()


@given(cases())
def test_only_what_a_region_needs_is_read(case):
    shape, out_shape, region = case
    asked = []
    resample(reader(np.zeros((1, *shape)), asked), shape, out_shape, region)
    assert len(asked) == 1
    for axis, (low, high) in enumerate(asked[0]):
        step = shape[axis] / out_shape[axis]
        reach = 2 + 3 * max(0, (step - 1) / 2)
        start, stop = region[axis]
        assert 0 <= low < high <= shape[axis]
        assert low >= np.floor(start * step - reach) - 1
        assert high <= np.ceil(stop * step + reach) + 1


@given(cases(), st.floats(-5, 5))
def test_a_constant_stays_and_nothing_leaves_its_range(case, value):
    shape, out_shape, _ = case
    flat = resample(reader(np.full((1, *shape), value)), shape, out_shape)
    np.testing.assert_allclose(flat, value, atol=1e-5)
    image = np.random.default_rng(1).random((1, *shape))
    result = resample(reader(image), shape, out_shape)
    assert result.min() >= image.min() - 1e-5
    assert result.max() <= image.max() + 1e-5


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_same_size_changes_nothing(ndim):
    image = np.random.default_rng(0).random((1,) + (11,) * ndim, dtype=np.float32)
    np.testing.assert_array_equal(resample(reader(image), image.shape[1:], image.shape[1:]), image)


@pytest.mark.parametrize("factor", [0.3, 0.5, 1.7, 3])
@pytest.mark.parametrize("ndim", [2, 3])
def test_places_keep_where_they_are_in_the_field(ndim, factor):
    shape = (30,) * ndim
    out_shape = (round(30 * factor),) * ndim
    ramp = np.stack(np.meshgrid(*[(np.arange(30) + 0.5) / 30] * ndim, indexing="ij"))
    result = resample(reader(ramp), shape, out_shape)
    size = out_shape[0]
    truth = np.stack(np.meshgrid(*[(np.arange(size) + 0.5) / size] * ndim, indexing="ij"))
    edge = int(np.ceil(2 + 3 * max(factor, 1)))
    inner = (slice(None), *[slice(edge, -edge)] * ndim) if size > 2 * edge else ...
    atol = 1e-5 if size > 2 * edge else 0.12
    np.testing.assert_allclose(result[inner], truth[inner], atol=atol)


def test_enlarging_is_linear_interpolation():
    image = np.random.default_rng(0).random((9, 8)).astype(np.float32)
    result = resample(reader(image[np.newaxis]), (9, 8), (27, 20))[0]
    places = [(np.arange(27) + 0.5) / 3 - 0.5, (np.arange(20) + 0.5) * 8 / 20 - 0.5]
    truth = ndimage.map_coordinates(
        image, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest"
    )
    np.testing.assert_allclose(result, truth, atol=1e-6)


def test_detail_too_fine_for_the_result_fades_instead_of_making_patterns():
    image = np.indices((100, 100)).sum(0)[np.newaxis] % 2
    for size in (27, 40, 50):
        assert np.ptp(resample(reader(image), (100, 100), (size, size))[0, 3:-3, 3:-3]) < 0.35


@pytest.mark.parametrize("factor", [0.5, 2.5])
def test_there_and_back_is_nearly_what_it_was(factor):
    image = ndimage.gaussian_filter(np.random.default_rng(0).random((1, 64, 80)), (0, 4, 4))
    small = tuple(round(size * factor) for size in (64, 80))
    back = resample(reader(resample(reader(image), (64, 80), small)), small, (64, 80))
    assert np.abs(back - image).max() < 0.1 * np.ptp(image)


def test_the_nearest_pixel_is_taken_and_nothing_between():
    labels = np.array([[1, 1, 2, 2, 3, 3], [1, 1, 2, 2, 9, 9]], np.uint16)
    np.testing.assert_array_equal(nearest(labels, (3,)), [[1, 2, 3], [1, 2, 9]])
    np.testing.assert_array_equal(nearest(labels, (1, 2)), [[1, 9]])
    np.testing.assert_array_equal(nearest(labels, (2, 6)), labels)
    assert nearest(labels, (4, 12)).dtype == np.uint16
    np.testing.assert_array_equal(nearest(labels, (4, 12))[::2, ::2], labels)
