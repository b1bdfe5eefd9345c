"""What each axis of an image is: shown, corrected, and obeyed, in a real window."""

import dask.array
import numpy as np
import pytest
import zarr
from napari.layers import Image
from numpy.testing import assert_array_equal

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import FEW, guess_axes
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.ui.layers.axes import layer_axes
from napari_unet.ui.layers.source import take
from napari_unet.ui.widgets.axes_box import in_words

PLUGIN = "napari-unet-studio"


def layer_named(viewer, name):
    return next(layer for layer in viewer.layers if layer.name == name)


@pytest.mark.parametrize(
    ("axes", "shape", "words"),
    [
        ("YX", (7, 9), "7 × 9 pixels"),
        ("YXC", (7, 9, 3), "7 × 9 pixels, 3 channels"),
        ("ZYX", (1, 7, 9), "1 plane, each 7 × 9 pixels"),
        ("TZYX", (5, 20, 7, 9), "5 frames of 20 planes, each 7 × 9 pixels"),
        ("XYT", (9, 7, 5), "5 frames, each 7 × 9 pixels"),
    ],
)
def test_axes_are_said_in_words(axes, shape, words):
    assert in_words(axes, shape).replace("\N{NO-BREAK SPACE}", " ") == words


def test_plain_picture_has_nothing_to_choose(viewer, segment, nuclei):
    viewer.add_image(nuclei[0])
    for part in ("axes", "channels", "extent"):
        assert not getattr(segment.form, part).isVisible()


@pytest.fixture
def dock(viewer):
    """Open a widget of ours."""
    return lambda name: viewer.window.add_plugin_dock_widget(PLUGIN, name)[1]


def axes_of(widget):
    form = widget.form
    return form.pairs.pairs[0].axes if hasattr(form, "pairs") else form.axes


@pytest.mark.parametrize("title", ["Segment", "Annotate", "Fine-tune"])
def test_image_without_rows_is_told_and_can_be_put_right(
    viewer, dock, title, type_axes, said, qtbot
):
    image = viewer.add_image(np.zeros((60, 80)), name="kymograph", axis_labels=("t", "x"))
    box = axes_of(dock(title))
    words = "“kymograph” (axes TX) has no Y axis: name it among the axes, or choose another image."
    qtbot.waitUntil(box.isVisible, timeout=60_000)
    assert (box.letters.text(), box.words.text()) == ("T X", words)
    with pytest.raises(UserError, match="no Y axis"):
        box.check()
    type_axes(box, "y x")
    box.check()
    assert image.axis_labels == ("y", "x")
    assert not said


def test_choosing_an_image_without_rows(viewer, segment, run, nuclei, said):
    viewer.add_image(nuclei[0], name="cells")
    kymograph = viewer.add_image(nuclei, name="kymograph", axis_labels=("t", "c", "x"))
    run()
    assert said == [segment.form.axes.words.text()]
    assert "(axes TCX) has no Y axis" in said[0]
    viewer.layers.remove(kymograph)
    run()
    assert "cells objects (instances)" in viewer.layers


def test_image_without_rows_is_not_annotated(viewer, dock, click, said):
    viewer.add_image(np.zeros((60, 80)), axis_labels=("t", "x"))
    click(dock("Annotate").form.create)
    assert len(viewer.layers) == len(said) == 1
    assert "(axes TX) has no Y axis" in said[0]


def test_axes_are_shown_and_corrected(viewer, segment, nuclei, type_axes):
    stack = viewer.add_image(np.stack([nuclei] * 3), name="stack")
    box = segment.form.axes
    assert box.isVisible()
    assert box.letters.text() == "T Z Y X"
    assert box.words.text().startswith("3 frames of 2 planes")
    type_axes(box, "ztyx")
    assert stack.axis_labels == ("z", "t", "y", "x")
    assert box.words.text().startswith("2 frames of 3 planes")
    viewer.add_image(nuclei[0], name="other")
    segment.form.image.value = stack
    assert box.letters.text() == "Z T Y X"


def test_a_stack_that_may_be_a_film_is_told(viewer, segment, nuclei, type_axes):
    box = segment.form.axes
    viewer.add_image(nuclei, name="unstated")
    assert "that these planes are depth is a guess" in box.words.text().lower()
    assert ("for channels C Y X" in box.words.text()) == (len(nuclei) <= FEW)
    type_axes(box, "tyx")
    assert "guess" not in box.words.text()
    for axes in ("zyx", "tyx"):
        viewer.add_image(nuclei, name=axes, axis_labels=tuple(axes))
        assert "guess" not in box.words.text()
    viewer.add_image(nuclei[:1], name="one plane")
    assert "guess" not in box.words.text()


