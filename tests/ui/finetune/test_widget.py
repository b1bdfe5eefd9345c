"""The Fine-tune widget in a real window, with real clicks and real, tiny trainings."""

import os
import signal
import time
from pathlib import Path
from weakref import ref

import dask.array
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QPoint, QTimer
from qtpy.QtWidgets import (
    QApplication,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
)

from napari_unet.core.errors import UserError, sentence
from napari_unet.core.progress import Progress, drive
from napari_unet.core.review.finding import Finding
from napari_unet.io.bundled import load_sample
from napari_unet.nn.training.before_after import Comparison
from napari_unet.runs.control import CONTROL, PAUSE, PID, ask, is_running
from napari_unet.runs.folder import Run
from napari_unet.runs.known import unseen_runs
from napari_unet.storage.folders import HOME
from napari_unet.storage.model_header import read_header
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.annotate.rectangles import add_planes
from napari_unet.ui.finetune.running import closing
from napari_unet.ui.finetune.running.training import COMPARING, Ended, Training
from napari_unet.ui.layers.metadata import ANNOTATION, WEIGHTS, WeightMapState, has_role
from napari_unet.ui.widgets.layout import native
from napari_unet.ui.work.copies import at_once
from napari_unet.ui.work.opening import open_widget

PLUGIN = "napari-unet-studio"
LONG = 120_000


@pytest.fixture(scope="session")
def painted():
    """What two planes of the bundled sample show, (2, 96, 80)."""
    return load_sample("nuclei2d")[1].data[:2, :96, :80].astype(np.int32)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def dock(viewer, models, home, qtbot):
    """Open the Fine-tune widget with a tiny model; no training outlives the test."""
    opened = []

    def dock():
        _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Fine-tune")
        opened.append(widget)
        widget.form.model.add(models["flat"])
        shorten(widget)
        return widget

    yield dock
    for widget in opened:
        widget._training.kill()
        qtbot.waitUntil(lambda w=widget: not w._training.child_running, timeout=LONG)
        qtbot.waitUntil(lambda w=widget: not w.running, timeout=LONG)


def shorten(widget, epochs=1):
    tiny = widget.form.train.value().replace(steps=2, patch=32, batch=1, device="cpu")
    widget.form.train.set_value(tiny)
    widget.form.unit.value = "epochs"
    widget.form.count.value = epochs


@pytest.fixture
def cells(viewer, nuclei, painted):
    """An image and its labels, as layers."""
    image = viewer.add_image(nuclei, name="cells", scale=(1, 0.5, 0.5))
    return image, viewer.add_labels(painted, name="drawn", scale=(1, 0.5, 0.5))


@pytest.fixture
def finetune(cells, dock):
    return dock()


@pytest.fixture
def finish(qtbot):
    def finish(widget):
        qtbot.waitUntil(lambda: not widget.running, timeout=LONG)

    return finish


@pytest.fixture
def started(click, qtbot):
    """Click Fine-tune for a training that takes long, and wait until it learns."""

    def started(widget):
        shorten(widget, 10_000)
        click(widget.button)
        qtbot.waitUntil(lambda: len(widget.form.state.score.points["Dice"]) > 1, timeout=LONG)

    return started


def folder_of(home):
    return next((home / "runs").iterdir())


def test_from_click_to_model(viewer, finetune, cells, click, finish, home, said, qtbot):
    _, segment = viewer.window.add_plugin_dock_widget(PLUGIN, "Segment")
    before = [layer.data.copy() for layer in cells]
    click(finetune.button)
    assert not finetune.form.setup.isVisible()
    qtbot.waitUntil(lambda: finetune._training.child_running, timeout=LONG)
    for layer in cells:
        viewer.layers.remove(layer)
    finish(finetune)
    state, result = finetune.form.state, finetune.form.result
    assert [x for x, _ in state.loss.points["training"]] == [1, 2]
    assert [x for x, _ in state.score.points["AP at 0.5"]] == [0, 2]
    assert "the model it started from" in result.verdict.text()
    assert all(words.text() not in {"", "–"} for words in result.cells.values())
    assert not finetune.form.setup.isVisible()
    assert result.isVisible()
    for layer, data in zip(cells, before, strict=True):
        assert_array_equal(layer.data, data)
    result.name.setText("mine")
    click(result.keep)
    finish(finetune)
    assert "mine" in segment.form.model.choices
    assert finetune.form.model.value == "mine"
    history = read_header(home / "models" / "mine.safetensors")["about"]["history"]
    assert history[-1]["start"] == "flat"
    click(result.keep)
    finish(finetune)
    assert not any(run.folder == folder_of(home) for run in unseen_runs())
    result.name.setText("mine")
    click(result.keep)
    finish(finetune)
    assert "mine" in said[-1]
    assert not is_running(folder_of(home))


