"""The corrections of objects, each one step of undo."""

import pytest
from numpy.testing import assert_array_equal

from painted import pick


def holed(labels):
    return labels[20, 20] == 0


TOOLS = {
    "Merge": ((1, 2), lambda labels: 2 not in labels and labels[20, 31] == 1),
    "Delete": ((1,), lambda labels: 1 not in labels),
    "Fill holes": ((1,), lambda labels: not holed(labels)),
    "Keep largest": ((1,), lambda labels: labels[50, 5] == 0 and labels[15, 15] == 1),
    "Smooth": ((3,), lambda labels: labels[40, 60] == 0),
    "Grow": ((2,), lambda labels: labels[9, 40] == 2 and labels[20, 31] == 2),
    "Shrink": ((2,), lambda labels: labels[10, 40] == 0 and labels[11, 40] == 2),
    "Clear edge": ((), lambda labels: 3 not in labels and 2 in labels),
}


@pytest.mark.parametrize("planes", [0, 3])
def test_a_correction_is_one_step_of_undo(viewer, start, annotate, click, objects, planes):
    session = start(planes)
    if planes:
        viewer.dims.set_current_step(0, 1)
    buttons = {tool.title: button for tool, button in annotate.form.tools.items()}
    layer = session.layer
    for name, (numbers, done) in TOOLS.items():
        session.picks.clear()
        pick(session, *numbers)
        click(buttons.get(name, annotate.form.edge))
        assert done(layer.data[1] if planes else layer.data), name
        if planes:
            assert_array_equal(layer.data[0], objects, name)
        after = layer.data.copy()
        layer.undo()
        assert_array_equal(layer.data, [objects] * planes if planes else objects, name)
        layer.redo()
        assert_array_equal(layer.data, after, name)
        layer.undo()
