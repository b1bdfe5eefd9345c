"""Objects of a program count once a person stands for them."""

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.annotation.record import Record

OBJECTS = np.array([[0, 1, 2, 3, 4]])


@pytest.mark.parametrize("boxes", [None, np.array([[[0, 0], [1, 5]]])], ids=["sparse", "box"])
def test_what_nobody_stands_for_is_ignored(boxes):
    record = Record(frozenset({1, 2, 3})).accepting(1).editing([2, 0])
    assert record.unchecked == {3}
    assert [record.made_by(number) for number in (1, 3, 4)] == ["program", "program", "person"]
    annotation = Annotation(OBJECTS, boxes=boxes, record=record)
    assert annotation.sparse
    assert annotation.ignored().tolist() == [[boxes is None, False, False, True, False]]


def test_what_is_accepted_later_counts():
    record = Record(frozenset({1, 2}))
    before = Annotation(OBJECTS, record=record).ignored()
    after = Annotation(OBJECTS, record=record.accepting(2)).ignored()
    assert (before != after).tolist() == [[False, False, True, False, False]]
