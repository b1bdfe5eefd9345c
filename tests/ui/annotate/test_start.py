"""Annotations that start from the objects in other labels."""

import dask.array
import numpy as np
import pytest
import zarr
from numpy.testing import assert_array_equal

from lazy import Reads
from napari_unet.core.instances.labels import numbers_in
from napari_unet.core.provenance.record import Provenance
from napari_unet.ui.finetune.data.pair_notes import part_notes
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.measure.features import write_table

TIMEOUT = 60_000


def test_start_from_a_result_is_a_copy(viewer, start, objects):
    session = start()
    assert_array_equal(session.layer.data, objects)
    assert session.parts.classes == {1: 1, 2: 1, 3: 1}
    session.layer.paint((0, 0), 9)
    assert_array_equal(viewer.layers["result"].data, objects)


def test_objects_of_a_result_are_as_found_until_one_is_changed(
    viewer, annotate, click, objects, qtbot
):
    image = viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    found = viewer.add_labels(objects, name="result", metadata={MADE: {"made": Provenance()}})
    annotate.form.start.value = found
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    layer = annotate.session.layer
    (told,) = part_notes(image, layer, None)
    assert told.text == "“cells objects” is what a model has found, with all its mistakes."
    click(annotate.form.edge)
    assert part_notes(image, layer, None) == []


LAZY = {
    "dask": lambda labels: dask.array.from_array(labels, chunks=32),
    "zarr": lambda labels: zarr.array(labels, chunks=(32, 32)),
    "pyramid": lambda labels: [labels, labels[::2, ::2]],
}


@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
def test_start_from_labels_that_are_read_when_needed(viewer, annotate, click, objects, lazy, qtbot):
    viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    annotate.form.start.value = viewer.add_labels(lazy(objects.astype(np.int64)))
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    assert_array_equal(annotate.session.layer.data, objects)
    assert annotate.session.layer.data.dtype == np.uint32
    assert annotate.session.parts.classes == {1: 1, 2: 1, 3: 1}


@pytest.mark.parametrize("numbers", [[], [1], [2, 9, 3000], [7, 2**32 - 1]])
def test_numbers_in_labels(numbers):
    labels = np.zeros((40, 80), np.uint32)
    labels.ravel()[: len(numbers)] = numbers[::-1]
    assert numbers_in(labels) == numbers


def test_result_of_another_image_is_refused(viewer, annotate, click, said):
    viewer.add_image(np.zeros((60, 80)), name="cells", contrast_limits=(0, 1))
    annotate.form.start.value = viewer.add_labels(np.zeros((50, 80), int), name="other")
    click(annotate.form.create)
    assert said == [
        "“cells” is 60 × 80 pixels and “other” 50 × 80: choose one that was made for this image."
    ]
    assert len(viewer.layers) == 2


def test_labels_that_lie_elsewhere_are_told(viewer, annotate, click, objects, said, qtbot):
    viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    annotate.form.start.value = viewer.add_labels(objects, name="l", translate=(60, 60))
    click(annotate.form.create)
    assert said[-1].startswith("“l” lies elsewhere than “cells”: it is moved by 60 × 60 pixels.")
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)


def test_labels_that_are_no_objects_are_refused_before_anything_is_added(
    viewer, annotate, click, objects, said, qtbot
):
    viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    annotate.form.start.value = layer = viewer.add_labels(objects, name="l")
    classes = np.arange(80) % 20 // 4 * np.ones((60, 1), int)
    classes = np.select([classes == 1, classes == 3, classes == 4], [1, 2, 255], 0)
    for pixels, words in (
        (np.where(objects, objects.astype(int), -1), "“l” holds negative numbers"),
        (np.arange(80) % 8 // 4 * np.ones((60, 1), int), "“l” has one number only, 1, in 10 piec"),
        (classes, "“l” has the numbers 1, 2, 255 only, and most of them are in 3 pieces or more"),
        (objects.astype(np.uint64) * 2**31, "The labels have numbers from 4,294,967,295 on"),
    ):
        layer.data, before = pixels, len(said)
        click(annotate.form.create)
        qtbot.waitUntil(lambda before=before: len(said) > before, timeout=TIMEOUT)
        assert said[-1].startswith(words)
        assert [each.name for each in viewer.layers] == ["cells", "l"]
    layer.data = objects
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)


