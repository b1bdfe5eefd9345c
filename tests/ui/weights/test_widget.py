"""The Weight map widget in a real window, with real clicks."""

from threading import Event
from weakref import ref

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QThreadPool

from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.targets.annotation_weight import weight_steps
from napari_unet.nn.training.patches import class_factors, training_image
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.storage.folders import HOME
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.layers.metadata import ANNOTATION, WEIGHTS, WeightMapState
from napari_unet.ui.weights import widget
from napari_unet.ui.weights.widget import OLD
from painted import annotate, annotated_image, plane_weight
from shapes import make_image, make_labels


def test_apply_computes_the_whole(viewer, weights, stack, apply, qtbot):
    labels = viewer.add_labels(stack, name="cells")
    apply()
    layer = viewer.layers["cells weight map"]
    assert_array_equal(layer.data, np.stack([plane_weight(plane) for plane in stack]))
    assert layer.metadata[WEIGHTS] == WeightMapState(ref(labels), complete=True)
    weights.form.extent.value = 3
    assert weights.form.spacing.boxes["Z"].isVisible()
    apply()
    assert_array_equal(layer.data, plane_weight(stack))
    assert [found.name for found in viewer.layers] == ["cells", "cells weight map"]


def test_frames_of_a_film_are_weighed_each_for_itself(viewer, weights, stack, apply):
    film = np.zeros(stack.shape, np.uint8)
    viewer.add_image(film, name="film", axis_labels=("time", "y", "x"))
    weights.form.labels.value = viewer.add_labels(stack, name="masks")
    assert not weights.form.extent.visible
    apply()
    layer = viewer.layers["masks weight map"]
    assert_array_equal(layer.data, np.stack([plane_weight(plane) for plane in stack]))
    assert weights._request()[1].axes == "TYX"


@pytest.mark.parametrize("unit", ["pixel", "micrometer"])
@pytest.mark.parametrize("scale", [(4, 1, 2), (0.284, 0.127, 0.127), (0.5, 1, 1)])
def test_volumes_are_weighed_by_the_voxel_of_training(viewer, weights, stack, unit, scale):
    form = weights.form
    image = viewer.add_image(make_image(stack), name="cells", scale=scale, units=[unit] * 3)
    labels = annotate(viewer, image, stack)
    labels.scale, labels.units = (1, 1, 1), ["pixel"] * 3
    assert form.labels.value is labels
    assert form.config().spacing == ()
    form.extent.value = 3
    assert form.config().spacing == annotated_image(image, labels).voxel(3)
    assert min(form.config().spacing) == 1
    form.spacing.boxes["Y"].setValue(3)
    assert form.config().spacing[1] == 3


def test_volumes_of_other_axes_without_an_image(viewer, weights, stack, apply):
    turned = stack.transpose(1, 2, 0)
    viewer.add_labels(turned, name="a", scale=(1, 1, 4), axis_labels=("y", "x", "z"))
    weights.form.extent.value = 3
    assert weights.form.config().spacing == (4, 1, 1)
    apply()
    expected = plane_weight(stack, spacing=(4, 1, 1)).transpose(1, 2, 0)
    assert_array_equal(viewer.layers["a weight map"].data, expected)


def test_annotation_with_classes_weighs_as_training_does(viewer, weights, stack, apply):
    image = viewer.add_image(make_image(stack[1]), name="cells")
    labels = add_annotation(viewer, image)
    labels.data = stack[1]
    parts = labels.metadata[ANNOTATION]
    parts.classes.update({1: 1, 2: 2, 3: 1})
    parts.rectangles.add_rectangles(np.array([[0, 0], [0, 55], [52, 55], [52, 0]]))
    assert weights.form.labels.value is labels
    weights.form.target.fields["class_balance"].value = True
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


def test_layer_deleted_while_it_is_weighed(viewer, weights, click, qtbot, said):
    layer = viewer.add_labels(np.tile(make_labels(2), (50, 1, 1)), name="cells")
    click(weights.button)
    viewer.layers.remove(layer)
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    assert not said
    assert not [found for found in viewer.layers if found.name == "cells weight map"]


def test_a_live_map_that_is_refused_is_told_in_the_widget(
    weights, viewer, stack, said, monkeypatch
):
    def config():
        raise UserError("These values do not fit: change one.")

    monkeypatch.setattr(weights.form, "config", config)
    viewer.add_labels(stack, name="cells")
    weights._update()
    assert weights.error.text() == said[-1] == "These values do not fit: change one."


def test_a_live_map_that_is_refused_again_and_again_is_told_once(
    weights, viewer, stack, said, monkeypatch, shown, qtbot
):
    refused, config = "These values do not fit: change one.", weights.form.config

    def refuse():
        raise UserError(refused)

    viewer.add_labels(stack[0], name="cells")
    shown(plane_weight(stack[0]))
    monkeypatch.setattr(weights.form, "config", refuse)
    for value in (20, 30, 40):
        weights.form.target.fields["w0"].value = value
        assert weights.error.text() == refused
    assert said == [refused]
    monkeypatch.setattr(weights.form, "config", config)
    weights.form.target.fields["w0"].value = 10
    qtbot.waitUntil(lambda: not weights.error.isVisible(), timeout=60_000)
    monkeypatch.setattr(weights.form, "config", refuse)
    weights.form.target.fields["w0"].value = 20
    assert said == [refused] * 2


