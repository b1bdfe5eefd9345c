"""Trainings that are killed, left alone, closed with the window, found again and continued."""

import os
import signal

import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QMessageBox

from napari_unet.runs.control import CONTROL, PAUSE, PID, ask, is_running
from napari_unet.runs.folder import Run
from napari_unet.runs.known import unseen_runs
from napari_unet.ui.finetune.running import closing
from trainings import LONG, folder_of


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
