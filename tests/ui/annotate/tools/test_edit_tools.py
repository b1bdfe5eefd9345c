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
@pytest.mark.parametrize(("name", "numbers", "done"), [(k, *v) for k, v in TOOLS.items()])
def test_a_correction_is_one_step_of_undo(
    viewer, start, annotate, click, objects, planes, name, numbers, done
):
    session = start(planes)
    if planes:
        viewer.dims.set_current_step(0, 1)
    pick(session, *numbers)
    buttons = {tool.title: button for tool, button in annotate.form.tools.items()}
    click(buttons.get(name, annotate.form.edge))
    layer = session.layer
    shown = layer.data[1] if planes else layer.data
    assert done(shown)
    if planes:
        assert_array_equal(layer.data[0], objects)
    after = layer.data.copy()
    layer.undo()
    assert_array_equal(layer.data, [objects] * planes if planes else objects)
    layer.redo()
    assert_array_equal(layer.data, after)
