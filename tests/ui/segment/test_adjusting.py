"""The box *Adjust the result* belongs to what is in view."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QApplication

from napari_unet.core.config import DecodeConfig, LinkConfig
from napari_unet.core.instances.labels import numbers_in
from napari_unet.core.words import counted
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.ui.segment.result import kept

TUNED = DecodeConfig(threshold=0.55, split=0.0, min_size=3)


@pytest.fixture
def stack(viewer, nuclei):
    """Three planes that have nothing to do with each other, the first in view."""
    viewer.add_image(
        np.stack([nuclei[0], nuclei[1], nuclei[0].T[:80, :80].repeat(2, 0)[:96]]),
        name="cells",
        axis_labels=("t", "y", "x"),
    )
    viewer.dims.set_current_step(0, 0)
    return viewer.layers[0]


@pytest.fixture
def settle(segment):
    """Let everything that was begun come to its end."""

    def settle():
        for _ in range(3):
            QThreadPool.globalInstance().waitForDone()
            QApplication.processEvents()

    return settle


@pytest.fixture
def tune(segment, settle):
    """Move a slider, and wait for the labels."""

    def tune(**values):
        for name, value in values.items():
            segment.form.decode.fields[name].value = value
        settle()

    return tune


def after(number, instances):
    """Return objects with the numbers after one that another plane has."""
    return np.where(instances, instances + number, 0)


def labels(viewer, name="cells objects (instances)"):
    return next(layer for layer in viewer.layers if layer.name == name).data


def test_each_plane_that_was_segmented_apart_has_its_own_values(
    viewer, segment, run, stack, tune, models
):
    form = segment.form
    form.view.setChecked(True)
    run()
    tune(min_size=200)
    viewer.dims.set_current_step(0, 1)
    assert not form.adjust.isVisible()
    run()
    assert form.decode.value().min_size == 200  # a stack's next plane goes on with them
    tune(min_size=12)
    viewer.dims.set_current_step(0, 2)
    assert not form.adjust.isVisible()
    first, second = (segment_directly(stack.data[plane], models["flat"]) for plane in (0, 1))
    own = load_model(models["flat"]).decode
    few = first.decoded(own.replace(min_size=200)).instances
    assert_array_equal(labels(viewer)[0], few)
    assert_array_equal(labels(viewer)[1], after(few.max(), second.instances))
    viewer.dims.set_current_step(0, 0)
    assert form.adjust.isVisible()
    assert form.decode.value().min_size == 200
    both = few.max() + second.instances.max()
    told = f"{few.max():,} objects in this frame, {both:,} in 2 frames of “cells”. {first.note}"
    assert form.found.text() == told.rstrip()
    tune(min_size=12)
    assert_array_equal(labels(viewer)[0], after(labels(viewer)[1].max(), first.instances))
    assert_array_equal(labels(viewer)[1], after(few.max(), second.instances))
    tune(min_size=200)  # what is free again is used again
    assert_array_equal(labels(viewer)[0], few)


def test_a_plane_segmented_after_the_whole_keeps_its_own_values(
    viewer, segment, run, stack, tune, models
):
    run()
    segment.form.view.setChecked(True)
    viewer.dims.set_current_step(0, 1)
    run()
    tune(min_size=200)
    viewer.dims.set_current_step(0, 2)
    tune(split=0.0)
    whole = segment_directly(stack.data, models["flat"], axes="TYX")
    plane = segment_directly(stack.data[1], models["flat"])
    own = load_model(models["flat"]).decode
    expected = whole.decoded(own.replace(split=0.0)).instances.copy()
    expected[1] = after(expected.max(), plane.decoded(own.replace(min_size=200)).instances)
    assert_array_equal(labels(viewer), expected)


@pytest.mark.parametrize("change", ["delete", "other image", "paint"])
def test_where_there_is_no_result_in_view_there_is_no_box(
    viewer, segment, run, nuclei, tune, change
):
    viewer.add_image(nuclei[0], name="cells")
    run()
    assert segment.form.adjust.isVisible()
    before = labels(viewer).copy()
    if change == "delete":
        viewer.layers.remove("cells objects (instances)")
    elif change == "paint":
        viewer.layers["cells objects (instances)"].paint((5, 5), 99)
        before = labels(viewer).copy()
    else:
        viewer.add_image(nuclei[1], name="other")
    assert not segment.form.adjust.isVisible()
    count = len(viewer.layers)
    tune(min_size=200)
    assert len(viewer.layers) == count
    if change != "delete":
        assert_array_equal(labels(viewer), before)


def test_a_changed_value_is_marked_and_the_models_come_back(
    viewer, segment, run, nuclei, click, tune
):
    viewer.add_image(nuclei[0], name="cells")
    run()
    first, box = labels(viewer).copy(), segment.form.values
    own = segment.form.decode.value()

    def marked():
        form = segment.form.decode
        titles = {name: form.title(name).text() for name in form.fields}
        return [name for name, title in titles.items() if title.endswith("•")]

    assert marked() == []
    assert not box.back.isEnabled()
    tune(min_size=200, split=0.0)
    assert marked() == ["split", "min_size"]
    assert not np.array_equal(labels(viewer), first)
    click(box.back)
    tune()
    assert marked() == []
    assert segment.form.decode.value() == own
    assert_array_equal(labels(viewer), first)


def test_the_next_image_starts_from_the_models_values(viewer, segment, run, nuclei, tune, models):
    first = viewer.add_image(nuclei[0], name="cells")
    run()
    tune(min_size=200)
    viewer.add_image(nuclei[1], name="next")
    run()
    expected = segment_directly(nuclei[1], models["flat"]).instances
    assert_array_equal(labels(viewer, "next objects (instances)"), expected)
    assert segment.form.decode.value() == load_model(models["flat"]).decode
    segment.image.value = first
    assert segment.form.decode.value().min_size == 200


def test_moving_on_at_once_loses_no_change(viewer, segment, run, stack, settle, models):
    segment.form.view.setChecked(True)
    for plane in (0, 1):
        viewer.dims.set_current_step(0, plane)
        run()
    for plane in (0, 1, 0):
        viewer.dims.set_current_step(0, plane)
        segment.form.decode.set_value(TUNED.replace(min_size=3 + plane))
    settle()
    for plane in (0, 1):
        expected = segment_directly(
            stack.data[plane], models["flat"], decode=TUNED.replace(min_size=3 + plane)
        )
        found = labels(viewer)[plane]
        before = found[found > 0].min() - 1
        assert_array_equal(found, after(before, expected.instances))
    assert not {*numbers_in(labels(viewer)[0])} & {*numbers_in(labels(viewer)[1])}


def test_what_is_counted_is_said(viewer, segment, run, stack, models, tune):
    def told():
        return segment.form.found.text().partition(". ")[0].rstrip(".")

    run()
    found = segment_directly(stack.data, models["flat"], axes="TYX").instances
    count = [len(np.unique(plane[plane > 0])) for plane in found]
    for plane in (0, 2):
        viewer.dims.set_current_step(0, plane)
        here = f"{counted(count[plane], 'object')} in this frame, {found.max():,} in 3 frames"
        assert told() == f"{here} of “cells”"
    segment.form.extent.frames.setChecked(True)
    run()
    link = LinkConfig(frames=True)
    joined = segment_directly(stack.data, models["flat"], axes="TYX", link=link).instances
    count = len(np.unique(joined[2][joined[2] > 0]))
    start = f"{joined.max():,} objects in 3 frames of “cells”, followed through time"
    assert told() == f"{start}; {count:,} in this frame"
    segment.form.view.setChecked(True)
    viewer.dims.set_current_step(0, 1)
    run()
    alone = segment_directly(stack.data[1], models["flat"]).instances.max()
    assert told() == f"{counted(alone, 'object')} in this frame of “cells”"
    parted = "The objects of this frame are no longer joined to those of the others: Whole stack"
    assert parted in segment.form.found.text()
    assert_array_equal(labels(viewer)[[0, 2]], joined[[0, 2]])
    found = labels(viewer)[1]
    assert found[found > 0].min() == joined.max() + 1
    viewer.dims.set_current_step(0, 2)
    assert told() == f"{start}; {count:,} in this frame"
    viewer.dims.set_current_step(0, 1)
    segment.form.whole.setChecked(True)
    segment.form.extent.frames.setChecked(False)
    run()
    segment.form.view.setChecked(True)
    run()
    assert parted not in segment.form.found.text()


def test_results_that_are_kept_do_not_grow_without_bound(viewer, segment, run, stack, monkeypatch):
    segment.form.view.setChecked(True)
    run()
    (one,) = (each for _, each in segment.adjusting.kept._kept)
    monkeypatch.setattr(kept, "MOST_BYTES", 2 * one.bytes)
    for plane in (1, 2):
        viewer.dims.set_current_step(0, plane)
        run()
    assert len(segment.adjusting.kept._kept) == 2
    assert one.job.source.image is None
    shown = [
        viewer.dims.set_current_step(0, plane) or segment.form.adjust.isVisible()
        for plane in range(3)
    ]
    assert shown == [False, True, True]
    assert (labels(viewer)[0] > 0).any()


def test_a_slider_leaves_scale_units_and_axes_as_they_are(viewer, segment, run, nuclei, tune):
    viewer.add_image(nuclei[0], name="cells")
    run()
    before = labels(viewer).copy()
    for layer in viewer.layers:
        layer.scale, layer.units, layer.axis_labels = (0.5, 0.25), ("um", "um"), ("y", "x")
    tune(min_size=200)
    assert not np.array_equal(labels(viewer), before)
    viewer.layers["cells"].scale = (2, 2)
    for layer in viewer.layers[1:]:
        assert layer.scale.tolist() == [0.5, 0.25]
        assert {*map(str, layer.units)} == {"micrometer"}
        assert layer.axis_labels == ("y", "x")
    run()
    assert viewer.layers["cells objects (instances)"].scale.tolist() == [2, 2]


def test_a_result_that_was_renamed_is_kept(viewer, segment, run, nuclei, tune):
    viewer.add_image(nuclei[0], name="cells")
    run()
    kept = viewer.layers["cells objects (instances)"]
    kept.name = "keep: cells"
    first = kept.data.copy()
    tune(min_size=200)
    before = kept.data.copy()
    assert not np.array_equal(before, first), "it is adjusted until there is another one"
    run()
    made = viewer.layers["cells objects (instances)"]
    assert len(viewer.layers) == 5, "objects and classes are kept together"
    tune(min_size=0)
    run()
    assert len(viewer.layers) == 5, "what was not renamed is written again"
    assert_array_equal(kept.data, before)
    assert not np.array_equal(made.data, before)


def test_what_a_plane_holds_is_said_only_while_one_is_in_view(viewer, segment, run, stack, models):
    run()
    found = segment_directly(stack.data, models["flat"], axes="TYX").instances
    every = f"{found.max():,} objects in 3 frames of “cells”."
    for order, ndisplay, flat in (
        ((0, 1, 2), 2, True),
        ((1, 0, 2), 2, False),
        ((0, 2, 1), 2, True),
        ((0, 2, 1), 3, False),
    ):
        viewer.dims.order, viewer.dims.ndisplay = order, ndisplay
        told = segment.form.found.text()
        assert ("in this frame" in told) == flat
        assert told.startswith(every) != flat
