"""The Measure widget in a real window, with real clicks."""

import csv
from threading import Event
from weakref import ref

import numpy as np
import pytest
from napari.layers import Labels
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_unet import measure_cells, measure_objects
from napari_unet.io.bundled import load_sample
from napari_unet.ui.layers.arrays import fingerprint
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.measure.cells import measuring_chosen
from painted import annotate
from shapes import film, make_cells, numbered_anew

UNITS = ("micrometer",) * 2


@pytest.fixture
def labels():
    """Three objects of 4, 12 and 30 pixels, (20, 16)."""
    array = np.zeros((20, 16), np.int32)
    array[1:3, 1:3], array[5:8, 2:6], array[12:17, 8:14] = 3, 4, 9
    return array


@pytest.fixture
def layers(viewer, labels):
    """An image and its objects."""
    image = np.random.default_rng(0).random(labels.shape, np.float32)
    look = {"scale": (0.5, 0.5), "units": UNITS}
    return (
        viewer.add_image(image, name="cells", **look),
        viewer.add_labels(labels.copy(), name="cells objects (instances)", **look),
    )


@pytest.fixture
def widget(viewer):
    return viewer.window.add_plugin_dock_widget("napari-unet-studio", "Measure")[1]


@pytest.fixture
def send(widget, click, qtbot):
    """Click Measure and wait for the end."""

    def send():
        click(widget.button)
        qtbot.waitUntil(widget.button.isEnabled, timeout=60_000)

    return send


@pytest.fixture
def drag(widget, qtbot):
    """Drag the ends of the blue range."""
    histogram = widget.form.measured.histogram

    def drag(low, high):
        qtbot.waitUntil(lambda: histogram._plot is not None, timeout=60_000)
        histogram._range.setRegion((low, high))

    return drag


def seen(layer, number):
    return layer.colormap.map(np.array([number]))[0][3] > 0


def test_numbers_are_in_the_layer_in_colours_and_in_the_table(viewer, layers, widget, send, qtbot):
    image, objects = layers
    own = objects.colormap
    assert widget.form.measured.isHidden()
    send()
    expected = measure_objects(objects.data, image.data, spacing=(0.5, 0.5), unit="µm")
    assert list(objects.features)[:2] == ["index", "label"]
    for name, column in expected.items():
        np.testing.assert_array_equal(objects.features[name], column)
    measured = widget.form.measured
    assert measured.column.currentText() == "area (µm²)"
    assert objects.colormap.map(np.array([3]))[0] != pytest.approx(own.map(np.array([3]))[0])
    rows = measured.objects.rows
    assert [rows.data(rows.index(row, 1)) for row in range(3)] == ["1", "3", "7.5"]
    measured.colour.setChecked(False)
    assert objects.colormap is own
    assert measured.told.text() == "3 objects"
    objects.paint((18, 2), 77)
    assert "click Measure" in measured.told.text()
    objects.undo()

    measured.objects.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    measured.objects.selectRow(0)
    assert objects.selected_label == 9
    place = viewer.scene.camera.center if hasattr(viewer, "scene") else viewer.camera.center
    assert place[-2:] == pytest.approx((7, 5.25), abs=0.26)
    qtbot.waitUntil(lambda: measured.histogram._plot is not None)


def test_a_range_hides_objects_and_takes_them_away(
    viewer, layers, widget, send, click, drag, labels
):
    _, objects = layers
    send()
    measured = widget.form.measured
    drag(2, 99)
    assert [seen(objects, number) for number in (3, 4, 9)] == [False, True, True]
    assert measured.told.text() == "2 of 3 objects in the range"
    assert measured.objects.rows.rowCount() == 2
    click(measured.all)
    assert seen(objects, 3)
    assert not measured.away.isEnabled()
    drag(2, 4)
    click(measured.away)
    away = viewer.layers["cells objects (instances) taken away"]
    np.testing.assert_array_equal(away.data, np.where(labels == 4, 0, labels))
    np.testing.assert_array_equal(objects.data, np.where(labels == 4, 4, 0))
    np.testing.assert_array_equal(away.scale, objects.scale)
    assert away.features["label"].tolist() == [3, 9]
    assert objects.features["label"].tolist() == [4]
    assert viewer.layers.selection.active is objects
    objects.undo()
    np.testing.assert_array_equal(objects.data, labels)


