"""Compartments share the numbers of their cells and never a pixel that is not theirs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet import UserError, compartments, pair_objects
from shapes import make_cells


def test_a_cell_is_nucleus_cytoplasm_and_within_it_a_ring(ndim):
    nuclei, cells, _ = make_cells(ndim)
    pairing = pair_objects(nuclei, cells)
    parts = compartments(pairing.nuclei, pairing.cells, 2)
    np.testing.assert_array_equal(parts.cytoplasm, np.where(nuclei > 0, 0, cells))
    np.testing.assert_array_equal(parts.cell, cells)
    ring = parts.ring
    homes = np.isin(ring, cells) & (ring > 0)
    np.testing.assert_array_equal(ring[homes], parts.cytoplasm[homes])
    assert set(cells[ring == 901].tolist()) == {900}  # the second nucleus of a cell
    assert set(cells[ring >= 902].tolist()) == {0}
    assert set(np.unique(ring).tolist()) == {0, 7, 12, 40, 900, 901, 902, 903}
    assert 15 not in ring
    assert not (ring > 0)[nuclei > 0].any()


@pytest.mark.parametrize(("spacing", "rows", "columns"), [((1, 1), 2, 2), ((2.0, 0.5), 1, 4)])
def test_a_ring_is_as_wide_as_was_said_along_each_axis(spacing, rows, columns):
    nuclei = np.zeros((21, 21), np.uint8)
    nuclei[10, 10] = 3
    ring = compartments(nuclei, np.full_like(nuclei, 3), 2, spacing=spacing).ring
    assert np.flatnonzero(ring[:, 10]).tolist() == [
        *range(10 - rows, 10),
        *range(11, 11 + rows),
    ]
    assert np.count_nonzero(ring[10]) == 2 * columns


@given(st.integers(0, 2**32 - 1), st.sampled_from([(8, 9), (3, 5, 6)]), st.floats(0, 4))
def test_nothing_is_in_two_compartments_or_in_another_cell(seed, shape, width):
    rng = np.random.default_rng(seed)
    nuclei, cells = rng.choice([0, 0, 0, 2, 9], shape), rng.choice([0, 2, 5], shape)
    parts = compartments(nuclei, cells, width)
    assert not ((parts.ring > 0) & (nuclei > 0)).any()
    assert not ((parts.cytoplasm > 0) & (nuclei > 0)).any()
    there = parts.ring > 0
    for number in np.unique(nuclei[nuclei > 0]):
        counts = np.bincount(cells[nuclei == number])
        counts[0] = 0
        held = counts.argmax() if counts.max() * 2 >= np.sum(nuclei == number) else 0
        home = number if number in cells else held
        assert set(cells[parts.ring == number].tolist()) <= {home}
    assert set(parts.ring[there].tolist()) <= set(nuclei.ravel().tolist())
    homed = there & np.isin(parts.ring, cells)
    np.testing.assert_array_equal(parts.ring[homed], cells[homed])


def test_the_second_nucleus_of_a_cell_has_its_ring_there_in_each_frame():
    nuclei, cells = np.zeros((2, 3, 12, 24), np.int32)
    cells[:, :, :12], cells[2, :, 12:] = 7, 8
    nuclei[:, 2:6, 2:6] = 3
    nuclei[0, 8:10, 8:10], nuclei[1, 8:10, 16:18], nuclei[2, 8:10, 14:18] = 4, 4, 4
    nuclei[2, 2:6, 16:22] = 5  # the main one of cell 8
    pairing = pair_objects(nuclei, cells, axes="TYX")
    ring = compartments(pairing.nuclei, pairing.cells, 1, axes="TYX").ring
    assert [set(each[lay == 9].tolist()) for each, lay in zip(cells, ring, strict=True)] == [
        {7},
        {0},
        {8},
    ]


def test_a_nucleus_that_is_held_too_little_has_its_ring_outside():
    cells = np.repeat([[5, 5, 5, 5, 0, 0, 0]], 5, axis=0)
    nuclei = np.zeros_like(cells)
    nuclei[2, 2:5] = 6  # two thirds of it in cell 5
    for share, home in ((0.5, 5), (0.8, 0)):
        assert set(cells[compartments(nuclei, cells, 1, share=share).ring == 6]) == {home}


def test_a_share_above_all_is_refused():
    with pytest.raises(UserError, match="share must be a number from 0 to 1, not 5"):
        compartments(np.eye(5, dtype=int), np.eye(5, dtype=int), 1, share=5)


def test_a_width_below_0_is_refused():
    with pytest.raises(UserError, match="ring must be"):
        compartments(*np.ones((2, 3, 3), np.uint8), -1)
