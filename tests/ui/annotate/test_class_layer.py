"""The layer of classes follows what is painted."""

import numpy as np
from numpy.testing import assert_array_equal

from painted import annotation_of, pick

TIMEOUT = 60_000


def test_classes(viewer, start, annotate, click, qtbot):
    session = start()
    click(annotate.form.classes.add)
    annotate.form.classes.table.item(1, 0).setText("dividing")
    assert session.parts.class_names == ["object", "dividing"]
    click(annotate.form.object)
    session.layer.paint((5, 60), 4)
    pick(session, 3)
    click(annotate.form.classes.give)
    assert session.parts.classes == {1: 1, 2: 1, 3: 2, 4: 2}
    expected = np.choose(session.layer.data, [0, 1, 1, 2, 2])

    def shows():
        semantic = session.parts.semantic
        return semantic is not None and np.array_equal(semantic.data, expected)

    qtbot.waitUntil(shows, timeout=TIMEOUT)
    assert annotation_of(session.layer).classes == session.parts.classes
    session.layer.undo()
    expected = np.choose(session.layer.data, [0, 1, 1, 1, 2])
    qtbot.waitUntil(shows, timeout=TIMEOUT)
    session.layer.undo()
    expected = np.choose(session.layer.data, [0, 1, 1, 1, 2])
    assert expected[5, 60] == 0
    qtbot.waitUntil(shows, timeout=TIMEOUT)
    annotate.form.classes.set_colour(2, "#00ff00")
    assert_array_equal(session.parts.semantic.get_color(2), [0, 1, 0, 1])
    click(annotate.form.classes.remove)
    assert set(session.parts.classes.values()) == {1}
    expected = (session.layer.data > 0).astype(int)
    qtbot.waitUntil(shows, timeout=TIMEOUT)


def test_classes_in_the_plane_that_was_painted(viewer, start, annotate, click, qtbot):
    session = start(planes=3)
    click(annotate.form.classes.add)
    qtbot.waitUntil(lambda: session.parts.semantic is not None, timeout=TIMEOUT)
    viewer.dims.set_current_step(0, 2)
    click(annotate.form.object)
    session.layer.paint((2, 5, 60), 4)
    semantic = session.parts.semantic
    qtbot.waitUntil(lambda: semantic.data[2, 5, 60] == 2, timeout=TIMEOUT)
    assert_array_equal(semantic.data > 0, session.layer.data > 0)