def test_tables_are_kept_with_their_layers_and_saved(
    viewer, layers, widget, send, click, tmp_path, monkeypatch
):
    _, objects = layers
    own = objects.colormap
    send()
    other = viewer.add_labels(np.zeros((20, 16), int), name="other")
    widget.labels.value = other
    assert widget.form.measured.isHidden()
    assert objects.colormap is own
    widget.labels.value = objects
    assert not widget.form.measured.isHidden()
    file = tmp_path / "a.2.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.2"), ""))
    click(widget.form.measured.save)
    with file.open(encoding="utf-8") as lines:
        assert [row["area"] for row in csv.DictReader(lines)] == ["1.0", "3.0", "7.5"]


def test_the_rows_in_the_range_are_saved_and_told_and_no_old_ones(
    viewer, layers, widget, send, click, drag, tmp_path, monkeypatch
):
    _, objects = layers
    send()
    measured, file = widget.form.measured, tmp_path / "a.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))

    def saved():
        click(measured.save)
        with file.open(encoding="utf-8") as lines:
            return [row["label"] for row in csv.DictReader(lines)]

    assert saved() == ["3", "4", "9"]
    assert measured.saved.text() == f"Wrote 3 rows to {file}."
    drag(2, 99)
    assert measured.saved.text() == ""
    assert saved() == ["4", "9"]
    assert measured.saved.text() == f"Wrote 2 of 3 rows, those in the range, to {file}."
    click(measured.away)
    assert saved() == ["4", "9"]
    file.unlink()
    objects.paint((18, 2), 77)
    drag(5, 99)
    assert "click Measure" in measured.told.text()
    widget.labels.value = viewer.add_labels(np.zeros((20, 16), int), name="other")
    widget.labels.value = objects
    assert "click Measure" in measured.told.text()
    click(measured.save)
    assert not file.exists()
    assert widget.error.text().startswith("Nothing was saved. Changed since: click Measure")
    send()
    assert saved() == ["4", "9", "77"]


def test_a_step_that_is_taken_back_makes_numbers_old(
    viewer, layers, widget, send, click, drag, qtbot
):
    objects, measured = layers[1], widget.form.measured
    objects.paint((18, 2), 3)
    send()
    assert measured.told.text() == "3 objects"
    objects.undo()
    qtbot.waitUntil(lambda: "click Measure" in measured.told.text(), timeout=60_000)
    click(measured.save)
    assert widget.error.text().startswith("Nothing was saved. Changed since")
    drag(4, 99)
    click(measured.away)
    assert widget.error.text().startswith("Nothing was taken away. Changed since")
    assert len(viewer.layers) == 2


def test_numbers_are_old_wherever_their_layer_was_changed(viewer, layers, widget, send, qtbot):
    objects = layers[1]
    send()
    viewer.window.remove_dock_widget(widget.parent())
    copy = Labels.create(*objects.as_layer_data_tuple())
    copy.data = np.where(objects.data == 3, 0, objects.data)
    again = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Measure")[1]
    assert again.form.measured.told.text() == "3 objects"
    again.labels.value = viewer.add_layer(copy)
    assert "click Measure" in again.form.measured.told.text()
    again.labels.value = objects
    assert again.form.measured.told.text() == "3 objects"


def test_what_is_painted_while_it_is_measured_makes_numbers_old(
    layers, widget, click, qtbot, monkeypatch
):
    painted = Event()

    def measuring(copies):
        painted.wait(60)
        return (yield from measuring_chosen(copies))

    monkeypatch.setattr("napari_unet.ui.measure.widget.measuring_chosen", measuring)
    click(widget.button)
    qtbot.waitUntil(lambda: not widget.copying.busy, timeout=60_000)
    layers[1].paint((18, 2), 77)
    painted.set()
    qtbot.waitUntil(widget.button.isEnabled, timeout=60_000)
    assert "click Measure" in widget.form.measured.told.text()


def test_frames_classes_and_doubt(viewer, widget, send, labels):
    frames = np.stack([labels, np.where(labels == 9, 9, 0)])
    sure = np.where(frames == 9, 0.75, 1).astype(np.float32)
    movie = viewer.add_image(np.stack([sure, sure]), name="movie", axis_labels=("c", "t", "y", "x"))
    made = {"axes": "TYX", "ndim": 2}
    place = {"axis_labels": ("t", "y", "x")}
    for role, add in (("probability", viewer.add_image), ("instances", viewer.add_labels)):
        about = {MADE: made | {"role": role, "image": ref(movie)}}
        add(frames if role == "instances" else sure, name=f"movie {role}", metadata=about, **place)
    assert widget.image.value is movie
    send()
    objects = widget.labels.value
    table = objects.features
    assert table["t"].tolist() == [0, 0, 0, 1]
    assert table["doubt"].tolist() == pytest.approx([0, 0, 0.5, 0.5])
    assert "intensity_mean_c1" in table
    widget.form.measured.objects.selectRow(3)
    assert viewer.dims.point[-3] == 1
    assert objects.selected_label == 9


