"""Training rectangles: drawn, over whole planes, and what counts in them."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.saving.autosave import chunked_draft
from napari_unet.ui.work.copies import at_once
from painted import annotation_of


def test_scheme(viewer, start, annotate, click, pointer):
    session = start()
    click(annotate.form.rectangle)
    drawn = session.parts.rectangles
    pointer(session.layer, (4.6, 8.6), (20, 20), (35.4, 40.4))
    assert len(drawn.data) == 1
    marks = session.parts.marks
    marks.data[:] = 0
    marks.data[55, :30], marks.data[15, 15] = 1, 2
    annotation = annotation_of(session.layer)
    low, high = annotation.boxes[0]
    assert_array_equal(low, np.ceil(drawn.data[0].min(axis=0)))
    assert_array_equal(high, np.ceil(drawn.data[0].max(axis=0)))
    counts = session.layer.data > 0
    counts[low[0] : high[0], low[1] : high[1]] = True
    counts[55, :30], counts[15, 15] = True, False
    assert_array_equal(annotation.ignored(), ~counts)


def test_rectangles_over_planes(viewer, start, annotate, click):
    session = start(planes=3)
    viewer.dims.set_current_step(0, 2)
    click(annotate.form.plane)
    click(annotate.form.plane)
    assert_array_equal(annotation_of(session.layer).boxes, [[[2, 0, 0], [3, 60, 80]]])
    click(annotate.form.all_planes)
    assert len(annotation_of(session.layer).boxes) == 3
    assert not annotation_of(session.layer).ignored().any()


@pytest.mark.parametrize("button", ["plane", "rectangle"])
def test_rectangles_lie_in_what_is_seen(viewer, start, annotate, click, button):
    session, button = start(planes=3), getattr(annotate.form, button)
    said = annotate.form.work_error
    for order, ndisplay, words in (
        ((1, 0, 2), 2, "a plane along other axes is in view: roll the axes back first."),
        ((0, 1, 2), 3, "the stack in 3D is in view: switch back to 2D first."),
    ):
        viewer.dims.order, viewer.dims.ndisplay = order, ndisplay
        click(button)
        assert said.text().endswith(words)
        assert not len(session.parts.rectangles.data)
        assert session.parts.rectangles.mode == "pan_zoom"
        viewer.dims.ndisplay = 2
    viewer.dims.order = (0, 2, 1)
    click(button)
    drawn = session.parts.rectangles
    assert len(drawn.data) == 1 or drawn.mode == "add_rectangle"


def test_no_rectangle_is_drawn_on_in_a_view_that_was_rolled(viewer, start, annotate, click):
    session = start(planes=3)
    drawn = session.parts.rectangles
    click(annotate.form.rectangle)
    viewer.dims.order = (0, 2, 1)
    assert drawn.mode == "add_rectangle"
    viewer.dims.order = (1, 0, 2)
    assert drawn.mode == "pan_zoom"
    assert "roll the axes back first" in annotate.form.work_error.text()


def test_a_rectangle_through_planes_is_none(start):
    session = start(planes=3)
    session.parts.rectangles.add_rectangles([[0, 10, 5], [0, 10, 30], [2, 10, 30], [2, 10, 5]])
    with pytest.raises(UserError, match="drawn through planes"):
        annotation_of(session.layer)


def test_rectangle_that_is_none(start):
    session = start()
    session.parts.rectangles.add_ellipses([[0, 0], [10, 10]])
    with pytest.raises(UserError, match="not an upright rectangle"):
        annotation_of(session.layer)


def test_rectangles_count_where_they_are_seen(start, annotate, click):
    session = start()
    drawn = session.parts.rectangles
    drawn.add_rectangles([[4.5, 2.5], [4.5, 9.5], [20.5, 9.5], [20.5, 2.5]])
    drawn.affine = np.array([[1, 0, 5], [0, 1, 25], [0, 0, 1]])
    assert_array_equal(annotation_of(session.layer).boxes, [[[10, 28], [26, 35]]])
    (copied,) = at_once(chunked_draft(session.layer, None, drawn)).rectangles
    assert_array_equal(copied.min(axis=0), (9.5, 27.5))
    click(annotate.form.plane)
    assert_array_equal(annotation_of(session.layer).boxes[1], [[0, 0], [60, 80]])
    drawn.rotate = 30
    with pytest.raises(UserError, match="not an upright rectangle"):
        annotation_of(session.layer)
