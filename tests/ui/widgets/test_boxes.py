"""Comboboxes and the progress row."""

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QFileDialog, QPushButton

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.models.actions import BROWSE
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.copies import chunked_copy
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget

PIXELS = np.zeros((4, 4))


@pytest.fixture
def model_viewer():
    return ViewerModel()


@pytest.fixture
def connections():
    connections = Connections()
    yield connections
    connections.undo()


@pytest.fixture
def box(qtbot, model_viewer, connections):
    box = LayerBox(model_viewer, Image, connections)
    qtbot.addWidget(box.native)
    return box


def names(box):
    return [box.native.itemText(row) for row in range(box.native.count())]


def test_layer_box_follows_the_viewer(box, model_viewer):
    assert box.value is None
    first = model_viewer.add_image(PIXELS, name="a")
    model_viewer.add_points(name="p")
    assert box.value is first
    second = model_viewer.add_image(PIXELS, name="b")
    assert box.value is second
    model_viewer.layers.selection.active = first
    assert box.value is first
    first.name = "renamed"
    assert names(box) == ["renamed", "b"]
    assert box.value is first
    model_viewer.layers.remove(first)
    assert box.value is second
    model_viewer.layers.clear()
    assert box.value is None


def test_a_result_that_is_added_does_not_change_which_image_was_chosen(box, model_viewer):
    chosen, active = (model_viewer.add_image(PIXELS, name=name) for name in "ab")
    assert model_viewer.layers.selection.active is active
    box.value = chosen
    model_viewer.add_labels(PIXELS.astype(int), name="found in a")
    assert box.value is chosen


def test_layer_box_tells_when_the_choice_changes(box, model_viewer):
    told = []
    box.changed.connect(told.append)
    first = model_viewer.add_image(PIXELS)
    first.name = "renamed"
    model_viewer.layers.remove(first)
    assert told == [first, None]


def test_layer_box_prefers_what_is_meant(qtbot, model_viewer, connections):
    box = LayerBox(model_viewer, Labels, connections, suffix="semantic", none="none")
    qtbot.addWidget(box.native)
    other = model_viewer.add_labels(PIXELS.astype(int), name="a objects (instances)")
    assert box.value is None
    meant = model_viewer.add_labels(PIXELS.astype(int), name="a classes (semantic)")
    assert box.value is meant
    box.value = other
    assert box.value is other


def test_layers_named_like_the_entry_for_none_are_told_apart(qtbot, model_viewer, connections):
    box = LayerBox(model_viewer, Labels, connections, suffix="semantic", none="nothing")
    qtbot.addWidget(box.native)
    layer = model_viewer.add_labels(PIXELS.astype(int), name="nothing")
    assert box.value is None
    box.value = layer
    assert box.value is layer
    box.value = None
    assert box.value is None


def test_layer_box_refuses_what_is_not_listed(box, model_viewer):
    image = model_viewer.add_image(PIXELS)
    with pytest.raises(ValueError, match="not a valid choice"):
        box.value = model_viewer.add_labels(PIXELS.astype(int))
    assert box.value is image


def test_undone_connections_are_silent(model_viewer, qtbot):
    connections = Connections()
    box = LayerBox(model_viewer, Image, connections)
    qtbot.addWidget(box.native)
    connections.undo()
    model_viewer.add_image(PIXELS)
    assert box.choices == ()


def test_model_box_looks_for_a_file(qtbot, connections, models, monkeypatch):
    box = ModelBox(connections)
    qtbot.addWidget(box.native)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(models["deep"]), ""))
    box.native.activated.emit(box.native.findText(BROWSE))
    assert box.path() == models["deep"]
    assert box.header()["config"]["ndim"] == 3
    box.add(models["deep"])
    assert names(box).count("deep") == 1


def test_model_box_is_set_by_a_script(qtbot, connections, models):
    box, told = ModelBox(connections, scratch=True), []
    qtbot.addWidget(box.native)
    box.add(models["deep"])
    box.chosen.connect(lambda: told.append(box.header()["name"]))
    box.value = "nuclei"
    assert box.path().stem == "nuclei"
    box.value = models["deep"]
    assert box.path() == models["deep"]
    box.value = "from scratch: compact"
    assert (box.path(), box.preset()) == (None, "compact")
    assert told == ["nuclei", "deep", "compact"]


