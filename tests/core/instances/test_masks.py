"""Masks told from objects."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.instances.masks import are_masks, refuse_mask

ROW = np.zeros((9, 40), np.uint8)
for start in (2, 15, 28):
    ROW[2:7, start : start + 8] = 1


@pytest.mark.parametrize("number", [1, 7, 255, 65535])
def test_many_pieces_of_one_number_are_refused(number):
    with pytest.raises(UserError, match=f"The truth has one number only, {number}, in 3 pieces"):
        refuse_mask(ROW.astype(int) * number, "YX", "The truth")
    with pytest.raises(UserError, match="3 pieces"):
        refuse_mask(ROW.astype(int) * number, None, "It")


def test_objects_are_not_refused():
    two = np.where(np.arange(40) < 25, ROW, 0)
    specks = two.copy()
    specks[0, ::12] = 1
    for labels in (ROW * 0, two, specks, ROW + np.where(np.arange(40) < 12, ROW, 0)):
        refuse_mask(labels, "YX", "The truth")
    with pytest.raises(UserError, match="2 pieces"):
        refuse_mask(two * 255, "YX", "The truth")


@pytest.mark.parametrize("axes", ["TYX", "TZYX", None])
def test_an_object_that_moves_or_branches_is_one(axes):
    frames = np.stack([np.where((np.arange(40) // 13) == place, ROW, 0) for place in range(3)])
    branches = np.stack([ROW, np.ones_like(ROW)])
    refuse_mask(frames if axes != "TZYX" else frames[:, np.newaxis], axes, "It")
    refuse_mask(branches, "ZYX", "It")
    refuse_mask(branches, None, "It")


def test_black_and_white():
    white = ROW * 255
    assert are_masks([white, ROW * 0, white.astype(np.uint16) * 257])
    assert not are_masks([ROW * 0])
    assert not are_masks([white, ROW])
    assert not are_masks([np.where(np.arange(40) < 12, ROW, white)])