def test_a_name_is_proposed_that_a_model_can_have(finetune, tmp_path):
    for name, proposed in {"auto": "auto 2", "plate/A1": "plate_A1"}.items():
        finetune._after.show(Ended(tmp_path, name, Comparison(None, None, "Nothing to compare.")))
        assert finetune.form.result.name.text() == proposed


def test_what_follows_a_training(viewer, finetune, nuclei, cells, click, finish):
    click(finetune.button)
    finish(finetune)
    result = finetune.form.result
    click(result.show_changes)
    changes = viewer.layers["cells changes"]
    assert changes.data.shape == cells[1].data.shape
    assert_array_equal(changes.scale, cells[0].scale)
    assert set(np.unique(changes.data)) <= {0, 1, 2, 3}
    assert changes.data.any()
    planes = np.flatnonzero(changes.data.any(axis=(1, 2)))
    assert viewer.dims.current_step[0] == planes[0]
    assert "corrected" in result.legend.text()
    result.last.setChecked(True)
    finish(finetune)
    assert result.which == "last"
    other = viewer.add_image(np.tile(nuclei[1], (2, 2)), name="other")
    objects = add_annotation(viewer, other)
    click(result.suggest_next)
    finish(finetune)
    assert result.places.count() > 0
    places = [result.places.item(row) for row in range(result.places.count())]
    for place in places:
        result.places.itemClicked.emit(place)
        found = place.data(256)
        (box,) = viewer.layers["suggested place"].data
        low, high = box.min(axis=0), box.max(axis=0)
        assert ((low <= found.where) & (found.where <= high)).all()
        assert viewer.layers.selection.active is objects
    result.show_places([])
    assert result.places.isVisible()
    assert "No place is left" in result.places.item(0).text()


def test_what_a_running_training_shows_and_obeys(
    viewer, finetune, cells, started, click, finish, home, said, qtbot
):
    """One training: its log, its preview, Pause and Continue, Stop, and the comparison's Stop."""
    started(finetune)
    state = finetune.form.state
    assert len(viewer.layers) == 2
    check_log(finetune, click)
    check_preview(viewer, finetune, cells, qtbot)
    check_pause(finetune, click, qtbot)

    click(finetune.progress.stop)
    assert not state.pause.isEnabled()
    finish(finetune)
    assert not is_running(folder_of(home))
    assert finetune.form.result.isVisible()
    assert not said
    check_the_comparison_can_be_stopped(folder_of(home))


def check_log(finetune, click):
    click(finetune.form.state.log)
    log = finetune.findChild(QPlainTextEdit, "log")
    assert '"ap50"' in log.toPlainText()
    log.window().close()


def check_preview(viewer, finetune, cells, qtbot):
    """It is shown beside the data."""
    qtbot.waitUntil(lambda: finetune._picture is not None, timeout=LONG)
    active = viewer.layers.selection.active
    finetune.form.state.preview.setChecked(True)
    shown = [layer for layer in viewer.layers if layer.name.startswith("training preview")]
    assert len(shown) == 3
    right = cells[0].extent.world[1, -1]
    assert all(layer.extent.world[0, -1] > right for layer in shown)
    assert viewer.layers.selection.active is active
    finetune.form.state.preview.setChecked(False)
    assert len(viewer.layers) == 2