def test_wrong_axes_are_said_at_once_and_not_taken(viewer, segment, run, nuclei, said, type_axes):
    stack = viewer.add_image(nuclei, name="stack")
    before = stack.axis_labels
    for letters, words in (("zyy", "twice"), ("qyx", "no axis"), ("zy", "do not fit")):
        type_axes(segment.form.axes, letters)
        assert words in segment.form.axes.words.text()
    run()
    assert said == [segment.form.axes.words.text()]
    assert stack.axis_labels == before
    type_axes(segment.form.axes, "zyx")
    run()
    assert "stack objects (instances)" in viewer.layers


def test_rows_and_columns_may_come_first(viewer, segment, run, nuclei, models, type_axes):
    viewer.add_image(nuclei.transpose(1, 2, 0), name="cells")
    type_axes(segment.form.axes, "yxt")
    segment.form.whole.setChecked(True)
    run()
    expected = segment_directly(nuclei, models["flat"], axes="TYX").instances
    assert_array_equal(
        layer_named(viewer, "cells objects (instances)").data, expected.transpose(1, 2, 0)
    )


def test_channel_is_chosen(viewer, segment, run, nuclei, models, said, type_axes):
    noise = np.random.default_rng(0).integers(0, 255, nuclei[0].shape, np.uint8)
    viewer.add_image(np.stack([noise, nuclei[0], noise]), name="cells", scale=(1, 2, 3))
    assert not segment.form.channels.isVisible()
    type_axes(segment.form.axes, "cyx")
    assert segment.form.channels.isVisible()
    assert not segment.form.extent.isVisible()
    run()
    assert len(said) == 1
    assert "3 channels" in said[0]
    segment.form.channels.boxes[0].setCurrentIndex(1)
    run()
    expected = segment_directly(nuclei[0], models["flat"]).instances
    found = layer_named(viewer, "cells objects (instances)")
    assert_array_equal(found.data, expected)
    assert_array_equal(found.scale, (2, 3))
    assert found.axis_labels == ("y", "x")


def test_colour_is_chosen(viewer, segment, run, nuclei, models):
    colours = np.stack([nuclei[1], nuclei[0], nuclei[1]], axis=-1)
    viewer.add_image(colours, name="cells", rgb=True)
    box = segment.form.channels.boxes[0]
    assert [box.itemText(row) for row in range(box.count())] == ["red", "green", "blue"]
    box.setCurrentIndex(1)
    run()
    expected = segment_directly(nuclei[0], models["flat"]).instances
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected)
    segment.form.model.add(models["colour"])
    assert not segment.form.channels.isVisible()


def test_colours_that_the_viewer_takes_for_columns(viewer, segment, run, models, said):
    pixels = np.random.default_rng(0).integers(0, 100, (48, 40, 3), np.uint8)
    pixels[:, :24] += 100  # noise alone would be an empty field
    viewer.add_image(pixels, name="tissue", rgb=False)
    segment.form.model.add(models["colour"])
    box = segment.form.axes
    assert box.letters.text() == "Y X C"
    assert "3 channels. The file does not say which axis is which" in box.words.text()
    run()
    expected = segment_directly(pixels, models["colour"]).instances
    found = layer_named(viewer, "tissue objects (instances)")
    assert_array_equal(found.data[..., 0], expected)
    assert not said


@pytest.mark.parametrize("model", ["flat", "deep", "colour"])
@pytest.mark.parametrize("shape", [(48, 40, 3), (5, 48, 40, 4), (48, 40, 1), (3, 48, 40)])
def test_the_window_guesses_what_python_guesses(models, shape, model):
    config = load_model(models[model]).network.config
    axes = layer_axes(Image(np.zeros(shape), rgb=False), config.ndim, config.in_channels)
    assert axes == guess_axes(shape, config.ndim, config.in_channels)


@pytest.mark.parametrize("lazy", [dask.array.from_array, zarr.array])
def test_lazy_arrays_are_not_read_by_the_window(lazy):
    pixels = np.random.default_rng(0).random((3, 7, 9))
    for point in (None, (1, 0, 0)):
        image = take(Image(lazy(pixels)), 2, 1, point).image
        assert not isinstance(image, np.ndarray)
        assert_array_equal(np.asarray(image), pixels if point is None else pixels[1])


@pytest.mark.parametrize("title", ["Segment", "Annotate", "Fine-tune"])
def test_a_guess_of_four_axes_is_told_until_somebody_says_what_they_are(
    viewer, dock, title, type_axes, qtbot
):
    viewer.add_image(np.zeros((3, 2, 48, 64), np.uint8), name="plain")
    box = axes_of(dock(title))
    qtbot.waitUntil(lambda: "The file does not say" in box.words.text(), timeout=60_000)
    type_axes(box, "z c y x")
    assert "3 planes" in box.words.text()
    assert "The file does not say" not in box.words.text()
