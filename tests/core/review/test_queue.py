"""The queue of doubtful objects: laws for any objects and any order of what is done."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.review.queue import WITHDRAWN, Queue

rows = st.lists(
    st.tuples(st.integers(1, 9), st.floats(0, 1) | st.just(float("nan"))), min_size=1, max_size=12
)
deeds = st.lists(
    st.sampled_from(["next", "previous", "accept", "delete", "undo", "withdraw", "first", "lose"])
)


def queue_of(table, **options):
    labels, doubt = zip(*table, strict=True)
    return Queue.by(labels, doubt, doubt, **options)


def do(queue, deed):
    if deed == "first":
        return queue.go_to(queue.numbers[0])
    if deed != "lose":
        return getattr(queue, deed)()
    return queue if queue.here is None else queue.without(queue.here).next()


@given(rows, st.booleans())
def test_each_object_stands_once_and_in_order(table, lowest_first):
    queue = queue_of(table, lowest_first=lowest_first)
    known = {number: [] for number, _ in table}
    for number, doubt in table:
        known[number].append(doubt)
    assert sorted(queue.numbers) == sorted(known)
    for number, doubt in zip(queue.numbers, queue.doubt, strict=True):
        assert doubt == np.nanmax([0, *known[number]])
    values = dict.fromkeys(queue.numbers, None) | {
        number: (min if lowest_first else max)(ranked)
        for number, each in known.items()
        if (ranked := [value for value in each if not np.isnan(value)])
    }
    ranked = [value for value in values.values() if value is not None]
    assert ranked == sorted(ranked, reverse=not lowest_first)
    assert list(values.values())[: len(ranked)] == ranked  # what is no number comes last


@given(rows, deeds)
def test_nothing_is_seen_twice_and_all_is_counted(table, done):
    queue = queue_of(table).next()
    for deed in done:
        queue = do(queue, deed)
        said = {step.number: step.said for step in queue.steps}
        gone = {number for number in said if said[number] != WITHDRAWN} | queue.lost
        assert queue.left == len(set(queue.numbers) - gone)
        assert 0 <= queue.share_gone <= 1
        if deed in ("next", "previous", "lose"):
            assert (queue.here is None) == (queue.left == 0)
            assert queue.here not in gone


@given(rows, deeds)
def test_all_that_was_said_can_be_taken_back(table, done):
    fresh = queue = queue_of(table).next()
    for deed in done:
        queue = do(queue, deed)
        said = queue.accept()
        if said != queue:
            assert said.undo() == queue
            assert said.undo().redo(said.steps[-1]) == said
    for step in reversed(queue.steps):
        queue = queue.undo()
        assert queue.here == step.number
    assert queue.look_again().share_gone == fresh.share_gone == 0
    assert queue.look_again().left == fresh.left


@given(rows)
def test_next_leads_through_all_and_previous_leads_back(table):
    queue = queue_of(table)
    seen = []
    for _ in queue.numbers:
        queue = queue.next()
        seen.append(queue.here)
    assert tuple(seen) == queue.numbers
    for number in reversed(seen):
        assert queue.here == number
        queue = queue.previous()
    assert queue.here == seen[-1]
    while queue.left:
        queue = queue.accept()
    assert (queue.here, queue.share_gone) == (None, pytest.approx(1))
    assert queue.accept() == queue.delete() == queue


def test_words():
    queue = Queue.by([1, 2, 3, 4], [0.7, 0.1, 0.2, 0], [0.7, 0.1, 0.2, 0]).next()
    assert queue.in_words() == "4 left, 0 % of the doubt gone"
    assert queue.accept().in_words() == "3 left, 70 % of the doubt gone"
    unknown = Queue.by([1, 2], [3, 4]).next().accept()
    assert unknown.in_words() == "1 left, 50 % of the objects done"
    assert queue.accept().delete().here == 2
    assert queue.accept().go_to(1).here == 1
    assert queue.accept().go_to(1).delete() == queue.accept().go_to(1)
    assert Queue.by([5], [0], [0]).next().accept().in_words() == "Nothing is left of 1 object."
    empty = Queue.by([], [])
    assert (empty.next().here, empty.left) == (None, 0)


def test_what_was_accepted_can_be_withdrawn():
    queue = Queue.by([1, 2], [0.7, 0.3], [0.7, 0.3]).next()
    assert queue.withdraw() == queue
    accepted = queue.accept().go_to(1)
    withdrawn = accepted.withdraw()
    assert (withdrawn.here, withdrawn.left, withdrawn.share_gone) == (1, 2, 0)
    assert withdrawn.undo() == accepted
    assert withdrawn.accept().left == 1