def check_pause(finetune, click, qtbot):
    """Nothing is learnt while it pauses, and more after it."""
    state = finetune.form.state
    click(state.pause)
    qtbot.waitUntil(lambda: finetune.progress.text.text().startswith("Paused…"), timeout=LONG)
    count = len(state.loss.points["training"])
    assert state.pause.text() == "Continue"
    click(state.pause)
    qtbot.waitUntil(lambda: len(state.loss.points["training"]) > count, timeout=LONG)


def check_the_comparison_can_be_stopped(folder):
    training = Training()
    steps = training.ended_steps(folder)
    while next(steps).stage != COMPARING:
        pass
    assert training.comparing
    training.stop()
    ended = drive(steps)
    assert "was stopped" in ended.comparison.verdict
    assert not training.comparing


@pytest.mark.parametrize("error", [UserError("It is too large."), MemoryError()])
def test_a_comparison_that_fails_leaves_the_model(
    finetune, click, finish, said, monkeypatch, error
):
    def too_large(*_):
        raise error

    monkeypatch.setattr("napari_unet.nn.training.before_after.score_sample", too_large)
    click(finetune.button)
    finish(finetune)
    assert not said
    assert finetune.form.result.verdict.text() == sentence(error)
    finetune.form.result.name.setText("kept")
    click(finetune.form.result.keep)
    finish(finetune)
    assert finetune.form.model.value == "kept"


def test_a_training_that_is_compared_is_neither_paused_nor_killed(finetune, qtbot):
    state, progress = finetune.form.state, finetune.progress
    finetune.form.begin()
    progress.begin("Fine-tuning")
    progress.stop.click()
    progress.update_progress(Progress("training", 5, 9))
    assert progress.text.text() == "Stopping…"
    assert state._timer.isActive()
    state.show_progress(Progress(COMPARING))
    progress.update_progress(Progress(COMPARING))
    assert progress.text.text() == "Comparing before and after…"
    assert state.pause.isHidden()
    assert state.kill.isHidden()
    assert progress.stop.isEnabled()
    progress.stop.click()
    assert not state._timer.isActive()
    progress.end()
    finetune.form.end()


def test_copying_can_be_stopped(finetune, click, said):
    def endless():
        while True:
            yield

    finetune.work_on(endless, Training().new_steps, finetune.close, "Fine-tuning")
    assert finetune.running
    click(finetune.progress.stop)
    assert not finetune.running
    assert finetune.button.isEnabled()
    assert not finetune.progress.isVisible()
    assert not said


def test_kill(finetune, started, click, finish, said, monkeypatch, home):
    monkeypatch.setattr("napari_unet.ui.finetune.running.training_view.PATIENCE", 0)
    started(finetune)
    assert not finetune.form.state.kill.isVisible()
    finetune.form.state._stopping()
    finetune.form.state._timer.timeout.emit()
    assert finetune.form.state.kill.isVisible()
    click(finetune.form.state.kill)
    finish(finetune)
    assert not is_running(folder_of(home))
    assert finetune.button.isEnabled()
    assert finetune.form.setup.isVisible()


def test_viewer_closed_while_training(viewer, finetune, started, monkeypatch, home, qtbot, said):
    started(finetune)
    training, folder = finetune._training, folder_of(home)
    monkeypatch.setattr(closing, "ask", lambda *_: closing.CANCEL)
    assert not viewer.window._qt_window.close()
    assert training.child_running
    monkeypatch.setattr(closing, "ask", lambda *_: closing.STOP)
    assert finetune._may_close()
    qtbot.waitUntil(lambda: not is_running(folder), timeout=LONG)
    assert not said


def test_a_training_goes_on_without_the_window(
    viewer, finetune, dock, started, click, finish, monkeypatch, home, qtbot
):
    started(finetune)
    folder, asked = folder_of(home), []
    monkeypatch.setattr(closing, "ask", lambda *given: asked.append(given) or closing.GO_ON)
    viewer.window.remove_dock_widget(finetune)
    assert len(asked) == 1
    qtbot.waitUntil(lambda: not finetune.running, timeout=LONG)
    assert is_running(folder)
    again = dock()
    offer = again.form.offer
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    assert offer.take.text() == "Follow"
    click(again.button)
    finish(again)
    assert is_running(folder)
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    click(offer.take)
    qtbot.waitUntil(lambda: len(again.form.state.score.points["Dice"]) > 1, timeout=LONG)
    click(again.progress.stop)
    finish(again)
    assert again.form.result.isVisible()
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    assert offer.take.text() == "Continue"  # it was stopped