def test_numbers_of_classes_are_not_weighed(viewer, weights, click, said, qtbot):
    classes = np.zeros((60, 60), np.uint8)
    classes[::4, ::4], classes[2::4, 2::4] = 1, 2
    viewer.add_labels(classes, name="classes")
    qtbot.waitUntil(lambda: "look like classes" in weights.error.text(), timeout=60_000)
    click(weights.form.apply)
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    assert "“classes” has the numbers 1, 2 only" in said[-1]
    assert [each.name for each in viewer.layers] == ["classes"]


def test_a_mask_is_not_weighed_but_a_part_of_one_object_is(
    viewer, weights, stack, click, said, shown, qtbot
):
    mask = np.tile([[0, 0, 0, 0], [0, 1, 1, 0]], (30, 20))
    layer = viewer.add_labels(mask, name="mask")
    qtbot.waitUntil(lambda: "“mask” has one number only" in weights.error.text(), timeout=60_000)
    click(weights.button)
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    assert "in 600 pieces: it is a mask, not objects" in said[-1]
    assert [each.name for each in viewer.layers] == ["mask"]
    layer.data = np.where(np.arange(80) < 3, mask, 0) > 0
    layer.data[:, 1] = 1
    layer.refresh()
    qtbot.waitUntil(lambda: not weights.error.isVisible(), timeout=60_000)


def test_nothing_to_weigh(weights, click, said):
    click(weights.button)
    click(weights.form.export)
    assert said[0].startswith("There are no objects to weigh")
    assert said[1] == "The weight map is not complete: click Apply first."


def test_an_undo_is_followed(viewer, weights, stack, apply, shown):
    layer = viewer.add_labels(stack[0], name="cells")
    layer.data_setitem(np.nonzero(stack[0] == 2), 0)
    apply()
    layer.refresh()
    assert weights.map().current is not None
    layer.undo()
    shown(plane_weight(stack[0]))


def test_a_look_after_painting_on_is_no_undo(viewer, weights, stack, apply):
    layer = viewer.add_labels(stack[0], name="cells")
    layer.data_setitem(np.nonzero(stack[0] == 2), 0)
    layer.undo()
    layer.data_setitem(np.nonzero(stack[0] == 1), 0)
    apply()
    layer.refresh()
    assert weights.map().current is not None


def test_a_map_of_earlier_objects_is_not_exported(viewer, weights, stack, apply, click):
    layer = viewer.add_labels(stack[0], name="cells")
    weights.form.live.setChecked(False)
    apply()
    layer.data_setitem(np.nonzero(stack[0] == 2), 0)
    assert weights.map().complete
    click(weights.form.export)
    assert weights.form.export_error.text() == OLD


def test_what_is_painted_while_a_map_is_made_makes_it_old(
    viewer, weights, stack, click, qtbot, monkeypatch
):
    layer = viewer.add_labels(stack[0], name="cells")
    weights.form.live.setChecked(False)
    painted = Event()

    def steps(annotation, request):
        assert painted.wait(60)
        return weight_steps(annotation, request)

    monkeypatch.setattr(widget, "weight_steps", steps)
    click(weights.button)
    qtbot.waitUntil(lambda: not weights.copying.busy, timeout=60_000)
    layer.data_setitem(np.nonzero(stack[0] == 2), 0)
    painted.set()
    qtbot.waitUntil(lambda: not weights.running, timeout=60_000)
    assert weights.map().complete
    assert weights.map().current is None


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


def test_only_the_map_of_the_chosen_objects_is_in_view(viewer, weights, stack, apply):
    first = viewer.add_labels(stack, name="first")
    apply()
    weights.labels.value = viewer.add_labels(stack[:, ::-1], name="second")
    apply()
    maps = [viewer.layers[f"{name} weight map"] for name in ("first", "second")]
    assert [layer.visible for layer in maps] == [False, True]
    weights.labels.value = first
    assert [layer.visible for layer in maps] == [True, False]


def test_hidden_labels_of_others_are_not_weighed_unasked(viewer, weights, stack, apply):
    truth = viewer.add_labels(stack, name="ground truth", visible=False)
    assert weights.labels.value is truth
    weights._update()
    assert not weights._viewing.busy
    apply()
    assert "ground truth weight map" in viewer.layers


def test_a_map_comes_when_the_tab_is_looked_at_and_then_follows_the_brush(
    viewer, weights, stack, shown, click, qtbot, monkeypatch, tmp_path
):
    monkeypatch.setenv(HOME, str(tmp_path))
    image = viewer.add_image(make_image(stack[1]), name="cells")
    dock, _ = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Annotate")
    qtbot.waitUntil(lambda: not weights._tab.in_front, timeout=60_000)
    labels = add_annotation(viewer, image)
    assert weights.labels.value is labels
    labels.paint((20, 20), 1)
    qtbot.waitUntil(lambda: not weights._rest.isActive(), timeout=60_000)
    QThreadPool.globalInstance().waitForDone()
    qtbot.wait(100)
    assert weights.map().layer is None
    weights._tab.dock.raise_()
    qtbot.waitUntil(lambda: weights.map().layer is not None, timeout=60_000)
    dock.raise_()
    qtbot.waitUntil(lambda: not weights._tab.in_front, timeout=60_000)
    labels.paint((40, 40), 1)
    counts = (labels.data > 0).astype(np.float32)
    assert_array_equal(shown(counts).data, counts)
