"""The Fine-tune widget in a real window, with real clicks and real, tiny trainings."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QPlainTextEdit, QScrollArea, QStyle, QStyleOptionComboBox

from napari_unet.core.errors import UserError, sentence
from napari_unet.core.progress import Progress, drive
from napari_unet.nn.training.before_after import Comparison
from napari_unet.runs.control import is_running
from napari_unet.runs.known import unseen_runs
from napari_unet.storage.model_header import read_header
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.finetune.running.training import COMPARING, Ended, Training
from napari_unet.ui.layers.metadata import has_role
from napari_unet.ui.widgets.layout import native
from napari_unet.ui.work.opening import open_widget
from trainings import LONG, folder_of

PLUGIN = "napari-unet-studio"


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
    assert "on “cells”" in result.legend.text()
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
    click(result.show_changes)
    click(result.kept_line.segment)
    segment = open_widget(viewer, "Segment")
    finish(segment)
    assert segment.model.value == "mine"
    assert segment.image.value is cells[0]
    (found,) = (layer for layer in viewer.layers if has_role(layer, "instances"))
    assert (found.visible, cells[0].visible, cells[1].visible) == (True, True, False)
    (changes,) = (layer for layer in viewer.layers if has_role(layer, "changes"))
    assert not changes.visible
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
    from napari_unet.nn.prediction import predict, windows  # noqa: PLC0415 - loads torch

    asked, choose = [], predict.choose_device
    for module in (predict, windows):
        monkeypatch.setattr(
            module, "choose_device", lambda name: asked.append(name) or choose("cpu")
        )
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
