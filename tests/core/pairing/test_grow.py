"""Cells grow as far as was said, in units of length, and meet where they should."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from napari_unet import UserError, grow_cells

NUMBERS = st.sampled_from([0, 0, 0, 0, 1, 2, 5, 900])
planes = hnp.arrays(np.uint16, (6, 7), elements=NUMBERS)
volumes = hnp.arrays(np.int32, (3, 4, 5), elements=NUMBERS)
spacings = st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=3, max_size=3)


@given(planes | volumes, spacings, st.sampled_from([0.0, 1.0, 2.5]), st.booleans())
def test_cells_reach_as_far_as_was_said_and_no_farther(nuclei, spacing, distance, along):
    spacing = tuple(spacing[: nuclei.ndim])
    rng = np.random.default_rng(int(nuclei.sum()))
    height = rng.random(nuclei.shape) if along else None
    cells = grow_cells(nuclei, distance, height, spacing=spacing)
    assert cells.dtype == nuclei.dtype
    np.testing.assert_array_equal(cells[nuclei > 0], nuclei[nuclei > 0])
    if not nuclei.any():
        assert not cells.any()
        return
    away = {
        number: ndimage.distance_transform_edt(nuclei != number, sampling=spacing)
        for number in np.unique(nuclei[nuclei > 0]).tolist()
    }
    nearest = np.min(list(away.values()), axis=0)
    assert np.all(nearest[cells > 0] <= distance)
    if along:
        return
    np.testing.assert_array_equal(cells > 0, nearest <= distance)
    for number, distances in away.items():
        np.testing.assert_allclose(distances[cells == number], nearest[cells == number])


def test_along_a_height_cells_meet_in_its_valley():
    nuclei = np.zeros((5, 21), np.uint16)
    nuclei[2, 3], nuclei[2, 17] = 9, 4
    height = np.ones(nuclei.shape)
    height[:, 13] = 0.2
    plain, along = grow_cells(nuclei, 30), grow_cells(nuclei, 30, height)
    assert set(plain[:, 11:13].ravel()) == {4}
    assert set(along[:, :13].ravel()) == {9}
    assert set(along[:, 14:].ravel()) == {4}


def test_frames_grow_on_their_own_and_volumes_across_planes():
    nuclei = np.zeros((3, 5, 5), np.uint8)
    nuclei[1, 2, 2] = 1
    assert grow_cells(nuclei, 1, axes="TYX")[:, 2, 2].tolist() == [0, 1, 0]
    assert grow_cells(nuclei, 1)[:, 2, 2].tolist() == [1, 1, 1]
    thick = grow_cells(nuclei, 1, spacing=(2, 0.5, 0.5), unit="µm")
    assert thick[:, 2, 2].tolist() == [0, 1, 0]
    assert thick[1, 2].tolist() == [1] * 5
    turned = grow_cells(nuclei.T, 1, axes="XYZ", spacing=(0.5, 0.5, 2))
    np.testing.assert_array_equal(turned, thick.T)


@pytest.mark.parametrize(
    ("distance", "height", "words"),
    [
        (-1, None, "at least 0"),
        (float("nan"), None, "at least 0"),
        (1, np.zeros((3, 3)), "differ in size"),
        (1, np.full((4, 4), np.nan), "NaN"),
    ],
)
def test_what_cannot_be_grown_is_refused(distance, height, words):
    with pytest.raises(UserError, match=words):
        grow_cells(np.eye(4, dtype=np.uint8), distance, height)
