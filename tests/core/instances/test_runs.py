"""Masks are those that COCO's own code makes of the same objects."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from pycocotools import mask as coco

from napari_unet.core.instances import runs
from napari_unet.core.instances.runs import masks


@given(
    arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3))
)
def test_masks_are_those_of_cocos_own_code(labels):
    found = list(masks(labels))
    assert [each.label for each in found] == [number for number in np.unique(labels) if number]
    for each in found:
        inside = labels == each.label
        encoded = coco.frPyObjects({"counts": each.counts, "size": labels.shape}, *labels.shape)
        assert_array_equal(coco.decode(encoded), inside)
        assert each.pixels == inside.sum()
        assert (
            list(each.box) == coco.toBbox(coco.encode(np.asfortranarray(inside, np.uint8))).tolist()
        )


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (3, 4)])
def test_nothing_has_no_masks(shape):
    assert list(masks(np.zeros(shape, np.uint8))) == []


def test_strips_of_a_large_plane_fit_together(monkeypatch):
    labels = np.repeat(np.random.default_rng(0).integers(0, 3, (4, 20)), 3, axis=0)
    labels[:, 5:9] = 2
    whole = list(masks(labels))
    monkeypatch.setattr(runs, "_STRIP", 30)
    assert list(masks(labels)) == whole
