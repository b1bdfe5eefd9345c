"""What is no image is refused in one plain sentence."""

import warnings
from types import SimpleNamespace

import dask.array as da
import numpy as np
import pytest
import zarr

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image, check_values
from napari_unet.core.image.normalize import limits, normalize


def with_one(value, dtype=np.float32):
    image = np.arange(64, dtype=dtype).reshape(8, 8)
    image[3, 4] = value
    return image


BAD = {
    "0-D": (np.array(3.0), "at least two axes, but this one has 0"),
    "1-D": (np.arange(5.0), "at least two axes, but this one has 1"),
    "empty": (np.zeros((0, 8)), "no pixels"),
    "empty stack": (np.zeros((3, 8, 0)), "no pixels"),
    "yes or no": (np.eye(4, dtype=bool), "is a mask"),
    "complex": (np.eye(4, dtype=complex), "holds complex128 values"),
    "objects": (np.array([[1, None], [2, 3]]), "holds object values"),
    "words": (np.array([["a", "b"], ["c", "d"]]), "holds <U1 values"),
    "NaN": (with_one(np.nan), "NaN or infinity"),
    "half NaN": (with_one(np.nan, np.float16), "NaN or infinity"),
    "infinity": (with_one(np.inf), "NaN or infinity"),
    "minus infinity": (with_one(-np.inf), "NaN or infinity"),
    "huge": (with_one(1e300, np.float64), r"as far from 0 as 1e\+300, too far to calculate with"),
    "huge below 0": (with_one(-3e38), r"as far from 0 as -3e\+38, too far to calculate with"),
    "constant": (np.full((8, 8), 7, np.uint8), r"same value \(7\)"),
    "constant volume": (np.zeros((3, 8, 8)), r"same value \(0\)"),
    "masked": (np.ma.masked_greater(with_one(99), 50), "has masked pixels"),
    "a file's name": ("a.tif", "numpy, dask or zarr array, not str"),
    "nothing": (None, "not NoneType"),
    "a list": ([[1, 2], [3, 4]], "not list"),
    "another library's": (SimpleNamespace(shape=(8, 8), dtype="torch.float32"), "not Simple"),
    "a group of arrays": (zarr.group(), "not Group"),
    "one pixel": (np.ones((1, 1)), "same value"),
}


@pytest.mark.parametrize(("image", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_images_are_refused(image, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        check_image(image)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u4", "i8", "f2", "f4", "f8", ">u2"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_images_of_any_real_type_pass(ndim, dtype):
    check_image(np.arange(3**ndim).reshape((3,) * ndim).astype(dtype))


def test_the_largest_values_that_are_taken_can_be_calculated_with():
    image = np.array([[[-1.7e38, 0, 1.7e38]]])
    check_image(image)
    with warnings.catch_warnings(action="error"):
        assert np.isfinite(
            normalize(image, limits(image, NormalizeConfig()), NormalizeConfig())
        ).all()


def test_an_array_whose_mask_masks_nothing_passes():
    check_image(np.ma.array(with_one(3), mask=False))


def test_images_with_nothing_in_them_pass_where_nothing_is_learnt_from_them():
    check_image(np.full((8, 8), 7, np.uint8), blank_allowed=True)


def test_lazy_images_are_not_computed():
    def explode(block):
        raise AssertionError("computed")

    image = da.zeros((8, 8), chunks=4).map_blocks(explode, dtype=float, meta=np.zeros((0, 0)))
    check_image(image)


def test_lazy_images_without_pixels_are_refused():
    with pytest.raises(UserError, match="no pixels"):
        check_image(da.zeros((0, 8)))


def test_values_of_a_plane_are_checked_by_themselves():
    check_values(np.array([1, 2]))
    with pytest.raises(UserError, match="same value"):
        check_values(np.array([2, 2]))