def test_model_box_keeps_the_choice_after_a_bad_file(
    qtbot, connections, models, monkeypatch, tmp_path, said
):
    box = ModelBox(connections)
    qtbot.addWidget(box.native)
    box.add(models["flat"])
    bad = tmp_path / "bad.safetensors"
    bad.write_text("nothing")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(bad), ""))
    box.native.activated.emit(box.native.findText(BROWSE))
    assert box.path() == models["flat"]
    assert len(said) == 1
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    box.native.activated.emit(box.native.findText(BROWSE))
    assert box.path() == models["flat"]


def test_model_box_without_models(qtbot, connections, monkeypatch):
    monkeypatch.setattr("napari_unet.ui.widgets.models.model_box.known_models", dict)
    box = ModelBox(connections)
    qtbot.addWidget(box.native)
    with pytest.raises(UserError, match="No model is chosen"):
        box.header()


def test_time_left(qtbot):
    now = [100.0]
    row = ProgressRow("tiles", clock=lambda: now[0])
    qtbot.addWidget(row)
    row.begin("test")
    row.update_progress(Progress("segmenting", 0, 40))
    assert row.text.text() == "Segmenting: 0 of 40 tiles"
    now[0] = 110
    row.update_progress(Progress("segmenting", 10, 40))
    assert row.text.text() == "Segmenting: 10 of 40 tiles, 30 s left"
    now[0] = 220
    row.update_progress(Progress("segmenting", 20, 40))
    assert row.text.text() == "Segmenting: 20 of 40 tiles, 2 min left"
    assert (row.bar.value(), row.bar.maximum()) == (20, 40)
    row.update_progress(Progress("finding objects"))
    assert row.text.text() == "Finding objects… 2 min"
    row.end()
    assert row.isHidden()


def test_time_is_seen_to_pass_while_nothing_else_moves(qtbot):
    now = [50.0]
    row = ProgressRow("tiles", clock=lambda: now[0])
    qtbot.addWidget(row)
    row.begin("test")
    for seconds, told in ((1, "Getting ready…"), (5, "Getting ready… 5 s")):
        now[0] = 50 + seconds
        row.show_time()
        assert row.text.text() == told
    row.update_progress(Progress("segmenting", 0, 1))
    assert row.bar.maximum() == 0  # busy, for a single tile never gets half way
    now[0] = 62
    row.show_time()
    assert row.text.text() == "Segmenting… 12 s"
    row.update_progress(Progress("segmenting", 0, 6))
    assert row.text.text() == "Segmenting: 0 of 6 tiles, 12 s"
    row.stop.click()
    row.show_time()
    assert row.text.text() == "Stopping…"
    row.end()
    assert not row.beat.isActive()


class Slow(WorkingWidget):
    """Shows progress more slowly than work tells it."""

    def __init__(self):
        super().__init__(QPushButton(), ProgressRow("steps"))
        self.shown = []

    def show_progress(self, progress):
        QApplication.processEvents()
        self.shown.append(progress.done)


def counted(array):
    yield Progress("counting", array.size, array.size)
    return array.size


@pytest.mark.parametrize("error", [MemoryError(), OSError("It is gone."), KeyError("odd")])
def test_work_goes_on_after_a_copy_that_failed(qtbot, said, error):
    widget, results = Slow(), []
    qtbot.addWidget(widget)

    def failing():
        yield
        raise error

    widget.work_on(failing, counted, results.append, "Counting")
    assert not widget.running
    assert widget.button.isEnabled()
    assert len(said) == 1
    widget.work_on(lambda: chunked_copy(PIXELS), counted, results.append, "Counting")
    qtbot.waitUntil(lambda: not widget.running, timeout=60_000)
    assert results == [16]


def test_quick_work_leaves_the_window_time_and_loses_no_progress(qtbot):
    widget, results = Slow(), []
    qtbot.addWidget(widget)
    ticks = []
    timer = QTimer(widget)
    timer.timeout.connect(lambda: ticks.append(len(widget.shown)))
    timer.start(0)

    def steps():
        for number in range(3000):
            yield Progress("counting", number, 3000)
        return "done"

    widget.work(steps, lambda result: results.append((result, len(widget.shown))), "Counting")
    qtbot.waitUntil(lambda: not widget.running, timeout=60_000)
    timer.stop()  # it would go on while Python and Qt take the widget apart
    assert widget.shown == list(range(3000))
    assert results == [("done", 3000)]
    assert ticks
