"""The weight law, the ignore law, locality, and sentences for bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import part_touching
from napari_unet.core.targets.weight_map import border_weight_map, falk_weight_map

DENSE = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=9)
STEPS = st.sampled_from([0.3, 0.5, 1.0, 2.5])


@st.composite
def label_images(draw):
    """Draw none, one, few or many objects, touching or scattered, some in several pieces."""
    shape = draw(st.one_of(DENSE, st.sampled_from([(40, 31), (7, 18, 16)])))
    count = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    filled = draw(st.sampled_from([0.005, 0.05, 0.4, 1.0]))
    labels = rng.integers(0, count + 1, shape) * (rng.random(shape) < filled)
    size = draw(st.sampled_from([1, 3]))
    return ndimage.grey_dilation(labels, (size,) * labels.ndim).astype(
        draw(st.sampled_from([np.uint8, np.int32, np.uint64]))
    )


def two_distances(labels, spacing):
    """Compute both distances with one transform of the whole image for each object."""
    nowhere = np.full((2, *labels.shape), np.inf)
    each = [
        ndimage.distance_transform_edt(labels != number, sampling=spacing)
        for number in np.unique(labels[labels > 0])
    ]
    return np.sort(np.stack([*nowhere, *each]), axis=0)[:2]


def brute_force(labels, w0, sigma, spacing):
    labels = part_touching(labels)
    d1, d2 = two_distances(labels, spacing)
    return 1 + (labels == 0) * w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


@settings(deadline=None, max_examples=150)
@given(labels=label_images(), sigma=st.sampled_from([0.4, 1.0, 2.0, 5.0]), data=st.data())
def test_weight_law(labels, sigma, data):
    spacing = data.draw(st.none() | st.tuples(*[STEPS] * labels.ndim))
    w0 = data.draw(st.sampled_from([0.0, 0.5, 10.0]))
    weight = border_weight_map(labels, w0, sigma, spacing=spacing)
    assert weight.dtype == np.float32
    assert weight.shape == labels.shape
    np.testing.assert_allclose(weight, brute_force(labels, w0, sigma, spacing), atol=1e-5, rtol=0)


@settings(deadline=None, max_examples=40)
@given(labels=label_images(), data=st.data())
def test_the_fiji_form_equals_its_formula(labels, data):
    spacing = data.draw(st.none() | st.tuples(*[STEPS] * labels.ndim))
    parted = part_touching(labels)
    d1, d2 = two_distances(parted, spacing)
    background = 0.1 + 50 * np.exp(-((d1 + d2) ** 2) / 72) + 0.9 * np.exp(-(d1**2) / 200)
    expected = np.where(parted == 0, background, 1)
    weight = falk_weight_map(labels, spacing=spacing)
    assert weight.dtype == np.float32
    np.testing.assert_allclose(weight, expected, atol=1e-5, rtol=0)


def test_a_gap_weighs_what_one_derives_by_hand():
    labels = np.array([[1, 1, 0, 0, 2]])
    expected = 1 + 10 * np.exp(-9 / 50)
    np.testing.assert_allclose(border_weight_map(labels), [[1, 1, expected, expected, 1]])


def test_lines_longer_than_the_cache_are_not_cut():
    labels = np.zeros((3, 40_000), np.uint8)
    labels[:, 19_999], labels[:, 20_003] = 1, 2
    weight = border_weight_map(labels)
    np.testing.assert_allclose(weight[1, 20_000:20_003], 1 + 10 * np.exp(-16 / 50), rtol=1e-6)
    np.testing.assert_array_equal(weight[:, ::-1], border_weight_map(labels[:, ::-1]))


@pytest.mark.parametrize("weigh", [border_weight_map, falk_weight_map])
@pytest.mark.parametrize("shape", [(30, 33), (8, 12, 11)])
def test_what_is_painted_under_ignored_pixels_changes_nothing(weigh, shape):
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 9, shape) * (rng.random(shape) < 0.2)
    ignore = rng.random(shape) < 0.4
    repainted = np.where(ignore, rng.integers(0, 30, shape), labels)
    weight = weigh(labels, ignore=ignore)
    np.testing.assert_array_equal(weigh(repainted, ignore=ignore), weight)
    erased = weigh(np.where(ignore, 0, labels))
    np.testing.assert_array_equal(weight, np.where(ignore, 0, erased))


@pytest.mark.parametrize("ndim", [2, 3])
def test_far_objects_have_no_effect(ndim):
    rng = np.random.default_rng(ndim)
    shape = (70,) + (9,) * (ndim - 1)
    labels = part_touching(rng.integers(1, 9, shape) * (rng.random(shape) < 0.1))
    changed = labels.copy()
    changed[40:] = 0
    before, after = border_weight_map(labels, sigma=2), border_weight_map(changed, sigma=2)
    np.testing.assert_allclose(before[:27], after[:27], atol=2e-6, rtol=0)
    assert np.abs(before[27:] - after[27:]).max() > 0.1


def test_numbers_and_mirror_images_do_not_matter():
    labels = np.zeros((20, 24), np.int32)
    labels[2:6, 3:9], labels[9:15, 4:10], labels[4:12, 13:20] = 1, 2, 3
    weight = border_weight_map(labels)
    renumbered = np.array([0, 70_000, 5, 900])[labels]
    np.testing.assert_array_equal(border_weight_map(renumbered), weight)
    np.testing.assert_array_equal(border_weight_map(labels.T), weight.T)


GOOD = np.array([[0, 1], [2, 0]])


@pytest.mark.parametrize(
    ("labels", "options", "sentence"),
    [
        (GOOD, {"spacing": (1,)}, "spacing must be 2 numbers"),
        (GOOD, {"spacing": 0.5}, "spacing must be 2 numbers .*, not 0.5"),
        (GOOD, {"spacing": (1, 0)}, "spacing must be 2 numbers"),
        (GOOD, {"spacing": (1, float("nan"))}, "spacing must be 2 numbers"),
        (GOOD, {"ignore": np.zeros((3, 3), bool)}, "ignore mask"),
        (GOOD, {"ignore": np.zeros((2, 2), int)}, "ignore mask"),
        (GOOD, {"sigma": 0}, "sigma above 0"),
        (GOOD, {"w0": -1}, "w0 must be at least 0"),
        (GOOD + 0.5, {}, "decimal numbers"),
        (-GOOD, {}, "negative"),
        (np.array(3), {}, "no axes"),
        (np.ma.masked_equal(GOOD, 2), {}, "masked pixels"),
    ],
)
def test_bad_input_is_told_in_a_sentence(labels, options, sentence):
    with pytest.raises(UserError, match=sentence):
        border_weight_map(labels, **options)