def test_a_training_that_waits_goes_on_without_the_window(
    viewer, finetune, dock, started, click, finish, monkeypatch, home, qtbot
):
    started(finetune)
    folder = folder_of(home)
    click(finetune.form.state.pause)
    qtbot.waitUntil(lambda: "Paused" in finetune.progress.text.text(), timeout=LONG)
    monkeypatch.setattr(closing, "ask", lambda *_: closing.GO_ON)
    viewer.window.remove_dock_widget(finetune)
    qtbot.waitUntil(lambda: not finetune.running, timeout=LONG)
    qtbot.waitUntil(lambda: not (folder / CONTROL).exists(), timeout=LONG)
    ask(folder, PAUSE)  # another follower
    again = dock()
    offer = again.form.offer
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    click(offer.take)
    qtbot.waitUntil(lambda: again.form.state.pause.text() == "Continue", timeout=LONG)
    count = len(again.form.state.loss.points["training"])
    click(again.form.state.pause)
    qtbot.waitUntil(lambda: len(again.form.state.loss.points["training"]) > count, timeout=LONG)
    assert again.form.state.pause.text() == "Pause"


def test_a_result_that_was_not_kept_is_offered_again(
    viewer, finetune, cells, dock, click, finish, qtbot, home, said
):
    click(finetune.button)
    finish(finetune)
    losses = finetune.form.state.loss.points["training"]
    assert not finetune.form.offer.isVisible()
    click(finetune.form.again)
    viewer.layers.remove(cells[1])
    click(finetune.button)
    finish(finetune)
    assert len(said) == 1
    assert finetune.form.result.isVisible()  # a training that is refused takes nothing away
    viewer.window.remove_dock_widget(finetune)
    again = dock()
    offer = again.form.offer
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    assert offer.take.text() == "See result"
    click(offer.take)
    finish(again)
    assert again.form.state.loss.points["training"][-1][0] == losses[-1][0]
    assert again.form.result.isVisible()
    again.form.result.name.setText("late")
    click(again.form.result.keep)
    finish(again)
    assert not any(run.folder == folder_of(home) for run in unseen_runs())


def test_a_stopped_training_is_continued(finetune, started, click, finish, qtbot, home):
    started(finetune)
    click(finetune.progress.stop)
    finish(finetune)
    offer, folder = finetune.form.offer, folder_of(home)
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    assert offer.take.text() == "Continue"
    before = len(Run(folder).records())
    click(offer.take)
    qtbot.waitUntil(lambda: len(Run(folder).records()) > before, timeout=LONG)
    click(finetune.progress.stop)
    finish(finetune)
    assert finetune.form.result.isVisible()


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_an_interrupted_training_is_continued(
    viewer, finetune, cells, dock, started, click, finish, qtbot, said, home
):
    annotation, before = cells[1], cells[1].data.copy()
    started(finetune)
    os.kill(int((folder_of(home) / PID).read_text()), signal.SIGKILL)
    finish(finetune)
    assert annotation in viewer.layers
    assert_array_equal(annotation.data, before)
    assert len(said) == 1
    assert said[0].endswith("continue it from its last epoch (Continue).")
    offer = finetune.form.offer
    qtbot.waitUntil(offer.isVisible, timeout=LONG)
    assert offer.take.text() == "Continue"
    click(offer.take)
    qtbot.waitUntil(lambda: finetune._training.child_running, timeout=LONG)
    before = len(list(Run(folder_of(home)).records()))
    losses = finetune.form.state.loss.points["training"]
    qtbot.waitUntil(lambda: len(losses) > before + 1, timeout=LONG)
    assert finetune.form.state.score.points["Dice"][0][0] == 0
    click(finetune.progress.stop)
    finish(finetune)
    assert finetune.form.result.isVisible()