def test_what_stands_under_axes_is_what_is_begun(viewer, annotate, click, said, objects):
    stack = np.zeros((6, *objects.shape), np.uint8)
    image = viewer.add_image(stack, name="stack")
    assert "6 planes" in annotate.form.axes.words.text()
    annotate.form.start.value = viewer.add_labels(objects, name="one plane")
    assert "6 channels" in annotate.form.axes.words.text()
    image.axis_labels = ("z", "y", "x")
    click(annotate.form.create)
    assert said == [
        "“stack” is 6 × 60 × 80 pixels and “one plane” 60 × 80: choose one that was made for this "
        "image."
    ]


def test_labels_are_not_read_on_the_thread_of_the_window(viewer, annotate, click, objects, qtbot):
    stack = Reads(np.stack([objects] * 9))
    viewer.add_image(np.zeros(stack.shape, np.uint8), name="cells")
    annotate.form.start.value = viewer.add_labels(stack.lazy(), name="result")
    viewer.dims.set_current_step(0, 4)
    stack.planes.clear()
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    assert_array_equal(annotate.session.layer.data, stack.pixels)
    assert stack.planes <= {4}  # the plane that is shown


def test_classes_come_along_from_an_annotation(viewer, start, annotate, click, qtbot):
    first = start()
    first.parts.class_names[:], first.parts.class_colours[:] = ["rests", "divides"], ["#111111"] * 2
    first.parts.classes[3] = 2
    annotate.form.start.value = first.layer
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not first, timeout=TIMEOUT)
    parts = annotate.session.parts
    assert parts.class_names == ["rests", "divides"]
    assert parts.class_colours == ["#111111"] * 2
    assert parts.classes == {1: 1, 2: 1, 3: 2}
    assert parts.class_names is not first.parts.class_names


def test_classes_come_along_from_a_file_also_once_it_is_measured(
    viewer, annotate, click, objects, qtbot
):
    viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    drawn = {"index": [1, 2], "class": ["tumor", "stroma"]}
    layer = viewer.add_labels(objects, name="drawn", features=drawn)
    table = {"label": np.array([1, 2, 3]), "area": np.ones(3), "unit": ["px"] * 3}
    write_table(layer, table | {"doubt": np.ones(3)}, "")
    write_table(layer, table, "")
    assert list(layer.features) == ["index", "label", "area", "unit", "class"]
    annotate.form.start.value = layer
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    parts = annotate.session.parts
    assert parts.class_names == ["stroma", "tumor"]
    assert (parts.classes[1], parts.classes[2]) == (2, 1)


def test_classes_come_along_from_a_result(viewer, annotate, click, objects, models, qtbot):
    viewer.add_image(np.zeros(objects.shape, np.uint8), name="cells")
    classes = np.choose(objects, [0, 2, 1, 2]).astype(np.uint8)
    viewer.add_labels(classes, name="cells classes (semantic)")
    found = viewer.add_labels(objects, name="cells objects (instances)")
    annotate.form.start.value = found
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None, timeout=TIMEOUT)
    parts = annotate.session.parts
    assert parts.classes == {1: 2, 2: 1, 3: 2}
    assert parts.class_names == ["object", "class 2"]
    assert len(set(parts.class_colours)) == 2


def test_one_cell_of_a_film_is_no_mask(viewer, annotate, click, qtbot, said):
    film = np.zeros((3, 40, 60), np.int32)
    for frame in range(3):
        film[frame, 10:20, 20 * frame : 20 * frame + 10] = 1
    viewer.add_image(film.astype(np.uint8), name="film", axis_labels=("t", "y", "x"))
    annotate.form.start.value = viewer.add_labels(film, name="tracked")
    click(annotate.form.create)
    qtbot.waitUntil(lambda: annotate.session is not None or bool(said), timeout=TIMEOUT)
    assert said == []
    assert_array_equal(annotate.session.layer.data, film)
