"""Unsaved annotations as files: they come back as they were, or are told to be damaged."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.io.drafts import Draft, new_draft_path, read_draft, write_draft


def test_a_draft_comes_back_as_it_was(tmp_path):
    objects = np.arange(12, dtype=np.int32).reshape(3, 4)
    rectangle = np.array([[0.5, 1], [2, 3]])
    draft = Draft(
        "cells", (3, 4), objects, objects.astype(np.uint8), [rectangle], {3: 2}, ["a"], ["#ff0000"]
    )
    found = read_draft(write_draft(tmp_path / "draft.npz", draft))
    np.testing.assert_array_equal(found.objects, objects)
    np.testing.assert_array_equal(found.marks, draft.marks)
    np.testing.assert_array_equal(found.rectangles, [rectangle])
    assert (found.image, found.image_shape, found.classes) == ("cells", (3, 4), {3: 2})
    assert (found.class_names, found.class_colours) == (["a"], ["#ff0000"])
    assert not found.empty


@pytest.mark.parametrize("image", ["plate/well: A1", "", "x" * 300])
def test_each_draft_has_a_file_of_its_own_whatever_its_image_is_called(tmp_path, image):
    draft = Draft(image, (3, 4), np.ones((3, 4), np.int32))
    paths = {write_draft(new_draft_path(tmp_path, image), draft) for _ in range(2)}
    assert set(tmp_path.iterdir()) == paths
    assert {read_draft(path).image for path in paths} == {image}


@pytest.mark.parametrize("left", [0, 10, -30])
def test_a_damaged_draft_is_told(tmp_path, left):
    path = write_draft(tmp_path / "draft.npz", Draft("a", (3, 4), np.ones((3, 4), np.int32)))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UserError):
        read_draft(path)
