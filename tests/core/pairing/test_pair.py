"""Every case of nucleus and cell is named as it was drawn, whatever the axes and numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_unet import PairConfig, UserError, pair_objects
from shapes import make_cells

NUMBERS = st.sampled_from([0, 0, 1, 2, 5, 900])
planes = hnp.arrays(np.uint16, (6, 7), elements=NUMBERS)
volumes = hnp.arrays(np.int32, (3, 4, 5), elements=NUMBERS)


def named(pairing):
    """Return what is told of each, by the numbers that they had."""
    table = pairing.table
    keys = zip(table["nucleus"].tolist(), table["cell"].tolist(), strict=True)
    return dict(zip(keys, table["case"].tolist(), strict=True))


def test_every_case_is_named(ndim):
    nuclei, cells, truth = make_cells(ndim)
    pairing = pair_objects(nuclei, cells)
    assert named(pairing) == truth
    assert pairing.counts() == {
        "paired": 2,
        "no cell": 1,
        "no nucleus": 1,
        "several nuclei": 2,
        "across cells": 2,
    }
    assert pairing.in_words() == (
        "2 pairs of nucleus and cell, 1 nucleus without a cell, 1 cell without a nucleus, "
        "2 nuclei in cells that have several, 2 nuclei across cells."
    )


def test_a_nucleus_has_the_number_of_its_cell_and_others_one_above_all(ndim):
    nuclei, cells, _ = make_cells(ndim)
    pairing = pair_objects(nuclei, cells)
    now = {
        number: np.unique(pairing.nuclei[nuclei == number]).tolist()
        for number in np.unique(nuclei).tolist()
    }
    assert now == {0: [0], 2: [40], 3: [7], 5: [901], 8: [900], 11: [902], 70: [12], 71: [903]}
    np.testing.assert_array_equal(pairing.cells, cells)
    assert pairing.nuclei.dtype == np.uint16


def test_of_several_nuclei_the_largest_is_the_main_one(ndim):
    nuclei, cells, _ = make_cells(ndim)
    table = pair_objects(nuclei, cells).table
    in_cell = table["cell"] == 900
    assert table["nucleus"][in_cell].tolist() == [8, 5]
    assert table["main"][in_cell].tolist() == [True, False]
    assert table["nuclei"][in_cell].tolist() == [2, 2]
    together = pair_objects(nuclei, cells, PairConfig(several=True))
    assert np.unique(together.nuclei[np.isin(nuclei, (5, 8))]).tolist() == [900]
    assert together.counts() == pair_objects(nuclei, cells).counts()


def test_a_nucleus_that_is_held_too_little_has_no_cell():
    nuclei, cells = np.zeros((2, 4, 10), np.uint8)
    nuclei[1:3, 2:8] = 1
    cells[:, :5] = 1
    assert named(pair_objects(nuclei, cells)) == {(1, 1): "paired"}
    pairing = pair_objects(nuclei, cells, PairConfig(share=0.6))
    assert named(pairing) == {(1, 0): "no cell", (0, 1): "no nucleus"}
    assert pairing.table["share"][pairing.table["nucleus"] == 1] == [0.5]


def test_frames_are_paired_on_their_own_and_keep_the_numbers_of_cells():
    nuclei, cells, truth = make_cells(2)
    frames = np.stack([nuclei, np.where(nuclei == 3, 0, nuclei), 0 * nuclei], axis=-1)
    pairing = pair_objects(frames, np.stack([cells] * 3, axis=-1), axes="YXT")
    table = pairing.table
    assert [int(np.sum(table["t"] == t)) for t in range(3)] == [8, 8, 5]
    for t in range(2):
        now = pairing.nuclei[..., t]
        assert np.unique(now[nuclei == 2]).tolist() == [40]
        assert np.unique(now[nuclei == 11]).tolist() == [902]
    followed = (table["cell"] == 7) & (table["t"] > 0)
    assert table["case"][followed].tolist() == ["no nucleus"] * 2
    first = table["t"] == 0
    assert set(table["case"][first]) == set(truth.values())


def test_empty_images_pair_nothing(ndim):
    pairing = pair_objects(*np.zeros((2, *(4,) * ndim), np.uint8))
    assert not len(pairing.table["label"])
    assert pairing.in_words() == "neither nuclei nor cells."


def by_hand(nuclei, cells, share):
    """Say of each nucleus what it is, one by one."""
    told = {}
    for nucleus in np.unique(nuclei[nuclei > 0]).tolist():
        inside = cells[nuclei == nucleus]
        parts = {cell: np.mean(inside == cell) for cell in np.unique(inside[inside > 0]).tolist()}
        cell = max(parts, key=lambda each: (parts[each], -each), default=0)
        cell = cell if parts.get(cell, 0) >= share else 0
        told[nucleus] = cell, sum(part >= 0.25 for part in parts.values()) >= 2
    return told


@given(planes | volumes, st.integers(0, 2**32 - 1), st.sampled_from([0.3, 0.5, 0.8]))
def test_pairs_are_those_of_looking_at_each_nucleus(nuclei, seed, share):
    cells = np.random.default_rng(seed).choice([0, 3, 4, 70_000], nuclei.shape)
    pairing = pair_objects(nuclei, cells, PairConfig(share=share))
    told, table = by_hand(nuclei, cells, share), pairing.table
    there = table["nucleus"] > 0
    cell = dict(zip(table["nucleus"][there].tolist(), table["cell"][there].tolist(), strict=True))
    assert cell == {nucleus: of for nucleus, (of, _) in told.items()}
    across = table["nucleus"][table["case"] == "across cells"]
    assert sorted(across.tolist()) == [nucleus for nucleus, (_, is_so) in told.items() if is_so]
    alone = set(np.unique(cells[cells > 0]).tolist()) - set(cell.values())
    assert set(table["cell"][~there].tolist()) == alone
    # one to one: no number is given twice, and none but a main nucleus has its cell's
    assert len(np.unique(table["label"])) == len(table["label"])
    own = there & (table["label"] == table["cell"])
    np.testing.assert_array_equal(table["main"], own)
    np.testing.assert_array_equal(pairing.nuclei > 0, nuclei > 0)


@pytest.mark.parametrize(
    ("nuclei", "words"),
    [
        (np.zeros((3, 3), np.uint8), "differ in size"),
        (np.zeros((4, 4), bool), "mask"),
        (np.full((4, 4), -1), "negative"),
        (np.full((4, 4), 0.5), "decimal"),
    ],
)
def test_what_cannot_be_paired_is_refused(nuclei, words):
    with pytest.raises(UserError, match=words):
        pair_objects(nuclei, np.zeros((4, 4), np.uint8))
