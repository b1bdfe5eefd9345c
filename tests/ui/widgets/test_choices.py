"""What is chosen in one widget is the others' choice, unless the user chose otherwise there."""

import gc

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image

from napari_unet.runs.config import AUTOMATIC
from napari_unet.ui.widgets.choices import IMAGE, choices_of
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.widgets.shared_box import share_layers, share_model
from napari_unet.ui.work.dock_widget import Connections

PLUGIN = "napari-unet-studio"
PIXELS = np.zeros((16, 16), np.float32)


@pytest.fixture
def model_viewer():
    viewer = ViewerModel()
    for name in "ABC":
        viewer.add_image(PIXELS, name=name)
    return viewer


@pytest.fixture
def connections():
    connections = Connections()
    yield connections
    connections.undo()


@pytest.fixture
def image_box(qtbot, model_viewer, connections):
    """Makes boxes as other widgets have them."""

    def make():
        box = LayerBox(model_viewer, Image, connections)
        qtbot.addWidget(box.native)
        share_layers({IMAGE: box}, model_viewer, connections)
        return box

    return make


@pytest.fixture
def model_box(qtbot, model_viewer, connections):
    def make(**options):
        box = ModelBox(connections, **options)
        qtbot.addWidget(box.native)
        share_model(box, model_viewer, connections)
        return box

    return make


def choose(box, text):
    """Choose an entry as the user does."""
    row = box.native.findText(text)
    box.native.setCurrentIndex(row)
    box.native.activated.emit(row)


def test_an_image_is_the_choice_of_what_is_open_and_of_what_is_opened_later(image_box):
    first, second = image_box(), image_box()
    choose(first, "A")
    assert second.value.name == "A"
    assert image_box().value.name == "A"


def test_where_the_user_chose_otherwise_it_stays(image_box):
    first, second = image_box(), image_box()
    choose(second, "B")
    choose(first, "A")
    assert (first.value.name, second.value.name) == ("A", "B")
    assert image_box().value.name == "A"


def test_a_layer_that_is_selected_is_chosen_everywhere(image_box, model_viewer):
    first, second = image_box(), image_box()
    choose(second, "B")
    model_viewer.layers.selection.active = model_viewer.layers["A"]
    assert first.value.name == second.value.name == image_box().value.name == "A"
    choose(first, "C")
    assert second.value.name == "A"


def test_a_layer_that_is_gone_is_not_chosen(image_box, model_viewer):
    first = image_box()
    choose(first, "A")
    model_viewer.layers.remove("A")
    assert first.value is not None
    assert choices_of(model_viewer).get(IMAGE) is None
    assert image_box().value.name == "C"


def test_a_model_is_the_choice_of_the_others(model_box, models, model_viewer):
    segment, start = model_box(), model_box(scratch=True)
    segment.add(models["flat"])
    choose(segment, "flat")
    assert start.path() == models["flat"]
    assert model_box().path() == models["flat"]
    choose(start, "from scratch: compact")
    choose(segment, "nuclei")
    assert start.preset() == "compact"


def test_a_start_that_is_left_open_is_closed_by_own_models_only(model_box, models, model_viewer):
    segment, start = model_box(), model_box(scratch=True)
    choose(segment, "nuclei")
    assert (start.value, start.path()) == (AUTOMATIC, None)
    segment.add(models["flat"])
    choose(segment, "flat")
    assert start.path() == models["flat"]


def test_a_model_that_is_set_is_taken_by_all(model_box, models, model_viewer):
    boxes = model_box(), model_box()
    for box, name in zip(boxes, ("nuclei", "tissue"), strict=True):
        choose(box, name)
    choices_of(model_viewer).model = models["flat"]
    assert [box.path() for box in boxes] == [models["flat"]] * 2


def test_a_model_that_is_gone_leaves_the_choice(model_box, model_viewer, tmp_path):
    box = model_box()
    before = box.path()
    choices_of(model_viewer).model = tmp_path / "gone.safetensors"
    assert box.path() == before


def test_choices_do_not_keep_a_window(qtbot):
    viewer = ViewerModel()
    viewer.add_image(PIXELS)
    choices = choices_of(viewer)
    assert choices_of(viewer) is choices
    del viewer
    gc.collect()
    assert choices.get(IMAGE) is None


def test_the_widgets_share_image_annotation_and_model(viewer, models, qtbot, click):
    def opened(title):
        return viewer.window.add_plugin_dock_widget(PLUGIN, title)[1]

    for name in "AB":
        viewer.add_image(PIXELS, name=name)
    annotate = opened("Annotate")
    for name in "AB":
        choose(annotate.image, name)
        click(annotate.form.create)
        qtbot.waitUntil(lambda name=name: annotate.labels.value.name.startswith(name))
    segment = opened("Segment")
    choose(segment.image, "A")
    segment.model.add(models["flat"])
    choose(segment.model, "flat")
    assert annotate.image.value.name == "B"
    assert annotate.labels.value.name == "B objects"
    assert opened("Weight map").labels.value.name == "A objects"
    finetune, batch = opened("Fine-tune"), opened("Batch")
    assert finetune.image.value.name == "A"
    assert finetune.labels.value.name == "A objects"
    choose(annotate.image, "A")
    assert annotate.labels.value.name == "A objects"
    assert finetune.model.path() == batch.model.path() == models["flat"]
