"""Weights that are painted."""

import numpy as np
from numpy.testing import assert_array_equal
from qtpy.QtCore import QPoint, Qt

from napari_unet.ui.layers.in_view import camera_of
from napari_unet.ui.layers.metadata import WEIGHTS
from napari_unet.ui.weights import brush
from painted import plane_weight

LEFT = Qt.MouseButton.LeftButton


def drag(viewer, qtbot, start, end, until=lambda: True):
    """Drag the mouse from one pixel of the world to another."""
    canvas = viewer.window._qt_viewer.canvas.native
    camera = camera_of(viewer)

    def place(world):
        centre = np.array(camera.center[-2:])
        y, x = (np.array(world) - centre) * camera.zoom
        return QPoint(round(canvas.width() / 2 + x), round(canvas.height() / 2 + y))

    qtbot.mouseMove(canvas, place(start))
    qtbot.mousePress(canvas, LEFT, pos=place(start))
    qtbot.mouseMove(canvas, place(end))
    qtbot.waitUntil(until, timeout=60_000)
    qtbot.mouseRelease(canvas, LEFT, pos=place(end))


def test_painted_weights_are_kept(viewer, weights, stack, apply, click, qtbot):
    viewer.add_labels(stack[0], name="cells", visible=False)
    click(weights.form.paint)
    qtbot.waitUntil(weights.form.paint.isChecked, timeout=60_000)
    layer = viewer.layers["cells weight map"]
    before = layer.data.copy()
    weights.form.value.value = 77
    weights.form.size.value = 4
    viewer.reset_view()
    drag(viewer, qtbot, (50, 50), (50, 60), lambda: layer.data[50, 60] == 77)
    assert (layer.data[50, 50:61] == 77).all()
    assert ((layer.data == before) | (layer.data == 77)).all()
    assert 30 < (layer.data == 77).sum() < 80
    assert "kept as you painted it" in weights.form.note.text()
    kept = layer.data.copy()
    weights.form.target.fields["sigma"].value = 3
    apply()
    assert_array_equal(layer.data, kept)
    assert layer.metadata[WEIGHTS].painted
    assert_array_equal(
        viewer.layers["cells weight map [1]"].data, plane_weight(stack[0], sigma=3.0)
    )


def test_strokes_are_undone(viewer, weights, stack, click, qtbot):
    viewer.add_labels(stack, name="cells", visible=False)
    click(weights.form.paint)
    qtbot.waitUntil(weights.form.paint.isChecked, timeout=60_000)
    layer = viewer.layers["cells weight map"]
    before = layer.data.copy()
    weights.form.value.value = 99
    viewer.reset_view()
    drag(viewer, qtbot, (20, 20), (40, 40))
    first = layer.data.copy()
    drag(viewer, qtbot, (50, 20), (50, 40))
    assert (layer.data == 99).any(axis=(1, 2)).sum() == 1
    assert layer.data.sum() > first.sum() > before.sum()
    click(weights.form.undo)
    assert_array_equal(layer.data, first)
    click(weights.form.undo)
    assert_array_equal(layer.data, before)
    assert not weights.form.undo.isEnabled()
    click(weights.form.paint)
    drag(viewer, qtbot, (20, 20), (40, 40))
    assert_array_equal(layer.data, before)


def test_a_map_whose_only_stroke_is_undone_follows_again(
    viewer, weights, stack, click, qtbot, shown
):
    viewer.add_labels(stack[0], name="cells", visible=False)
    click(weights.form.paint)
    qtbot.waitUntil(weights.form.paint.isChecked, timeout=60_000)
    layer = viewer.layers["cells weight map"]
    viewer.reset_view()
    drag(viewer, qtbot, (50, 50), (50, 60))
    drag(viewer, qtbot, (20, 20), (20, 30))
    click(weights.form.undo)
    assert layer.metadata[WEIGHTS].painted
    click(weights.form.undo)
    assert not layer.metadata[WEIGHTS].painted
    assert "kept" not in weights.form.note.text()
    weights.form.target.fields["sigma"].value = 3
    assert shown(plane_weight(stack[0], sigma=3.0)) is layer


def test_a_map_with_more_strokes_than_can_be_undone_stays_painted(
    viewer, weights, stack, click, qtbot, monkeypatch
):
    monkeypatch.setattr(brush, "KEPT", 1)
    viewer.add_labels(stack[0], name="cells", visible=False)
    click(weights.form.paint)
    qtbot.waitUntil(weights.form.paint.isChecked, timeout=60_000)
    layer = viewer.layers["cells weight map"]
    viewer.reset_view()
    drag(viewer, qtbot, (50, 50), (50, 60))
    drag(viewer, qtbot, (20, 20), (20, 30))
    click(weights.form.undo)
    assert not weights.form.undo.isEnabled()
    assert layer.metadata[WEIGHTS].painted
