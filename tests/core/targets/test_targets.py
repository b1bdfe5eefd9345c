"""Laws of parting, of heights and of what is ignored; sentences for bad input."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_unet.core.config import TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.targets.targets import (
    check_labels,
    instance_target,
    part_touching,
    semantic_target,
)
from napari_unet.core.targets.weight_map import border_weight_map, falk_weight_map

SHAPES = hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=8)
CROWDS = hnp.arrays(st.sampled_from([np.uint8, np.int64]), SHAPES, elements=st.integers(0, 4))


def neighbours(labels):
    """Yield the image and its shifted self where they overlap, for each neighbour."""
    for offset in itertools.product((-1, 0, 1), repeat=labels.ndim):
        here = tuple(
            slice(max(0, -o), n - max(0, o)) for o, n in zip(offset, labels.shape, strict=True)
        )
        there = tuple(
            slice(max(0, o), n - max(0, -o)) for o, n in zip(offset, labels.shape, strict=True)
        )
        yield labels[here], labels[there]


def blocks(ndim, gap=0):
    """Paint two cubes of 6 pixels, side by side along the last axis."""
    labels = np.zeros((12,) * (ndim - 1) + (18,), np.int32)
    inner = (slice(3, 9),) * (ndim - 1)
    labels[(*inner, slice(3, 9))] = 1
    labels[(*inner, slice(9 + gap, 15 + gap))] = 2
    return labels


@settings(deadline=None)
@given(CROWDS)
def test_no_two_objects_are_neighbours_after_parting(labels):
    before = labels.copy()
    parted = part_touching(labels)
    np.testing.assert_array_equal(labels, before)
    assert parted.dtype == labels.dtype
    assert np.isin(parted[parted != labels], 0).all()
    for one, other in neighbours(parted):
        assert not ((one != other) & (one > 0) & (other > 0)).any()
    np.testing.assert_array_equal(part_touching(parted), parted)


@pytest.mark.parametrize("ndim", [2, 3])
def test_the_gap_is_one_pixel_taken_from_the_larger_number(ndim):
    labels = blocks(ndim)
    expected = labels.copy()
    expected[..., 9] = 0
    np.testing.assert_array_equal(part_touching(labels), expected)
    apart = blocks(ndim, gap=1)
    np.testing.assert_array_equal(part_touching(apart), apart)


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_object_of_one_pixel_beside_a_large_one_stays(ndim):
    labels = np.full((7,) * ndim, 4, np.uint8)
    labels[(3,) * ndim] = 255
    parted = part_touching(labels)
    assert (parted == 255).sum() == 1
    assert (parted == 0).sum() == 3**ndim - 1


@pytest.mark.parametrize("ndim", [2, 3])
def test_parting_is_local_for_objects_that_are_not_thin(ndim):
    labels = blocks(ndim)
    np.testing.assert_array_equal(
        part_touching(labels)[..., 6:12], part_touching(labels[..., 5:13])[..., 1:7]
    )


@pytest.mark.parametrize("ndim", [2, 3])
def test_height_falls_from_one_at_each_summit(ndim):
    labels = blocks(ndim)
    target = instance_target(labels, None, TargetConfig())
    parted = part_touching(labels)
    assert target.height.dtype == np.float32
    assert (target.height[parted == 0] == 0).all()
    assert (target.height[parted > 0] > 0).all()
    assert target.height[parted == 1].max() == target.height[parted == 2].max() == 1
    assert target.height[(*(6,) * (ndim - 1), 3)] == pytest.approx(1 / 3)


@settings(deadline=None)
@given(labels=CROWDS, data=st.data())
def test_height_is_the_distance_to_the_background_over_the_objects_largest(labels, data):
    spacing = data.draw(st.tuples(*[st.sampled_from([0.5, 1.0, 3.0])] * labels.ndim))
    parted = part_touching(labels)
    height = instance_target(labels, None, TargetConfig(spacing=spacing)).height
    if parted.all():
        np.testing.assert_array_equal(height, 1)
        return
    distance = ndimage.distance_transform_edt(parted > 0, sampling=spacing)
    for number in np.unique(parted[parted > 0]):
        own = distance[parted == number]
        np.testing.assert_allclose(height[parted == number], own / own.max(), rtol=1e-6)


@pytest.mark.parametrize("shape", [(5, 6), (3, 4, 5)])
def test_an_object_that_fills_the_image_is_summit_everywhere(shape):
    target = instance_target(np.ones(shape, np.uint8), None, TargetConfig())
    np.testing.assert_array_equal(target.height, 1)
    half = np.arange(shape[-1]) > 2
    known = instance_target(np.ones(shape, np.uint8), np.broadcast_to(half, shape), TargetConfig())
    np.testing.assert_array_equal(known.height, np.broadcast_to(~half, shape))


@pytest.mark.parametrize("ndim", [2, 3])
def test_neither_the_edge_nor_ignored_pixels_are_a_border(ndim):
    labels = np.zeros((9,) * ndim, np.uint8)
    labels[..., 3:] = 1
    line = np.array([0, 0, 0, 1, 2, 3, 4, 5, 6]) / 6
    height = instance_target(labels, None, TargetConfig()).height
    np.testing.assert_allclose(height, np.broadcast_to(line, labels.shape), rtol=1e-6)
    ignore = np.zeros(labels.shape, bool)
    ignore[..., 5] = True
    line[5] = 0
    height = instance_target(labels, ignore, TargetConfig()).height
    np.testing.assert_allclose(height, np.broadcast_to(line, labels.shape), rtol=1e-6)


@pytest.mark.parametrize("border", ["ronneberger2015", "falk2019", "none"])
@pytest.mark.parametrize("shape", [(20, 21), (7, 8, 9)])
def test_what_is_painted_under_ignored_pixels_changes_nothing(border, shape):
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 5, shape) * (rng.random(shape) < 0.5)
    ignore = rng.random(shape) < 0.3
    config = TargetConfig(border=border)
    one = instance_target(labels, ignore, config)
    two = instance_target(np.where(ignore, rng.integers(0, 99, shape), labels), ignore, config)
    for part in ("semantic", "height", "weight"):
        np.testing.assert_array_equal(getattr(one, part), getattr(two, part))
    assert (one.semantic[ignore] == 255).all()
    assert (one.weight[ignore] == 0).all()
    assert (one.height[ignore] == 0).all()
    assert (one.weight[~ignore] > 0).all()


@pytest.mark.parametrize("ndim", [2, 3])
def test_semantic_and_weight_follow_the_config(ndim):
    labels, spacing = blocks(ndim), (2.0,) * ndim

    def target(border):
        config = TargetConfig(border=border, w0=7, sigma=3, spacing=spacing)
        return instance_target(labels, None, config)

    paper = target("ronneberger2015")
    assert paper.semantic.dtype == np.uint8
    np.testing.assert_array_equal(paper.semantic, part_touching(labels) > 0)
    np.testing.assert_array_equal(paper.weight, border_weight_map(labels, 7, 3, spacing=spacing))
    np.testing.assert_array_equal(
        target("falk2019").weight, falk_weight_map(labels, spacing=spacing)
    )
    np.testing.assert_array_equal(target("none").weight, 1)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64])
def test_a_class_image_becomes_a_target(dtype):
    target = semantic_target(np.array([[0, 1], [2, 255]], dtype), 3)
    np.testing.assert_array_equal(target.semantic, [[0, 1], [2, 255]])
    np.testing.assert_array_equal(target.weight, [[1, 1], [1, 0]])
    np.testing.assert_array_equal(target.height, np.zeros((2, 2)))
    assert (target.semantic.dtype, target.height.dtype, target.weight.dtype) == (
        np.uint8,
        np.float32,
        np.float32,
    )


def test_a_boolean_class_image_has_the_classes_0_and_1():
    target = semantic_target(np.array([[False, True]]), 2)
    np.testing.assert_array_equal(target.semantic, [[0, 1]])


@pytest.mark.parametrize(
    ("mask", "sentence"),
    [
        (np.array([[0, 5]]), "value 5"),
        (np.array([[0, -3]]), "value -3"),
        (np.array([[0.0, 1.0]]), "float64"),
    ],
)
def test_class_images_that_make_no_sense_are_refused(mask, sentence):
    with pytest.raises(UserError, match=sentence):
        semantic_target(mask, 3)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (np.array([[0.0, 1.0]]), "cells.tif holds decimal numbers; save it as an integer image"),
        (np.array([[0, -1]]), "cells.tif holds negative numbers"),
        (np.array([[False, True]]), "cells.tif is a yes-or-no mask"),
        (np.array([[0, 1j]]), "cells.tif holds complex128 values"),
    ],
)
def test_labels_that_are_none_are_refused(labels, sentence):
    with pytest.raises(UserError, match=sentence):
        check_labels(labels, "cells.tif")


def test_labels_of_any_integer_type_pass():
    for dtype in (np.uint8, np.int16, np.uint32, np.int64):
        check_labels(np.array([[0, 3]], dtype), "cells.tif")
