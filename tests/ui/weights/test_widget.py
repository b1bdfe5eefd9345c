"""The Weight map widget in a real window, with real clicks, and the list of findings."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QPoint, Qt
from qtpy.QtWidgets import QFileDialog

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.progress import drive
from napari_unet.core.review.finding import Finding
from napari_unet.core.targets.annotation_weight import (
    Weighing,
    factor_steps,
    part_of,
    weight_steps,
    weight_within,
)
from napari_unet.core.targets.targets import instance_target
from napari_unet.io.read import read_image
from napari_unet.nn.training.patches import class_factors, training_image
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.ui.annotate.annotation_layers import add_annotation, annotated_image
from napari_unet.ui.layers.metadata import WEIGHTS
from napari_unet.ui.weights.layer import is_weight_map
from napari_unet.ui.widgets.findings_list import FindingsList, go_to
from shapes import make_image, make_labels

PLUGIN = "napari-unet-studio"
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def stack():
    """Three planes of two touching squares and a third one, uint32 (3, 60, 70)."""
    labels = np.zeros((3, 60, 70), np.uint32)
    labels[:, 10:30, 10:30] = 1
    labels[:, 10:30, 30:50] = 2
    labels[1:, 35:50, 12:40] = 3
    return labels


@pytest.fixture
def weights(viewer):
    """The Weight map widget, docked."""
    return viewer.window.add_plugin_dock_widget(PLUGIN, "Weight map")[1]


@pytest.fixture
def shown(viewer, weights, qtbot):
    """Wait until the weight map is in the viewer with these values in the plane in view."""

    def shown(expected):
        def there():
            layers = [layer for layer in viewer.layers if is_weight_map(layer)]
            plane = viewer.dims.current_step[0] if viewer.dims.ndim > 2 else ...
            return bool(layers) and np.array_equal(layers[-1].data[plane], expected)

        viewer.reset_view()
        qtbot.waitUntil(there, timeout=60_000)
        return next(layer for layer in reversed(viewer.layers) if is_weight_map(layer))

    return shown


@pytest.fixture
def apply(weights, click, qtbot):
    """Click Apply and wait for the end."""

    def apply():
        click(weights.button)
        qtbot.waitUntil(lambda: not weights.running, timeout=60_000)

    return apply


def plane_weight(labels, **options):
    return instance_target(labels, None, TargetConfig(**options)).weight


def test_view_follows_every_control(viewer, weights, stack, shown):
    viewer.add_labels(stack, name="cells", scale=(2, 0.5, 0.5))
    viewer.dims.set_current_step(0, 0)
    layer = shown(plane_weight(stack[0]))
    assert layer.name == "cells weight map"
    assert_array_equal(layer.scale, (2, 0.5, 0.5))
    assert_array_equal(layer.data[2], 0)  # not yet in view
    fields = weights.form.target.fields
    fields["sigma"].setValue(2)
    shown(plane_weight(stack[0], sigma=2.0))
    weights.form.spacing.boxes["Y"].setValue(3)
    shown(plane_weight(stack[0], sigma=2.0, spacing=(3.0, 1.0)))
    fields["border"].setCurrentIndex(fields["border"].findData("falk2019"))
    assert not fields["w0"].isEnabled()
    shown(plane_weight(stack[0], border="falk2019", spacing=(3.0, 1.0)))
    viewer.dims.set_current_step(0, 2)
    shown(plane_weight(stack[2], border="falk2019", spacing=(3.0, 1.0)))
    assert len(viewer.layers) == 2


def test_painting_objects_updates_the_view(viewer, weights, stack, shown):
    labels = viewer.add_labels(stack[0], name="cells")
    shown(plane_weight(stack[0]))
    labels.selected_label, labels.brush_size = 7, 9
    labels.paint((40, 60), 7)
    assert labels.data[40, 60] == 7
    shown(plane_weight(labels.data))


def test_apply_computes_the_whole(viewer, weights, stack, apply, qtbot):
    viewer.add_labels(stack, name="cells")
    apply()
    layer = viewer.layers["cells weight map"]
    assert_array_equal(layer.data, np.stack([plane_weight(plane) for plane in stack]))
    assert layer.metadata[WEIGHTS] == {"annotation": "cells", "complete": True, "painted": False}
    weights.form.extent.setCurrentIndex(weights.form.extent.findData(3))
    assert weights.form.spacing.boxes["Z"].isVisible()
    apply()
    assert_array_equal(layer.data, plane_weight(stack))
    assert [found.name for found in viewer.layers] == ["cells", "cells weight map"]


@pytest.mark.parametrize("unit", ["pixel", "micrometer"])
@pytest.mark.parametrize("scale", [(4, 1, 2), (0.284, 0.127, 0.127), (0.5, 1, 1)])
def test_volumes_are_weighed_by_the_voxel_of_training(viewer, weights, stack, unit, scale):
    form = weights.form
    image = viewer.add_image(make_image(stack), name="cells", scale=scale, units=[unit] * 3)
    labels = add_annotation(viewer, image, stack)
    labels.scale, labels.units = (1, 1, 1), ["pixel"] * 3
    assert form.labels.layer() is labels
    assert form.config().spacing == ()
    form.extent.setCurrentIndex(form.extent.findData(3))
    assert form.config().spacing == annotated_image(image, labels).voxel(3)
    assert min(form.config().spacing) == 1
    form.spacing.boxes["Y"].setValue(3)
    assert form.config().spacing[1] == 3


def test_volumes_of_other_axes_without_an_image(viewer, weights, stack, apply):
    turned = stack.transpose(1, 2, 0)
    viewer.add_labels(turned, name="a", scale=(1, 1, 4), axis_labels=("y", "x", "z"))
    weights.form.extent.setCurrentIndex(weights.form.extent.findData(3))
    assert weights.form.config().spacing == (4, 1, 1)
    apply()
    expected = plane_weight(stack, spacing=(4, 1, 1)).transpose(1, 2, 0)
    assert_array_equal(viewer.layers["a weight map"].data, expected)


def test_annotation_with_classes_weighs_as_training_does(viewer, weights, stack, apply):
    image = viewer.add_image(make_image(stack[1]), name="cells")
    labels = add_annotation(viewer, image)
    labels.data = stack[1]
    link = labels.metadata["napari_unet_annotation"]
    link["classes"].update({1: 1, 2: 2, 3: 1})
    link["rectangles"].add_rectangles(np.array([[0, 0], [0, 55], [52, 55], [52, 0]]))
    assert weights.form.labels.layer() is labels
    weights.form.target.fields["class_balance"].setChecked(True)
    apply()
    config = RunConfig(ModelConfig(classes=("a", "b")), TargetConfig(class_balance=True), name="x")
    ignored = np.ones((60, 70), bool)
    ignored[:52, :55] = False
    sample = Sample("a", image.data[np.newaxis], stack[1], False, ignored, {2: 2})
    trained = training_image(sample, config)
    factors = class_factors([trained], 3).numpy()
    expected = trained.smooth[-1] * factors[trained.semantic[0]]
    np.testing.assert_allclose(viewer.layers["cells weight map"].data, expected, rtol=1e-6)
    assert expected[30, 60] == 0 < expected[30, 20]


def drag(viewer, qtbot, start, end, until=lambda: True):
    """Drag the mouse from one pixel of the world to another."""
    canvas = viewer.window._qt_viewer.canvas.native
    camera = viewer.scene.camera

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
    weights.form.value.setValue(77)
    weights.form.size.setValue(4)
    viewer.reset_view()
    drag(viewer, qtbot, (50, 50), (50, 60), lambda: layer.data[50, 60] == 77)
    assert (layer.data[50, 50:61] == 77).all()
    assert ((layer.data == before) | (layer.data == 77)).all()
    assert 30 < (layer.data == 77).sum() < 80
    assert "kept as you painted it" in weights.form.note.text()
    kept = layer.data.copy()
    weights.form.target.fields["sigma"].setValue(3)
    apply()
    assert_array_equal(layer.data, kept)
    assert layer.metadata[WEIGHTS]["painted"]
    assert_array_equal(
        viewer.layers["cells weight map [1]"].data, plane_weight(stack[0], sigma=3.0)
    )


def test_strokes_are_undone(viewer, weights, stack, click, qtbot):
    viewer.add_labels(stack, name="cells", visible=False)
    click(weights.form.paint)
    qtbot.waitUntil(weights.form.paint.isChecked, timeout=60_000)
    layer = viewer.layers["cells weight map"]
    before = layer.data.copy()
    weights.form.value.setValue(99)
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


def test_stop(viewer, weights, click, qtbot, said):
    viewer.add_labels(np.tile(make_labels(2), (200, 1, 1)), name="cells")
    weights.form.live.setChecked(False)
    click(weights.button)
    assert not weights.button.isEnabled()
    click(weights.progress.stop)
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    assert weights.button.isEnabled()
    assert not weights.map().complete
    assert not said


def test_deleted_map_stays_away_until_asked_for(viewer, weights, stack, shown, apply, qtbot):
    viewer.add_labels(stack[0], name="cells")
    layer = shown(plane_weight(stack[0]))
    viewer.layers.remove(layer)
    viewer.scene.camera.zoom *= 2
    qtbot.waitUntil(lambda: not weights._rest.isActive(), timeout=60_000)
    assert [found.name for found in viewer.layers] == ["cells"]
    apply()
    assert viewer.layers["cells weight map"] is not layer


def test_layer_deleted_while_it_is_weighed(viewer, weights, click, qtbot, said):
    layer = viewer.add_labels(np.tile(make_labels(2), (50, 1, 1)), name="cells")
    click(weights.button)
    viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    assert not said
    assert not [found for found in viewer.layers if found.name == "cells weight map"]


def test_nothing_to_weigh(weights, click, said):
    click(weights.button)
    click(weights.form.export)
    assert said[0].startswith("There are no objects to weigh")
    assert said[1] == "The weight map is not complete: click Apply first."


def test_export(viewer, weights, stack, apply, click, qtbot, tmp_path, monkeypatch, said):
    viewer.add_labels(stack, name="cells", scale=(2, 0.5, 0.5), units=("micrometer",) * 3)
    apply()
    target = tmp_path / "map.tif"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    click(weights.form.export)
    qtbot.waitUntil(lambda: not weights.running and bool(said), timeout=60_000)
    picture = read_image(target)
    assert picture.data.dtype == np.float32
    assert_array_equal(picture.data, viewer.layers["cells weight map"].data)
    assert picture.spacing == pytest.approx((2, 0.5, 0.5))


def test_widget_closed_while_it_computes(viewer, weights, stack, click, qtbot, said):
    layer = viewer.add_labels(stack, name="cells")
    click(weights.button)
    viewer.window.remove_dock_widget(weights)
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    layer.paint((0, 5, 5), 9)
    viewer.dims.set_current_step(0, 0)
    qtbot.wait(100)
    assert [found.name for found in viewer.layers] == ["cells"]
    assert not said


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("balance", [False, True])
def test_part_weighs_as_in_the_whole(ndim, balance):
    rng = np.random.default_rng(ndim)
    labels = np.kron(rng.integers(0, 9, (2, 11, 12)), np.ones((3, 9, 9), int)).astype(np.uint16)
    marks = rng.choice([0, 1, 2], labels.shape, p=[0.1, 0.8, 0.1]).astype(np.uint8)
    boxes = np.array([[[0, 0, 0], [4, 60, 70]]])
    annotation = Annotation(labels, marks, boxes, {3: 2, 4: 2})
    config = TargetConfig(sigma=2.0, class_balance=balance, spacing=(2.0, 1.0, 1.5)[-ndim:])
    weighing = Weighing("ZYX", ndim, config)
    whole = drive(weight_steps(annotation, weighing))
    low, high = np.array([1, 25, 30]), np.array([2, 71, 80])
    first = np.maximum(low - weighing.margin(), 0)
    after = np.minimum(high + weighing.margin(), labels.shape)
    part = part_of(annotation, tuple(map(slice, first, after)))

    factors = drive(factor_steps(annotation, weighing))
    inner = tuple(map(slice, low - first, high - first))
    found = weight_within(part, weighing, inner, factors)
    np.testing.assert_allclose(found, whole[tuple(map(slice, low, high))], atol=1e-5)
    assert found.max() > 2


def test_findings_lead_to_the_place(viewer, qtbot):
    labels = viewer.add_labels(np.zeros((5, 200, 300), int), scale=(2, 0.5, 0.5), visible=False)
    viewer.add_image(np.zeros((2, 5, 200, 300)), scale=(1, 2, 0.5, 0.5))
    shown = FindingsList()
    qtbot.addWidget(shown)
    place = Finding("warning", "3 objects are in several pieces.", "Join them.", "a", (3, 150, 60))
    shown.show_findings([Finding("error", "Nothing is painted."), place])
    shown.show()
    shown.chosen.connect(lambda finding: go_to(viewer, labels, finding))
    with qtbot.waitSignal(shown.chosen, timeout=60_000) as signal:
        centre = shown.visualItemRect(shown.item(1)).center()
        qtbot.mouseClick(shown.viewport(), LEFT, pos=centre)
    assert signal.args == [place]
    assert viewer.dims.current_step[1] == 3
    camera = viewer.scene.camera
    assert camera.center[-2:] == (75, 30)
    assert camera.zoom >= 8
    assert labels.visible
    assert "a: 3 objects are in several pieces.\nJoin them." in shown.item(1).text()


def test_place_in_a_deleted_layer_is_passed_over(viewer):
    labels = viewer.add_labels(np.zeros((20, 30), int))
    viewer.layers.remove(labels)
    before = viewer.scene.camera.center
    go_to(viewer, labels, Finding("info", "text", where=(3, 4)))
    assert viewer.scene.camera.center == before
