"""The table of overlaps is what counting pixel by pixel gives, whatever the numbers."""

from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_unet.core.instances.overlaps import class_of_each, overlap_table, run_lengths

STACKS = arrays(
    np.int32, st.tuples(*[st.integers(1, 6)] * 3), elements=st.integers(0, 3), fill=st.just(0)
)


def rows(table):
    return list(
        zip(table.first.tolist(), table.second.tolist(), table.shared.tolist(), strict=True)
    )


@given(STACKS)
def test_a_table_counts_the_pixels_of_every_pair(stack):
    other = np.roll(stack, 1, axis=-1)
    pairs = list(zip(stack.ravel().tolist(), other.ravel().tolist(), strict=True))
    expected = [(*pair, pairs.count(pair)) for pair in sorted(set(pairs) - {(0, 0)})]
    assert rows(overlap_table(stack, other)) == expected


@given(STACKS, st.integers(1, 4), st.integers(0, 2))
def test_tables_of_blocks_add_up_to_that_of_the_whole(stack, parts, axis):
    other = np.roll(stack, 1, axis=-1)
    blocks = zip(*(np.array_split(each, parts, axis) for each in (stack, other)), strict=True)
    total = reduce(add, (overlap_table(*block) for block in blocks))
    assert rows(total) == rows(overlap_table(stack, other))


@given(STACKS)
def test_sizes_and_iou_are_those_of_the_pixels(stack):
    other = np.roll(stack, 1, axis=-1)
    table = overlap_table(stack, other)
    each = zip(table.first, table.second, *table.sizes(), table.iou(), strict=True)
    for one, two, size, size_two, iou in each:
        a, b = stack == one, other == two
        assert (iou > 0) == (one > 0 and two > 0)
        if iou:
            assert (size, size_two) == (a.sum(), b.sum())
            assert iou == (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("high", [2**16 - 1, 2**31 - 1, 2**62])
def test_numbers_may_be_as_large_as_they_like(high):
    first = np.array([0, high, high, 3], np.uint64)
    second = np.array([high, high, 5, 0], np.uint64)
    expected = [(0, high, 1), (3, 0, 1), (high, 5, 1), (high, high, 1)]
    assert rows(overlap_table(first, second)) == expected


@given(st.lists(st.integers(0, 1), max_size=12), st.randoms())
def test_runs_end_where_any_line_changes(line, chance):
    one = np.array(line, np.int8)
    other = np.array([chance.randint(0, 1) for _ in line], np.int8)
    starts, lengths = run_lengths(one, other)
    assert np.repeat(one[starts], lengths).tolist() == one.tolist()
    assert np.repeat(other[starts], lengths).tolist() == other.tolist()
    same = (np.diff(one[starts]) == 0) & (np.diff(other[starts]) == 0)
    assert not same.any()


@given(st.integers(2, 60), st.randoms(use_true_random=False))
def test_a_table_of_many_objects_with_few_partners_each(count, chance):
    first = np.repeat(np.arange(count), 3)
    second = np.array([chance.choice([number, (number + 1) % count]) for number in first])
    pairs = list(zip(first.tolist(), second.tolist(), strict=True))
    expected = [(*pair, pairs.count(pair)) for pair in sorted(set(pairs) - {(0, 0)})]
    assert rows(overlap_table(first, second)) == expected


def test_the_class_of_an_object_is_that_of_most_of_its_pixels_but_never_background():
    instances = np.array([[1, 1, 1, 1, 0], [4, 4, 7, 7, 9]])
    semantic = np.array([[2, 2, 0, 3, 5], [3, 2, 0, 0, 1]])
    assert class_of_each(instances, semantic) == {1: 2, 4: 2, 7: 1, 9: 1}
