"""Objects are picked by clicks."""

from painted import pick

TIMEOUT = 60_000


def test_picking_with_clicks(viewer, start, annotate, click, pointer, said):
    session = start()
    click(annotate.form.pick)
    assert annotate.form.pick.isChecked()
    pointer(session.layer, (15, 15))
    pointer(session.layer, (20, 40))
    assert session.picks.numbers == [1, 2]
    assert annotate.form.picked.text() == "Picked: 1 (object), 2 (object)."
    assert "picked" in viewer.layers
    assert viewer.layers.selection.active is session.layer
    pointer(session.layer, (15, 15))
    assert session.picks.numbers == [2]
    pointer(session.layer, (50, 70), (45, 40), (40, 10))
    assert session.picks.numbers == [2]
    session.layer.mode = "paint"
    assert not annotate.form.pick.isChecked()
    click(next(b for tool, b in annotate.form.tools.items() if tool.title == "Merge"))
    assert said == ["Pick at least two objects to merge."]


def test_another_annotation_is_chosen_while_objects_are_picked(
    viewer, start, annotate, click, qtbot
):
    first = start()
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not first, timeout=TIMEOUT)
    second = annotate.session
    for session, other in ((second, first), (first, second)):
        click(annotate.form.pick)
        pick(session, 1)
        viewer.layers.selection.active = other.layer
        assert annotate.session is other
        assert not session.picks.numbers
    assert "picked" not in viewer.layers


def test_picks_go_with_their_rings(viewer, start, annotate):
    session = start()
    pick(session, 1, 2)
    viewer.layers.remove("picked")
    assert session.picks.numbers == []
    assert "Picked: 1" not in annotate.form.picked.text()
    pick(session, 2)
    assert "picked" in viewer.layers
    viewer.layers.clear()
    assert annotate.session is None