def test_labels_of_another_program_have_the_axes_of_the_chosen_film(viewer, widget, send, labels):
    film, units = np.random.default_rng(0).random((2, 20, 16)), ("pixel", *UNITS)
    image = viewer.add_image(film, name="film", axis_labels="tyx", units=units, scale=(1, 0.5, 0.5))
    masks = viewer.add_labels(np.stack([labels, labels]), name="film cp_masks")
    send()
    assert widget.image.value is image
    assert masks.features["t"].tolist() == [0, 0, 0, 1, 1, 1]
    assert masks.features["area"].tolist() == [1, 3, 7.5] * 2
    assert "guess" not in widget.form.cases.text()

    image.axis_labels = tuple("zyx")
    send()
    assert "centroid_z" in masks.features
    assert "guess" not in widget.form.cases.text()


def test_axes_that_nobody_says_are_told_to_be_a_guess(viewer, widget, send, labels):
    viewer.add_image(np.random.default_rng(0).random((2, 20, 16)), name="film")
    masks = viewer.add_labels(np.stack([labels, labels]), name="film cp_masks")
    send()
    told = "That the axes of “film cp_masks” are Z Y X is a guess (Z is depth, T time): if it is "
    right = "wrong, type the axes of “film” under Axes in Segment."
    assert widget.form.cases.text().startswith(told + right)
    widget.image.value = None
    send()
    assert "type the axes of their image" in widget.form.cases.text()
    viewer.layers.remove(masks)
    viewer.add_labels(labels)
    send()
    assert "guess" not in widget.form.cases.text()


def test_numbers_that_are_given_anew_in_each_frame_are_told(viewer, widget, send):
    for labels in (film(), numbered_anew(film())):
        layer = viewer.add_labels(labels, axis_labels=("t", "y", "x"))
        widget.labels.value = layer
        send()
        told = widget.form.cases.text()
        assert ("from frame to frame" in told) == (layer is not viewer.layers[0])
        assert len(layer.features) == np.count_nonzero([np.unique(frame)[1:] for frame in labels])


def test_an_image_on_which_the_objects_do_not_lie_is_told(viewer, widget, send):
    images, labels = load_sample("nuclei2d")
    viewer.add_labels(labels.data[0].astype(np.int32))
    for index in range(2):
        widget.image.value = viewer.add_image(images.data[index])
        send()
        assert ("Hardly anything can be seen of the objects" in widget.form.cases.text()) == (
            index == 1
        )


def test_what_segment_knows_makes_objects_doubtful(viewer, segment, run, click, nuclei, qtbot):
    viewer.add_image(nuclei[0], name="cells")
    run()
    _, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Measure")
    click(widget.button)
    qtbot.waitUntil(widget.button.isEnabled, timeout=60_000)
    table = widget.labels.value.features
    assert len(table) == len(np.unique(widget.labels.value.data)) - 1 > 0
    assert table["doubt"].between(0, 1).all()
    assert table["doubt"].nunique() > 1
    assert (table["class"] == 1).all()


def test_what_cannot_be_measured_is_said(viewer, widget, send, said, labels):
    send()
    assert "There are no labels" in said[-1]
    viewer.add_labels(labels, name="a instances")
    viewer.add_image(np.ones((7, 7)), name="b")
    send()
    assert "7 × 7 pixels" in said[-1]
    widget.image.value = None
    send()
    assert len(widget.labels.value.features) == 3
    widget.labels.value.data = np.zeros((20, 16), int)
    send()
    assert len(widget.labels.value.features) == 0
    assert widget.form.measured.told.text() == "0 objects"
    assert widget.error.isHidden()


def test_objects_that_lie_elsewhere_than_their_image_are_told(viewer, layers, widget, send, said):
    objects = layers[1]
    objects.rotate = 90
    send()
    assert said[-1].startswith(f"“{objects.name}” lies elsewhere than “cells”: it is turned")
    assert len(objects.features) == 3
    widget.image.value = None
    send()
    assert len(said) == 1


def test_masks_and_images_are_not_measured(viewer, widget, send, said):
    mask = np.tile([[0, 0, 0, 0], [0, 7, 7, 0]], (9, 3))
    layer = viewer.add_labels(mask, name="mask")
    for pixels, words in (
        (mask, "“mask” has one number only, 7, in 27 pieces: it is a mask"),
        (np.random.default_rng(0).poisson(20, (40, 40)), "“mask” looks like a grey image"),
        (mask - 1, "“mask” holds negative numbers"),
    ):
        layer.data = pixels
        send()
        assert said[-1].startswith(words)
        assert not len(layer.features)


