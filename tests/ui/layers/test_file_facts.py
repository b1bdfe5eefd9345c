"""What a layer's file says: axes and pixel size, read from its header."""

import numpy as np
import pytest
from napari.layers import Image

from napari_unet.io.tiff import write_tiff
from napari_unet.ui.layers.axes import spacing_of, stated_axes


@pytest.fixture
def opened(viewer, tmp_path):
    """Write an image and open it as the user does."""

    def opened(shape, axes, spacing):
        path = tmp_path / f"{axes}.tif"
        write_tiff(path, np.zeros(shape, np.uint8), axes, spacing, "µm")
        return viewer.open(path, plugin="napari")[0]

    return opened


def test_axes_and_pixel_size_come_from_the_file(opened):
    stack = opened((3, 4, 7, 9), "TZYX", (2.0, 0.5, 0.25))
    assert stated_axes(stack) == "TZYX"
    assert spacing_of(stack, "TZYX") == pytest.approx((2.0, 0.5, 0.25))
    assert stated_axes(opened((5, 7, 9), "TYX", (0.5, 0.5))) == "TYX"


def test_the_user_knows_better_than_the_file(opened):
    stack = opened((5, 7, 9), "TYX", (0.5, 0.25))
    stack.axis_labels = ("z", "y", "x")
    assert stated_axes(stack) == "ZYX"
    stack.units, stack.scale = ("nm",) * 3, (2000, 300, 300)
    assert spacing_of(stack, "ZYX") == pytest.approx((2, 0.3, 0.3))


def test_what_does_not_fit_the_layer_is_passed_over(opened):
    stack = opened((5, 7, 9), "TYX", None)
    assert spacing_of(stack, "TYX") is None
    other = Image(np.zeros((5, 7)))
    other._source = stack.source
    assert stated_axes(other) is None
    assert stated_axes(Image(np.zeros((5, 7, 9)))) is None
