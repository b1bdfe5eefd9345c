"""A segmentation is decoded plane by plane, and again with other settings."""

import numpy as np
import pytest
from scipy import ndimage

from napari_unet.core.config import DecodeConfig
from napari_unet.core.decoding.decode import decode
from napari_unet.core.decoding.segmentation import Segmentation
from napari_unet.core.errors import UserError

ALL = DecodeConfig(min_size=0)


def test_planes_are_decoded_on_their_own_and_share_no_number():
    rng = np.random.default_rng(0)
    smooth = ndimage.gaussian_filter(rng.random((2, 3, 40, 40)), (0, 0, 2, 2))
    foreground = np.ones(smooth.shape, np.float32)
    foreground[..., :7] = 0
    output = np.stack([1 - foreground, foreground]), smooth.astype(np.float32)
    whole = Segmentation.from_output(*output, 2, ALL.replace(split=0.02))
    assert whole.instances.shape == whole.semantic.shape == smooth.shape
    used = 0
    for plane in np.ndindex(2, 3):
        instances, semantic = decode(
            output[0][(slice(None), *plane)], output[1][plane], ALL.replace(split=0.02)
        )
        expected = np.where(instances, instances + used, 0)
        np.testing.assert_array_equal(whole.instances[plane], expected)
        np.testing.assert_array_equal(whole.semantic[plane], semantic)
        used += instances.max()
    again = whole.decoded(ALL.replace(split=1))
    fresh = Segmentation.from_output(*output, 2, ALL.replace(split=1))
    np.testing.assert_array_equal(again.instances, fresh.instances)
    assert again.instances.max() < whole.instances.max()


def test_a_segmentation_refuses_parts_that_do_not_fit():
    with pytest.raises(UserError, match="same axes"):
        Segmentation.from_output(np.ones((2, 5, 5)), np.ones((4, 5)), 2, ALL)
