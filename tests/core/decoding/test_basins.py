"""Basins are joined saddle by saddle, whatever order or number of contacts they come with."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.decoding.basins import (
    Contacts,
    highest_per_pair,
    join_basins,
    number_objects,
    qualified,
    ranked,
    select,
)


@st.composite
def graphs(draw):
    """Summits by basin number, and contacts below them; ties are common."""
    count = draw(st.integers(2, 7))
    heights = st.sampled_from([0.2, 0.4, 0.5, 0.8])
    tops = [draw(heights) for _ in range(count)]
    summits = np.array([-np.inf, *tops], np.float32)
    pairs = st.tuples(st.integers(1, count), st.integers(1, count), heights)
    drawn = [(a, b, h) for a, b, h in draw(st.lists(pairs, max_size=20)) if a != b]
    one, other, saddle = (
        np.array([each[index] for each in drawn], kind)
        for index, kind in ((0, np.int64), (1, np.int64), (2, np.float32))
    )
    saddle = np.minimum(saddle, np.minimum(summits[one], summits[other]))
    place = np.arange(len(drawn))
    return summits, Contacts(place, one, other, saddle)


def saddle_by_saddle(contact, summits, split):
    """Join two basins at a time, as the method is described."""
    group = list(range(len(summits)))

    def find(basin):
        while group[basin] != basin:
            basin = group[basin]
        return basin

    for _, one, other, saddle in zip(*(each.tolist() for each in ranked(contact)), strict=True):
        a, b = find(one), find(other)
        lower, upper = sorted((a, b), key=lambda basin: (summits[basin], -basin))
        rise = summits[lower] - np.float32(saddle)
        if a != b and (rise < np.float32(split) or rise == 0):
            group[lower] = upper
    return [find(basin) for basin in range(len(summits))]


@given(graphs(), st.sampled_from([0.0, 0.1, 0.3, 0.9]))
def test_rounds_give_what_one_saddle_after_the_other_gives(graph, split):
    summits, contact = graph
    joined = join_basins(qualified(ranked(contact), summits, split), summits, split)
    assert joined.tolist() == saddle_by_saddle(contact, summits, split)


@given(graphs(), st.sampled_from([0.0, 0.1, 0.3, 0.9]), st.randoms())
def test_neither_the_order_nor_lower_contacts_of_a_pair_matter(graph, split, chance):
    summits, contact = graph
    order = list(range(len(contact.place)))
    chance.shuffle(order)
    shuffled = select(contact, np.array(order, np.intp))
    results = [
        join_basins(qualified(ranked(each), summits, split), summits, split).tolist()
        for each in (contact, shuffled, highest_per_pair(contact))
    ]
    assert results[0] == results[1] == results[2]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=4, max_size=4), st.data())
def test_objects_are_numbered_by_their_first_pixels_and_small_ones_dropped(basins, data):
    joined = np.array([data.draw(st.sampled_from([0, 1])) * number for number in range(4)])
    joined = joined[joined]
    first = np.array(data.draw(st.permutations(range(10, 14))))
    size, least = np.array([pixels for _, pixels in basins]), data.draw(st.integers(0, 8))
    numbers = number_objects(joined, size, first, least)
    kept = {}
    for basin in np.argsort(np.where(size > 0, first, 99)):
        whole = size[joined == joined[basin]].sum()
        if size[basin] and whole and whole >= least:
            kept.setdefault(joined[basin], len(kept) + 1)
    assert numbers.tolist() == [kept.get(basin, 0) for basin in joined]
