"""The weight map of what is in view follows every change."""

from numpy.testing import assert_array_equal

from painted import plane_weight


def test_view_follows_every_control(viewer, weights, stack, shown):
    viewer.add_labels(stack, name="cells", scale=(2, 0.5, 0.5))
    viewer.dims.set_current_step(0, 0)
    layer = shown(plane_weight(stack[0]))
    assert layer.name == "cells weight map"
    assert_array_equal(layer.scale, (2, 0.5, 0.5))
    assert_array_equal(layer.data[2], 0)  # not yet in view
    fields = weights.form.target.fields
    fields["sigma"].value = 2
    shown(plane_weight(stack[0], sigma=2.0))
    weights.form.spacing.boxes["Y"].setValue(3)
    shown(plane_weight(stack[0], sigma=2.0, spacing=(3.0, 1.0)))
    fields["border"].value = "falk2019"
    assert not fields["w0"].enabled
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
