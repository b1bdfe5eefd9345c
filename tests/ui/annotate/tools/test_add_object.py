"""One click adds a missed object, another removes a wrong one."""

from weakref import ref

import numpy as np
import pytest
from numpy.testing import assert_array_equal

TIMEOUT = 60_000


def disk(shape, centre, radius):
    axes = np.ogrid[tuple(slice(size) for size in shape)]
    return sum((a - c) ** 2 for a, c in zip(axes, centre, strict=True)) <= radius**2


@pytest.fixture
def cells(viewer, annotate, click):
    """A new annotation of an image, or a stack, with two bright cells."""

    def cells(depth=0, **place):
        shape = (depth,) * bool(depth) + (60, 80)
        middle = (depth // 2,) * bool(depth)
        masks = [disk(shape, (*middle, 30, x), 8) for x in (25, 55)]
        noise = np.random.default_rng(0).normal(20, 2, shape)
        image = (noise + 100 * np.any(masks, axis=0)).astype(np.float32)
        layer = viewer.add_image(image, name="cells", **place)
        viewer.dims.set_point(range(len(middle)), middle)
        click(annotate.form.create)
        return layer, annotate.session, masks

    return cells


@pytest.fixture
def add(annotate, pointer, qtbot):
    """Click a place, and wait until an object was added or refused."""

    def add(session, *place):
        with qtbot.waitSignal(session.adding.work.ended, timeout=TIMEOUT):
            pointer(session.layer, place)

    return add


def overlap(found, truth):
    return (found & truth).sum() / (found | truth).sum()


def test_each_click_adds_an_object(annotate, click, cells, add):
    _, session, masks = cells()
    click(annotate.form.classes.add)
    click(annotate.form.add)
    assert annotate.form.add.isChecked()
    assert annotate.form.picked.text() == "Click the middle of a missed object to add it."
    add(session, 30, 25)
    add(session, 30, 55)
    data = session.layer.data
    assert [overlap(data == number, mask) > 0.9 for number, mask in enumerate(masks, 1)]
    assert set(np.unique(data)) == {0, 1, 2}
    assert session.parts.classes == {1: 2, 2: 2}
    assert session.layer.selected_label == 2
    session.layer.undo()
    assert set(np.unique(data)) == {0, 1}
    session.layer.undo()
    assert not data.any()


def test_a_miss_is_one_sentence_and_changes_nothing(annotate, click, cells, add, said):
    _, session, _ = cells()
    click(annotate.form.add)
    add(session, 30, 25)
    before = session.layer.data.copy()
    add(session, 5, 5)
    add(session, 30, 25)
    assert_array_equal(session.layer.data, before)
    assert said == [
        "No object stands out here: point at the middle of one, or paint it.",
        "Object 1 is here already: point at what is not painted yet.",
    ]


def test_a_neighbour_is_not_painted_over(annotate, click, cells, add):
    _, session, masks = cells()
    session.layer.data[:, 28:40] = 9
    click(annotate.form.add)
    add(session, 30, 22)
    assert (session.layer.data[:, 28:40] == 9).all()
    assert overlap(session.layer.data == 10, masks[0] & (np.arange(80) < 28)) > 0.8


def test_in_a_stack_the_plane_or_the_whole_object_is_added(annotate, click, cells, add, viewer):
    _, session, masks = cells(24)
    click(annotate.form.add)
    add(session, 30, 25)
    assert overlap(session.layer.data[12] == 1, masks[0][12]) > 0.9
    assert not session.layer.data[11].any()
    session.layer.undo()
    click(annotate.form.whole)
    add(session, 30, 25)
    assert overlap(session.layer.data == 1, masks[0]) > 0.85


def test_time_is_no_depth(annotate, click, cells, add):
    _, session, _ = cells(24, axis_labels=("t", "y", "x"))
    click(annotate.form.whole)
    click(annotate.form.add)
    add(session, 30, 25)
    assert (session.layer.data[12] == 1).any()
    assert not np.delete(session.layer.data, 12, axis=0).any()


def test_the_height_of_a_result_tells_more_than_the_image(viewer, annotate, click, cells, add):
    _, session, masks = cells()
    height = 0.9 * disk((60, 80), (30, 25), 5).astype(np.float32)
    made = {"napari_unet": {"axes": "YX", "role": "height", "ndim": 2}}
    viewer.add_image(height, name="cells height", metadata=made)
    click(annotate.form.add)
    add(session, 30, 25)
    assert overlap(session.layer.data == 1, height > 0) > 0.8
    add(session, 30, 55)
    assert overlap(session.layer.data == 2, masks[1]) > 0.9


def test_the_height_is_the_images_own_whatever_it_is_called(viewer, annotate, click, cells, add):
    image, session, _ = cells()
    other = viewer.add_image(image.data.copy(), name="other")
    for layer, x in ((image, 25), (other, 30)):
        made = {"axes": "YX", "role": "height", "ndim": 2, "image": ref(layer)}
        height = 0.9 * disk((60, 80), (30, x), 5).astype(np.float32)
        viewer.add_image(height, name="cells height", metadata={"napari_unet": made})
    image.name, other.name = "renamed", "cells"
    click(annotate.form.add)
    add(session, 30, 25)
    assert overlap(session.layer.data == 1, disk((60, 80), (30, 25), 5)) > 0.8


def test_one_click_removes_an_object(viewer, start, annotate, click, pointer, said, objects):
    session = start()
    click(annotate.form.remove)
    assert annotate.form.picked.text() == "Click an object that is wrong to remove it."
    pointer(session.layer, (20, 40))
    assert_array_equal(session.layer.data, np.where(objects == 2, 0, objects))
    session.layer.undo()
    assert_array_equal(session.layer.data, objects)
    pointer(session.layer, (50, 30))
    assert said == ["There is no object here: click the one that is to go."]
    assert annotate.form.remove.isChecked()


def test_one_tool_takes_the_clicks(start, annotate, click, pointer):
    session = start()
    form = annotate.form
    buttons = (form.add, form.remove, form.pick, form.cut)
    for button in buttons:
        click(button)
        assert [each.isChecked() for each in buttons] == [each is button for each in buttons]
    click(form.remove)
    session.layer.mode = "paint"
    assert not any(each.isChecked() for each in buttons)
    pointer(session.layer, (20, 40))
    assert (session.layer.data == 2).any()
