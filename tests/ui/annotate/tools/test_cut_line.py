"""Objects are split along a line that is drawn."""

import numpy as np
import pytest

TIMEOUT = 60_000


@pytest.mark.parametrize("planes", [0, 3])
def test_splitting_along_a_drawn_line(viewer, start, annotate, click, pointer, qtbot, planes):
    session = start(planes)
    if planes:
        click(annotate.form.whole)
    session.parts.classes[2] = 2
    click(annotate.form.cut)
    pointer(session.layer, (5, 40), (12, 40), (20, 42), (30, 42), (35, 42))
    qtbot.waitUntil(lambda: not session.cut.active, timeout=TIMEOUT)
    assert set(np.unique(session.layer.data)) == {0, 1, 2, 3, 4}
    assert session.parts.classes[4] == 2
    assert not annotate.form.cut.isChecked()
    assert "cut" not in viewer.layers
    assert viewer.layers.selection.active is session.layer
    if planes:
        assert (session.layer.data == 4).any(axis=(1, 2)).all()
    session.layer.undo()
    assert 4 not in session.layer.data


def test_the_parts_of_an_object_have_two_colours(start, annotate, click, pointer, qtbot):
    session = start()
    layer = session.layer
    layer.paint((50, 30), 50)  # the next, 51, looks like 2
    click(annotate.form.cut)
    pointer(layer, (5, 40), (12, 40), (35, 42))
    qtbot.waitUntil(lambda: not session.cut.active, timeout=TIMEOUT)
    first, second = layer.data[20, 33], layer.data[20, 48]
    assert {first, second} == {2, 52}
    assert tuple(layer.get_color(first)) != tuple(layer.get_color(second))


def test_objects_that_are_not_in_view_are_not_split(start, annotate, click, pointer, qtbot):
    session = start(planes=3)
    session.layer.data[1:][session.layer.data[1:] == 2] = 5
    click(annotate.form.whole)
    session.viewer.dims.set_current_step(0, 0)
    click(annotate.form.cut)
    pointer(session.layer, (0, 5, 40), (0, 20, 40), (0, 35, 40))
    qtbot.waitUntil(lambda: not session.cut.active, timeout=TIMEOUT)
    assert [np.unique(plane).tolist() for plane in session.layer.data] == [
        [0, 1, 2, 3, 6],
        [0, 1, 3, 5],
        [0, 1, 3, 5],
    ]


def test_giving_up_a_line(viewer, start, annotate, click, qtbot):
    session = start()
    click(annotate.form.cut)
    viewer.layers.selection.active = viewer.layers["cells"]
    qtbot.waitUntil(lambda: not annotate.form.cut.isChecked(), timeout=TIMEOUT)
    assert "cut" not in viewer.layers
    assert session.layer.data.max() == 3


def test_no_line_is_drawn_in_3d(viewer, start, annotate, click, said):
    session = start(planes=3)
    viewer.dims.ndisplay = 3
    click(annotate.form.cut)
    assert said == [
        "A line is drawn in a plane, and the stack in 3D is in view: switch back to 2D first."
    ]
    assert not session.cut.active
    assert not annotate.form.cut.isChecked()
    assert viewer.layers.selection.active is session.layer
