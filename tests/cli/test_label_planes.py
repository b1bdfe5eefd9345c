"""Label images cut into planes and volumes, in whatever order their axes are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.cli.label_planes import dimensions, label_planes
from napari_unet.core.errors import UserError
from napari_unet.io.picture import Picture

SIZES = {"T": 2, "Z": 3, "Y": 4, "X": 5}


@settings(max_examples=40)
@given(st.sampled_from(["YX", "ZYX", "TYX", "TZYX"]).flatmap(st.permutations), st.data())
def test_each_plane_once_whatever_the_order_of_the_axes(letters, data):
    axes = "".join(letters)
    ndim = data.draw(st.sampled_from([2, 3])) if "Z" in axes else 2
    labels = np.arange(np.prod([SIZES[letter] for letter in axes])).reshape(
        [SIZES[letter] for letter in axes]
    )
    planes = label_planes(Picture(labels, axes), ndim)
    assert planes.axes[-ndim:] == "ZYX"[-ndim:]
    assert planes.spatial == tuple(SIZES[letter] for letter in planes.axes[-ndim:])
    usual = labels.transpose([axes.index(letter) for letter in planes.axes])
    assert usual.shape == (*planes.lead, *planes.spatial)
    np.testing.assert_array_equal(list(planes), usual.reshape(-1, *planes.spatial))


@pytest.mark.parametrize(
    ("axes", "shape", "ndim"),
    [("TYX", (2, 8, 9), 2), ("ZYX", (2, 8, 9), 3), (None, (8, 9), 2), (None, (4, 8, 9), 3)],
)
def test_planes_or_volumes_are_what_the_file_says_else_the_shape(axes, shape, ndim):
    picture = Picture(np.zeros(shape, int), axes)
    assert dimensions(picture) == ndim
    assert len(label_planes(picture, None).spatial) == ndim


@pytest.mark.parametrize(
    ("shape", "axes", "ndim", "words"),
    [
        ((9,), None, None, "at least two axes"),
        ((4, 8, 9), "TYX", 3, "no Z axis"),
        ((8, 9, 3), "YXC", None, "colour picture"),
        ((40, 50, 3), None, 2, "colour picture"),
    ],
)
def test_what_is_no_label_image_is_told(shape, axes, ndim, words):
    with pytest.raises(UserError, match=words):
        label_planes(Picture(np.zeros(shape, int), axes), ndim)
