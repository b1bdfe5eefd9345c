"""What is shown of a training: only what it has told itself."""

import pytest

from napari_unet.core.progress import Progress, UsedDevice
from napari_unet.runs.training_process import NotPaused
from napari_unet.ui.finetune.running.training_view import RunState
from napari_unet.ui.work.progress_row import ProgressRow


@pytest.fixture
def state(qtbot) -> RunState:
    state = RunState(ProgressRow("steps"))
    qtbot.addWidget(state)
    state.begin()
    return state


def test_memory_may_be_told_before_a_device(state):
    state.show_progress(Progress("training", values={"memory": 1.25}))
    assert state.device.text() == "Memory in use: 1.2 GB"
    state.show_progress(Progress("training", device=UsedDevice("CPU", "It was asked for.")))
    assert state.device.text() == "CPU. It was asked for.\nMemory in use: 1.2 GB"


def test_the_device_of_the_training_before_is_forgotten(state):
    device = UsedDevice("NVIDIA H100", "It is the fastest.")
    state.show_progress(Progress("training", values={"memory": 8.0}, device=device))
    state.begin()
    state.show_progress(Progress("training", values={"memory": 2.0}))
    assert state.device.text() == "Memory in use: 2.0 GB"


def test_what_was_told_stays_while_nothing_is_told(state):
    state.show_progress(Progress("training", 5, 9, {"epoch": 2}, notice="Memory ran out."))
    state.show_progress(Progress("validating"))
    assert state.notice.text() == "Memory ran out."
    assert state.epoch.text() == "Epoch 2"


def test_what_cannot_be_paused_can_be_asked_again(state):
    state.pause.click()
    assert state.pause.text() == "Continue"
    state.show_progress(Progress("training", notice="The training goes on.", news=NotPaused()))
    assert state.pause.text() == "Pause"
    assert state.notice.text() == "The training goes on."
