"""A file of several channels in a real window: one image for what needs all of its channels."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.config import ModelConfig
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.finetune.data.partner import obvious_image, partner
from napari_unet.ui.layers.channel_group import whole_image
from napari_unet.ui.widgets.choices import IMAGE, choices_of
from napari_unet.ui.work.copies import at_once

PLUGIN = "napari-unet-studio"


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A model of two channels, random."""
    network = seeded_network(ModelConfig(in_channels=2, features=4, max_features=4, depth=1), 1)
    path = tmp_path_factory.mktemp("models") / "two.safetensors"
    save_model(Model("two", network.eval()), path)
    return path


@pytest.fixture
def hyperstack(tmp_path):
    """A file of three planes with three channels, as Fiji writes it."""
    data = np.random.default_rng(0).integers(0, 255, (3, 3, 48, 64), np.uint8)
    write_tiff(tmp_path / "embryo.tif", data, "ZCYX")
    return tmp_path / "embryo.tif", data


def texts(box):
    """Return what a box of layers lists."""
    return [box.native.itemText(row) for row in range(box.native.count())]


def test_a_model_of_two_channels_takes_the_layers_of_a_file_together(
    viewer, segment, run, hyperstack, two, said
):
    path, data = hyperstack
    layers = viewer.open(path, plugin=PLUGIN)
    form = segment.form
    assert texts(form.image) == [layer.name for layer in layers]
    assert form.image.value is layers[-1]
    form.model.add(two)
    assert texts(form.image) == ["embryo, 3 channels"]
    assert [box.count() for box in form.channels.boxes] == [3, 3]
    form.channels.boxes[0].setCurrentIndex(2)
    form.channels.boxes[1].setCurrentIndex(0)
    form.whole.setChecked(True)
    run()
    request = SegmentRequest(axes="ZCYX", channels=(2, 0))
    expected = segment_directly(data, two, request)
    assert_array_equal(viewer.layers["embryo classes (semantic)"].data, expected.semantic)
    found = viewer.layers["embryo objects (instances)"]
    assert found.data.shape == (3, 48, 64)
    assert found.visible
    assert not said
    viewer.layers.selection.active = layers[0]
    assert form.image.value is whole_image(layers[0])
    viewer.dims.set_current_step(0, 2)
    form.view.setChecked(True)
    run()
    assert_array_equal(viewer.layers["embryo classes (semantic)"].data[2], expected.semantic[2])
    form.model.value = "nuclei"
    assert form.image.value in layers


def test_an_annotation_of_one_channel_belongs_to_the_others(viewer, hyperstack):
    path, _ = hyperstack
    first, second, _ = viewer.open(path, plugin=PLUGIN)
    painted = add_annotation(viewer, first)
    painted.data[1, 5:15, 5:15] = 1
    for image in (first, second, whole_image(first)):
        assert partner(image, viewer.layers) is painted


def test_the_annotated_channel_is_learnt_from(viewer, hyperstack):
    first, second, third = viewer.open(hyperstack[0], plugin=PLUGIN)

    def opened(title):
        return viewer.window.add_plugin_dock_widget(PLUGIN, title)[1]

    before = opened("Fine-tune").form.pairs.pairs[0]
    painted = add_annotation(viewer, second)
    for pair in (before, opened("Fine-tune").form.pairs.pairs[0]):
        assert (pair.image.value, pair.labels.value) == (second, painted)
    assert opened("Segment").form.image.value is second
    later = add_annotation(viewer, first)
    assert [partner(image, viewer.layers) for image in (first, second)] == [later, painted]
    assert obvious_image(viewer.layers, third, None) is first
    before.image.value = third
    assert before.image.value is third
    assert before.labels.value is later


def test_all_channels_are_learnt_from(viewer, hyperstack, two, qtbot):
    path, data = hyperstack
    first, *_ = viewer.open(path, plugin=PLUGIN)
    painted = add_annotation(viewer, first)
    painted.data[1, 5:15, 5:15] = 1
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Fine-tune")
    (pair,) = widget.form.pairs.pairs
    assert "embryo, 3 channels" in texts(pair.image)
    assert len(texts(pair.image)) == 5
    widget.form.model.add(two)
    assert pair.image.value is whole_image(first)
    assert pair.labels.value is painted
    assert texts(pair.image)[1:] == ["embryo, 3 channels"]
    copied = at_once(pair.copy())
    assert copied.axes == "CZYX"
    assert copied.name == "embryo"
    assert_array_equal(copied.image, data.swapaxes(0, 1))
    assert_array_equal(copied.annotation.instances, painted.data)


def test_all_channels_can_be_annotated(viewer, hyperstack, click):
    path, _ = hyperstack
    layers = viewer.open(path, plugin=PLUGIN)
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")
    form = widget.form
    assert texts(form.image) == ["embryo, 3 channels", *(layer.name for layer in layers)]
    form.image.value = whole_image(layers[0])
    click(form.create)
    assert viewer.layers["embryo objects"].data.shape == (3, 48, 64)
    assert viewer.dims.ndim == 3


def test_widgets_agree_on_an_image_of_several_channels(viewer, segment, hyperstack, two):
    path, _ = hyperstack
    layers = viewer.open(path, plugin=PLUGIN)
    _, annotate = viewer.window.add_plugin_dock_widget(PLUGIN, "Annotate")
    whole, choices = whole_image(layers[0]), choices_of(viewer)
    viewer.layers.selection.active = layers[1]
    choices.choose(IMAGE, whole)
    assert annotate.form.image.value is whole
    assert segment.form.image.value is layers[1]
    segment.form.model.add(two)
    assert segment.form.image.value is whole
    choices.choose(IMAGE, layers[2])
    assert annotate.form.image.value is layers[2]
    assert segment.form.image.value is whole
    for layer in layers:
        viewer.layers.remove(layer)
    assert choices.get(IMAGE) is None


def test_the_channel_that_was_segmented_is_the_one_of_the_batch(
    viewer, segment, run, hyperstack, models
):
    path, _ = hyperstack
    viewer.open(path, plugin=PLUGIN)
    assert segment.form.image.value.name == "embryo channel 2"
    run()
    _, batch = viewer.window.add_plugin_dock_widget(PLUGIN, "Batch")
    batch.form.model.add(models["flat"])
    assert batch.form.settings.request().channels == (2,)