@pytest.mark.parametrize("answer", [closing.STOP, closing.GO_ON, closing.CANCEL])
def test_question(viewer, qtbot, answer):
    def press():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        next(button for button in box.buttons() if button.text() == answer).click()

    QTimer.singleShot(100, press)
    assert closing.ask(viewer.window._qt_window) == answer


def test_only_weight_maps_are_weights(viewer, dock, nuclei, painted):
    for name in "ab":
        viewer.add_image(nuclei, name=name)
        viewer.add_labels(painted, name=f"{name} labels")
    weights = viewer.add_image(np.ones(nuclei.shape, np.float32), name="a weights")
    pair = dock().form.pairs.pairs[0]
    pair.image.value = viewer.layers["a"]
    assert pair.weight.choices == (None, weights)
    pair.weight.value = weights
    pair.image.value = viewer.layers["b"]
    assert pair.weight.value is None
    assert pair.labels.value is viewer.layers["b labels"]


def nothing(viewer, nuclei):
    pass


def no_annotation(viewer, nuclei):
    viewer.add_image(nuclei[0], name="cells")


def empty_annotation(viewer, nuclei):
    add_annotation(viewer, viewer.add_image(nuclei[0], name="cells"))


def another_shape(viewer, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    viewer.add_labels(np.ones((50, 60), int), name="cells objects")


def no_objects(viewer, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    viewer.add_labels(np.zeros(nuclei[0].shape, int), name="cells objects")


def a_constant_image(viewer, nuclei):
    viewer.add_image(np.full((64, 64), 7), name="cells", contrast_limits=(0, 9))
    viewer.add_labels(np.eye(64, dtype=int), name="cells objects")


BAD = {
    nothing: "choose one under Image",
    no_annotation: "Annotate widget",
    empty_annotation: "No objects are painted",
    another_shape: "50 × 60",
    no_objects: "No objects are painted",
    a_constant_image: "same value",
}


@pytest.mark.parametrize(("prepare", "words"), BAD.items(), ids=[bad.__name__ for bad in BAD])
def test_bad_input_is_refused_in_one_sentence(
    viewer, dock, nuclei, click, finish, said, home, prepare, words
):
    prepare(viewer, nuclei)
    widget = dock()
    click(widget.button)
    finish(widget)
    assert len(said) == 1
    assert words in said[0]
    assert not (home / "runs").exists()
    assert widget.button.isEnabled()
    assert not widget.form.setup.isHidden()


def test_an_empty_annotation_among_others_is_left_out(
    viewer, finetune, nuclei, click, finish, said, home
):
    empty = viewer.add_image(nuclei[0], name="empty")
    add_annotation(viewer, empty)
    finetune.form.pairs.add_pair()
    assert {image.name for image, _ in finetune.form.pairs.layers()} == {"cells", "empty"}
    click(finetune.button)
    finish(finetune)
    assert not said
    assert {sample.name for sample in Run(folder_of(home)).samples()} == {"cells 0", "cells 1"}


def test_what_the_check_meets_stands_in_its_line(viewer, dock, nuclei, painted, qtbot, said):
    """Nobody has asked for it, so no message pops up."""
    viewer.add_image(nuclei, name="cells")
    broken = viewer.add_labels(painted[:1], name="cells objects")
    widget = dock()
    words = widget.form.check.words
    qtbot.waitUntil(lambda: "made for this image" in words.text(), timeout=LONG)
    viewer.layers.remove(broken)
    viewer.add_labels(painted, name="cells objects")
    widget.form.pairs.add_folder(Path("nowhere"))
    qtbot.waitUntil(lambda: "no folder of annotations" in words.text(), timeout=LONG)
    assert not said


def test_a_weight_map_of_the_view_alone_is_refused(viewer, finetune, cells, click, finish, said):
    part = viewer.add_image(np.ones(cells[1].data.shape, np.float32), name="drawn weight map")
    part.metadata[WEIGHTS] = WeightMapState(ref(cells[1]))
    pair = finetune.form.pairs.pairs[0]
    pair.weight.value = part
    click(finetune.button)
    finish(finetune)
    assert len(said) == 1
    assert "click Apply" in said[0]
    part.metadata[WEIGHTS].complete = True
    assert_array_equal(at_once(pair.copy()).annotation.weight, part.data)


def test_colour_is_learnt_from_a_model_of_one_channel(viewer, dock, painted, click, finish, said):
    pixels = np.random.default_rng(0).integers(0, 255, (*painted[0].shape, 3), np.uint8)
    viewer.add_image(pixels, name="cells", rgb=True)
    viewer.add_labels(painted[0], name="cells objects")
    widget = dock()
    click(widget.button)
    finish(widget)
    assert not said
    assert widget.form.result.isVisible()
    assert widget.form.result.cells["ap50", "before"].text()


def test_a_folder_that_cannot_be_written(finetune, click, finish, said, home):
    home.write_text("a file where a folder should be")
    click(finetune.button)
    finish(finetune)
    assert len(said) == 1
    assert "could not be written" in said[0]
    home.unlink()
    click(finetune.button)
    finish(finetune)
    assert len(said) == 1
    assert finetune.form.result.isVisible()


def test_check_leads_to_the_place(viewer, finetune, cells, click, qtbot):
    labels = cells[1]
    number = labels.data.max() + 1
    for row in (2, 80):
        labels.data[1, row : row + 9, 60:69] = number
    check = finetune.form.check

    def places():
        rows = [check.findings.item(row).data(256) for row in range(check.findings.count())]
        return [finding for finding in rows if finding.where is not None]

    finetune.form.changed.emit()
    qtbot.waitUntil(lambda: bool(places()), timeout=LONG)
    assert "objects in" in check.words.text()
    click(check.unfold)
    assert check.findings.isVisible()
    found = places()[0]
    check.findings.chosen.emit(found)
    assert viewer.layers.selection.active is labels
    assert viewer.dims.current_step[0] == found.where[0]


def test_a_line_without_a_place_leads_to_the_layer(viewer, finetune, cells, qtbot):
    qtbot.waitUntil(lambda: "objects in" in finetune.form.check.words.text(), timeout=LONG)
    viewer.layers.selection.active = cells[0]
    for name in ("cells", ""):
        finetune.form.check.findings.chosen.emit(Finding("info", "Something.", name=name))
        assert viewer.layers.selection.active is cells[1]


def test_layers_that_do_not_fit_are_told(viewer, finetune, cells, qtbot):
    findings = finetune.form.check.findings

    def says(text):
        return any(text in findings.item(row).text() for row in range(findings.count()))

    cells[1].scale = (1, 2, 2)
    painted_map = viewer.add_image(np.ones(cells[1].data.shape), name="drawn weight map")
    painted_map.metadata[WEIGHTS] = WeightMapState(ref(cells[1]), complete=True, painted=True)
    finetune.form.changed.emit()
    qtbot.waitUntil(
        lambda: says("has the scale 1 × 2 × 2, and the image 1 × 0.5 × 0.5"), timeout=60_000
    )
    assert says("painted on “drawn weight map”, but it is not used")
    cells[1].scale = painted_map.scale = cells[0].scale
    finetune.form.pairs.pairs[0].weight.value = painted_map
    finetune.form.changed.emit()
    qtbot.waitUntil(lambda: not says("scale"), timeout=60_000)
    assert not says("not used")


def test_the_check_follows_what_is_painted(viewer, dock, nuclei, qtbot):
    objects = add_annotation(viewer, viewer.add_image(nuclei[0], name="cells"))
    words = dock().form.check.words

    def says(text):
        qtbot.waitUntil(lambda: text in words.text(), timeout=LONG)

    says("No objects are painted")
    objects.paint((20, 20), 1)
    says("Nothing is marked as background")
    add_planes(objects.metadata[ANNOTATION].rectangles, objects, [()])
    says("Paint 3 more objects, so that a part can be held out")
    objects.paint((60, 60), 2)
    says("Paint 2 more objects, so that a part can be held out")
    objects.undo()
    says("Paint 3 more objects, so that a part can be held out")


def test_the_check_follows_layers_that_are_moved(viewer, dock, nuclei, qtbot):
    image = viewer.add_image(nuclei[0], name="cells")
    objects = add_annotation(viewer, image)
    objects.paint((20, 20), 1)
    parts = objects.metadata[ANNOTATION]
    add_planes(parts.rectangles, objects, [()])
    check = dock().form.check

    def says(text):
        found = [check.findings.item(row).text() for row in range(check.findings.count())]
        return any(text in each for each in found)

    def follows(text):
        qtbot.waitUntil(lambda: says(text), timeout=LONG)

    follows("1 object; 100 % of the pixels")
    parts.rectangles.translate = (nuclei[0].shape[0] // 2, 0)
    qtbot.waitUntil(lambda: says("1 object;") and not says("100 %"), timeout=LONG)
    parts.marks.visible = False
    parts.marks.translate = (3, 0)
    follows("“cells marks” lies elsewhere than “cells objects”")
    parts.marks.translate = (0, 0)
    qtbot.waitUntil(lambda: not says("lies elsewhere"), timeout=LONG)
    image.visible = False
    image.translate = (0, 5)
    follows("“cells objects” lies elsewhere than “cells”")
    image.data = np.zeros_like(nuclei[0])
    qtbot.waitUntil(lambda: not says("1 object"), timeout=LONG)


def test_the_check_follows_what_is_chosen_under_advanced(finetune, qtbot):
    def hints():
        found = finetune.form.check.findings
        return [found.item(row).text() for row in range(found.count())]

    finetune.form.train.fields["patch"].value = 16
    qtbot.waitUntil(lambda: any("patch of 16 pixels" in hint for hint in hints()), timeout=LONG)
    finetune.form.train.fields["patch"].value = 96
    qtbot.waitUntil(lambda: not any("patch of 16" in hint for hint in hints()), timeout=LONG)


def test_defaults_come_from_the_data_until_changed(finetune, click, qtbot):
    train = finetune.form.train
    finetune.form.reset.click()
    qtbot.waitUntil(lambda: train.value().patch == 96, timeout=LONG)
    train.fields["patch"].value = 64
    finetune.form.changed.emit()
    finetune._before._calm.timeout.emit()
    qtbot.waitUntil(lambda: finetune._before._checks._worker is None, timeout=LONG)
    assert train.value().patch == 64


@pytest.mark.alone
def test_the_window_is_not_blocked(viewer, finetune, click, finish, started):
    """At best of three, no more than 100 ms pass between two looks at the events.

    A machine on which napari itself takes long to paint has that much more.
    """
    shortest_of_three(viewer, lambda: train_and_stop(finetune, click, finish, started))


@pytest.mark.alone
def test_the_window_is_not_blocked_by_a_large_stack(
    viewer, dock, nuclei, painted, click, finish, started
):
    """100 MB in memory, and a lazy movie that is read only where it is annotated."""
    plane = np.tile(nuclei[0], (3, 3)).astype(np.uint16)
    stack, movie = np.repeat(plane[np.newaxis], 720, axis=0), Reads(np.repeat(nuclei[1:], 60, 0))
    for name, pixels in (("stack", stack), ("movie", dask.array.from_array(movie, (1, -1, -1)))):
        image = viewer.add_image(pixels, name=name, contrast_limits=(0, 255))
        objects = add_annotation(viewer, image)
        objects.data[3, :96, :80] = painted[int(name == "movie")]
        add_planes(objects.metadata[ANNOTATION].rectangles, objects, [(3,)])
    viewer.dims.set_point(0, 30)
    widget = dock()
    widget.form.pairs.add_pair()
    movie.planes.clear()
    shortest_of_three(viewer, lambda: train_and_stop(widget, click, finish, started))
    assert movie.planes == {3}


class Reads:
    """Remembers which planes of an array were read."""

    def __init__(self, pixels):
        self.pixels, self.planes = pixels, set()
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim

    def __getitem__(self, where):
        self.planes |= set(np.ravel(np.arange(len(self.pixels))[where[0]]).tolist())
        return self.pixels[where]


def train_and_stop(widget, click, finish, started):
    """Look at the annotations, and train."""
    widget.form.changed.emit()
    started(widget)
    click(widget.progress.stop)
    finish(widget)


def shortest_of_three(viewer, act):
    longest, limit = [], max(0.1, 3 * one_paint(viewer))
    for _ in range(3):
        gaps = Gaps()
        act()
        longest.append(gaps.end())
        if longest[-1] < limit:
            break
    print("longest gaps in seconds:", [f"{gap:.3f}" for gap in longest], f"limit {limit:.3f}")
    assert min(longest) < limit


def one_paint(viewer):
    """Return how long the whole window takes to be painted once, at the middle of ten."""
    window, taken = viewer.window._qt_window, []
    for _ in range(10):
        began = time.perf_counter()
        window.grab()
        viewer.window._qt_viewer.canvas.native.repaint()
        taken.append(time.perf_counter() - began)
    return sorted(taken)[5]


class Gaps:
    """Measures the longest time in which a timer of 10 ms did not fire."""

    def __init__(self):
        self.longest, self.last = 0.0, time.perf_counter()
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(10)

    def look(self):
        now = time.perf_counter()
        self.longest, self.last = max(self.longest, now - self.last), now

    def end(self):
        self.timer.stop()
        return self.longest


def test_the_result_comes_first_and_the_kept_model_segments(
    viewer, finetune, cells, click, finish, qtbot
):
    click(finetune.button)
    finish(finetune)
    form, result = finetune.form, finetune.form.result
    area = finetune.findChild(QScrollArea)
    assert not form.setup.isVisible()
    qtbot.waitUntil(lambda: 0 <= result.mapTo(area, QPoint(0, 0)).y() < 40, timeout=LONG)
    assert not result.kept_line.isVisible()
    result.name.setText("mine")
    click(result.keep)
    finish(finetune)
    assert result.kept_line.isVisible()
    assert result.kept_line.words.text() == "Kept as “mine”."
    assert not form.setup.isVisible()
    click(result.kept_line.segment)
    segment = open_widget(viewer, "Segment")
    finish(segment)
    assert segment.model.value == "mine"
    assert segment.image.value is cells[0]
    assert any(has_role(layer, "instances") for layer in viewer.layers)
    click(form.again)
    assert form.setup.isVisible()


def test_no_choice_under_advanced_is_cut_off(finetune, viewer, qtbot):
    finetune.form.advanced.expand(animate=False)
    box = finetune.form.targets.fields["border"].native
    finetune.setFixedWidth(330)
    qtbot.waitUntil(lambda: finetune.width() == 330 and box.isVisible(), timeout=LONG)
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    part = QStyle.SubControl.SC_ComboBoxEditField
    shown = box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, box)
    texts = [box.itemText(each) for each in range(box.count())]
    widths = {text: box.fontMetrics().horizontalAdvance(text) for text in texts}
    assert all(width <= shown.width() for width in widths.values()), (widths, shown.width())


def test_the_words_of_a_row_say_what_its_field_says(finetune):
    for name, words in finetune.form.pairs.pairs[0]._words.items():
        assert words.toolTip() == native(getattr(finetune.form.pairs.pairs[0], name)).toolTip()
        assert words.toolTip()


def test_comparison_and_suggestions_run_where_the_settings_say(
    page, finetune, click, finish, monkeypatch
):
    from napari_unet.nn.prediction import predict  # noqa: PLC0415 - loads torch

    asked, choose = [], predict.choose_device
    monkeypatch.setattr(predict, "choose_device", lambda name: asked.append(name) or choose("cpu"))
    page.computing.device = "mps"
    result = finetune.form.result
    click(finetune.button)
    finish(finetune)
    assert set(asked) == {"mps"}
    for act in (lambda: result.last.setChecked(True), lambda: click(result.suggest_next)):
        asked.clear()
        act()
        finish(finetune)
        assert set(asked) == {"mps"}
