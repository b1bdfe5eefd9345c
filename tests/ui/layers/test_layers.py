"""Geometry law: a result lies where its source lies, minus the channel axis."""

import dask.array
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from napari.layers import Image, Labels
from numpy.testing import assert_allclose, assert_array_equal

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.geometry import geometry
from napari_unet.ui.layers.source import take

SHAPES = {2: (7, 9), 3: (5, 7, 9)}


@st.composite
def places(draw, ndim):
    """Keyword arguments that put a layer anywhere."""
    number = st.floats(0.25, 4)
    axes = st.lists(number, min_size=ndim, max_size=ndim)
    shear = st.lists(number, min_size=ndim * (ndim - 1) // 2, max_size=ndim * (ndim - 1) // 2)
    affine = np.eye(ndim + 1)
    affine[:ndim, ndim] = draw(axes)
    return {
        "scale": draw(axes),
        "translate": draw(axes),
        "rotate": draw(st.floats(0, 90)) if ndim == 2 else (10, 20, draw(st.floats(0, 90))),
        "shear": draw(shear),
        "affine": affine,
        "units": ("micrometer",) * ndim,
        "axis_labels": tuple("pqr"[:ndim]),
    }


@pytest.mark.filterwarnings("ignore:Non-orthogonal slicing")
@given(st.data(), st.sampled_from([2, 3]), st.booleans())
def test_result_lies_where_the_image_lies(data, ndim, rgb):
    shape = SHAPES[ndim] + (3,) * rgb
    image = Image(np.zeros(shape), rgb=rgb, **data.draw(places(ndim)))
    source = take(image, ndim, 3 if rgb else 1)
    labels = Labels(np.zeros(source.shape, int), **source.geometry)
    assert source.shape == SHAPES[ndim]
    corners = np.random.default_rng(0).random((5, ndim)) * 9
    for point in corners:
        assert_allclose(labels.data_to_world(point), image.data_to_world(point), atol=1e-9)
    assert labels.units == image.units
    assert labels.axis_labels == image.axis_labels


def test_channel_axis_is_left_out():
    image = Image(np.zeros((3, 7, 9)), scale=(1, 2, 3), translate=(4, 5, 6), shear=(0, 0, 0.5))
    source = take(image, 2, 3)
    assert (source.axes, source.result_axes, source.shape) == ("CYX", "YX", (7, 9))
    labels = Labels(np.zeros(source.shape, int), **source.geometry)
    assert_allclose(labels.data_to_world((1, 1)), image.data_to_world((0, 1, 1))[1:])


@pytest.mark.parametrize(
    ("shape", "options", "ndim", "channels", "axes"),
    [
        ((7, 9), {}, 2, 1, "YX"),
        ((5, 7, 9), {}, 2, 1, "ZYX"),
        ((4, 5, 7, 9), {}, 3, 1, "TZYX"),
        ((5, 7, 9), {"axis_labels": ("t", "y", "x")}, 2, 1, "TYX"),
        ((7, 9, 4), {"rgb": True}, 2, 3, "YXC"),
        ((5, 7, 9, 3), {"rgb": True}, 2, 3, "ZYXC"),
        ((7, 9, 2), {}, 2, 2, "YXC"),
    ],
)
def test_axes(shape, options, ndim, channels, axes):
    source = take(Image(np.zeros(shape), **options), ndim, channels)
    assert source.axes == axes
    assert source.image.ndim == len(axes)
    assert "C" not in axes or source.image.shape[axes.index("C")] == channels


def test_plane_in_view():
    pixels = np.random.default_rng(0).random((4, 5, 7, 9))
    image = Image(pixels, scale=(2, 3, 1, 1), translate=(1, 0, 0, 0))
    source = take(image, 2, 1, point=(1 + 2 * 3, 3 * 2, 0, 0))
    assert_array_equal(source.image, pixels[3, 2])
    assert source.axes == "YX"
    assert_array_equal(pixels[source.where], pixels[3, 2])
    with pytest.raises(UserError, match="“pixels” has no frame where the slider stands"):
        take(image, 3, 1, point=(99, 0, 0, 0))
    one = Image(pixels[:1], name="pixels")
    assert_array_equal(take(one, 3, 1, point=(99, 0, 0, 0)).image, pixels[0])


def test_worker_gets_a_copy_but_lazy_arrays_stay_lazy():
    pixels = np.random.default_rng(0).random((7, 9))
    source = take(Image(pixels), 2, 1)
    assert not np.shares_memory(source.image, pixels)
    assert isinstance(take(Image(dask.array.from_array(pixels)), 2, 1).image, dask.array.Array)


def test_finest_level_of_a_pyramid():
    pixels = np.random.default_rng(0).random((32, 32))
    image = Image([pixels, pixels[::2, ::2]], multiscale=True)
    assert_array_equal(take(image, 2, 1).image, pixels)


def test_too_many_axes():
    with pytest.raises(UserError, match="5 axes"):
        take(Image(np.zeros((2, 2, 2, 8, 8)), name="many"), 2, 1)


def test_geometry_of_chosen_axes():
    image = Image(np.zeros((5, 7, 9)), scale=(1, 2, 3))
    assert_array_equal(geometry(image)["scale"], (1, 2, 3))
    assert_array_equal(geometry(image, [0, 2])["scale"], (1, 3))