def test_an_annotation_of_several_strokes_is_measured(viewer, widget, send, said):
    mask = np.tile([[0, 0, 0, 0], [0, 7, 7, 0]], (9, 3))
    image = viewer.add_image(np.zeros(mask.shape), name="a", contrast_limits=(0, 1))
    widget.labels.value = annotate(viewer, image, mask)
    send()
    assert len(widget.labels.value.features) == 1
    assert said == []


def test_cells_are_paired_with_their_nuclei_in_one_click(viewer, widget, send):
    nuclei, cells, _ = make_cells(2)
    drawn = viewer.add_labels(cells, name="cells")
    widget.labels.value = drawn
    form = widget.form.pairs
    seeds = viewer.add_labels(nuclei, name="nuclei")
    assert form.nuclei.value is None
    assert not form.form.fields["grow"].native.isHidden()
    assert form.form.fields["share"].native.isHidden()
    form.nuclei.value, widget.labels.value = seeds, drawn
    assert form.form.fields["grow"].native.isHidden()
    send()
    paired = viewer.layers["nuclei paired"]
    assert form.nuclei.value is paired
    assert widget.labels.value is drawn
    expected = measure_cells(nuclei, cells)
    np.testing.assert_array_equal(paired.data, expected.pairing.nuclei)
    assert drawn.features["case"].tolist() == expected.table["case"].tolist()
    assert widget.form.cases.text().startswith("2 pairs of nucleus and cell, 1 nucleus without")
    widget.form.measured.every.setChecked(True)
    widget.form.measured.objects.selectRow(7)
    assert drawn.selected_label == 903

    form.nuclei.value, widget.labels.value = None, seeds
    assert widget.form.measured.isHidden()
    assert widget.form.cases.isHidden()
    form.form.fields["grow"].value = 2
    send()
    grown = viewer.layers["nuclei cells"]
    assert widget.labels.value is grown
    assert form.nuclei.value is seeds
    assert set(grown.features["case"]) == {"paired"}
    assert len(viewer.layers) == 4


def test_another_image_than_that_of_the_objects_is_not_measured_by_itself(
    viewer, widget, send, said, labels
):
    image = viewer.add_image(labels.astype(np.uint8), name="cells")
    about = {"role": "instances", "axes": "YX", "image": ref(image), "known": fingerprint(image)}
    viewer.add_labels(labels, name="cells objects (instances)", metadata={MADE: about})
    assert widget.image.value is image
    viewer.layers.remove(image)
    other = viewer.add_image(255 - image.data, name="cells")
    assert widget.image.value is None
    widget.image.value = other
    send()
    assert said == [
        "“cells objects (instances)” was made for another image that was called “cells”, too: open "
        "that one, or give this one another name if you mean it."
    ]
    viewer.layers.remove(other)
    again = viewer.add_image(image.data, name="cells")
    assert widget.image.value is again


def test_labels_of_a_file_are_measured_on_the_image_of_their_name(viewer, widget, send, labels):
    one, two = (viewer.add_image(labels * 2.0 + add, name=f"set{add}") for add in (21, 5))
    named = viewer.add_labels(labels, name="set21 labels")
    truth = viewer.add_labels(labels, name="truth")
    told, widget.labels.value = widget.form.cases, truth
    widget.image.value = two
    widget.labels.value = named
    assert widget.image.value is one
    send()
    assert told.text() == "Grey values are of “set21”."
    assert named.features["intensity_mean"][0] == 27
    widget.labels.value = truth
    assert widget.image.value is one
    assert told.text() == ""
    send()
    assert told.text().startswith("Grey values are of “set21”, but nothing tells that “truth”")
    widget.image.value = None
    send()
    assert told.isHidden()


def test_a_layer_whose_objects_are_joined_later_is_measured_in_volumes(
    viewer, labels, widget, send
):
    made = {"ndim": 2, "axes": "ZYX", "role": "instances"}
    layer = viewer.add_labels(
        np.stack([labels, labels]), axis_labels=("z", "y", "x"), metadata={MADE: made}
    )
    send()
    assert len(layer.features) == 6
    layer.metadata[MADE]["ndim"] = 3  # as *Segment* does when planes are joined
    send()
    assert len(layer.features) == 3
    assert "volume" in layer.features
    widget.form.extent.value = 2
    send()
    assert len(layer.features) == 6
