"""Finished objects are kept from brush, fill, polygon and eraser, unless that is switched off."""

import numpy as np
import pytest

TIMEOUT = 60_000


@pytest.fixture
def blank(viewer, annotate, click):
    """A new annotation of an empty image, in which nothing is painted."""

    def blank():
        viewer.add_image(np.zeros((60, 80), np.uint8), name="cells")
        click(annotate.form.create)
        return annotate.session

    return blank


def test_the_brush_is_in_hand_after_new_annotation(viewer, blank, pointer):
    layer = blank().layer
    assert viewer.layers.selection.active is layer
    assert (layer.mode, layer.selected_label) == ("paint", 1)
    pointer(layer, (30, 40), (30, 45))
    assert layer.data[30, 40] == layer.data[30, 45] == 1


def test_the_brush_has_the_next_number_after_a_result(start):
    layer = start().layer
    assert (layer.mode, layer.selected_label) == ("paint", 4)


def test_the_brush_goes_around_other_objects(start, pointer):
    layer = start().layer
    layer.brush_size, before = 8, layer.data.copy()
    pointer(layer, (25, 20), (25, 30), (35, 30))
    assert (layer.data == 4).any()
    assert (layer.data[before > 0] == before[before > 0]).all()


def test_the_selected_object_grows_and_no_other_shrinks(start):
    layer = start().layer
    layer.selected_label, layer.brush_size = 1, 10
    layer.paint((25, 30), 1)
    assert layer.data[25, 31] == 1
    assert layer.data[25, 32] == 2


def test_fill_and_polygon_leave_other_objects(start):
    layer = start().layer
    layer.fill((20, 40), 4)
    layer.paint_polygon([(5, 5), (5, 55), (35, 55), (35, 5)], 4)
    assert layer.data[20, 40] == 2
    assert layer.data[15, 15] == 1
    assert layer.data[8, 8] == 4


def test_the_eraser_takes_from_the_selected_object_only(start, pointer):
    layer = start().layer
    layer.selected_label, layer.brush_size, layer.mode = 2, 12, "erase"
    pointer(layer, (15, 31), (16, 31))
    assert layer.data[15, 28] == 1
    assert layer.data[15, 32] == 0


def test_what_is_painted_over_unless_it_is_protected(viewer, start, annotate, click):
    layer = start().layer
    assert annotate.form.protect.isChecked()
    click(annotate.form.protect)
    layer.paint((20, 40), 4)
    assert layer.data[20, 40] == 4
    layer.preserve_labels = True
    assert annotate.form.protect.isChecked()


def test_each_annotation_has_its_own_choice(viewer, start, annotate, click, qtbot):
    first = start()
    click(annotate.form.protect)
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not first, timeout=TIMEOUT)
    assert annotate.form.protect.isChecked()
    assert not first.layer.preserve_labels
    viewer.layers.selection.active = first.layer
    assert annotate.session is first
    assert not annotate.form.protect.isChecked()
