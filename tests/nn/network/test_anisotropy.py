"""The levels of a 3D network follow the size of a voxel, of an object, and of the images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.config import ModelConfig
from napari_unet.nn.network.anisotropy import for_volumes
from napari_unet.nn.network.geometry import Geometry

CONFIG = ModelConfig(ndim=3, features=2)
LARGE = (256, 256, 256)
SIDES = st.sampled_from([0.5, 1.0, 1.3, 2.0, 3.7, 10.0])
SIZES = st.integers(1, 200)


def test_cubic_voxels_need_nothing_special():
    shape = for_volumes(CONFIG, (), LARGE, 30)
    assert (shape.depth, shape.pool, shape.kernel) == (3, (), ())


def test_thick_planes_are_neither_halved_nor_looked_across_before_the_others_are_as_coarse():
    shape = for_volumes(CONFIG, (4.0, 1.0, 1.0), LARGE, 1000)
    assert shape.pool == ((1, 2, 2), (1, 2, 2), (2, 2, 2), (2, 2, 2))
    assert shape.kernel == ((1, 3, 3), (1, 3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3))


@pytest.mark.parametrize(("diameter", "depth"), [(5, 1), (20, 2), (50, 3), (100, 4), (900, 4)])
def test_as_deep_as_is_needed_to_see_an_object(diameter, depth):
    assert for_volumes(CONFIG, (), LARGE, diameter).depth == depth


def test_few_planes_are_not_halved_away():
    shape = for_volumes(CONFIG, (), (9, 200, 200), 1000)
    assert shape.pool == ((2, 2, 2), (1, 2, 2), (1, 2, 2), (1, 2, 2))
    assert shape.kernel == ()


@given(st.tuples(SIDES, SIDES, SIDES), st.tuples(SIZES, SIZES, SIZES), st.floats(0, 300))
def test_whatever_the_images_no_level_is_too_coarse_for_them_or_coarser_along_one_axis(
    spacing, extent, diameter
):
    shape = for_volumes(CONFIG, spacing, extent, diameter)
    assert 1 <= shape.depth <= CONFIG.depth
    assert all(max(level) == 3 for level in shape.kernels)
    strides = np.array([Geometry.of(shape, axis).stride for axis in range(3)])
    sizes = -(-np.array(extent) // strides)
    assert (sizes[strides > 1] >= 4).all()
    sides = np.multiply(spacing, strides)
    long = sizes >= 8
    halved = sides[long & (strides > 1)]
    assert not halved.size or halved.max() < 3 * sides[long].min()
