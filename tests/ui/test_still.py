"""What comes and goes moves nothing that one clicks."""

import pytest
from qtpy.QtCore import QPoint
from qtpy.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from superqt import QCollapsible

from napari_unet.core.config import DecodeConfig
from napari_unet.core.progress import Progress
from napari_unet.ui.finetune.running.training_view import RunState
from napari_unet.ui.work.progress_row import ProgressRow

PLUGIN = "napari-unet-studio"


def places(widget, parts):
    """How far each part lies below the top of a widget."""
    return [part.mapTo(widget, QPoint(0, 0)).y() for part in parts]


@pytest.mark.parametrize("title", ["Segment", "Batch"])
def test_results_move_neither_the_button_nor_what_folds(viewer, nuclei, title, qtbot):
    viewer.add_image(nuclei[0])
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, title)
    qtbot.wait(50)
    still = [widget.button, *widget.findChildren(QCollapsible)]
    before = places(widget, still)
    if title == "Segment":
        widget.form.adjust.show_result("2 objects.", DecodeConfig(), DecodeConfig())
    else:
        widget.form.summary.setText("2 files: 2 done.")
        widget.form.table.show_names(["a", "b"])
        widget.form.table.show()
    qtbot.wait(50)
    assert places(widget, still) == before


def test_a_scroll_bar_that_comes_moves_and_narrows_nothing(viewer, qtbot):
    _, batch = viewer.window.add_plugin_dock_widget(PLUGIN, "Batch")
    batch.setFixedSize(360, 720)
    bar = batch.findChild(QScrollArea).verticalScrollBar()
    qtbot.waitUntil(lambda: batch.height() == 720 and not bar.isVisible())
    qtbot.wait(50)
    still = [batch.button, batch.form.out, *batch.findChildren(QCollapsible)]
    before = [(part.mapTo(batch, QPoint(0, 0)), part.size()) for part in still]
    batch.form.table.show_names(["a", "b"])
    batch.form.table.show()
    qtbot.waitUntil(bar.isVisible)
    qtbot.wait(50)
    assert [(part.mapTo(batch, QPoint(0, 0)), part.size()) for part in still] == before


def test_what_a_training_tells_moves_neither_curves_nor_buttons(qtbot):
    window, state = QWidget(), RunState(ProgressRow("steps"))
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.addWidget(state)
    layout.addStretch()
    window.resize(350, 900)
    window.show()
    state.progress.begin("Training")
    state.begin()
    still = [state.loss, state.score, state.preview, state.pause, state.log]
    qtbot.wait(50)
    before = places(window, still)
    qtbot.waitUntil(lambda: bool(state.loss.lines and state.score.lines))
    qtbot.wait(50)
    assert places(window, still) == before
    told = Progress("training", 1, 9, {"epoch": 1, "memory": 0.8, "loss": 0.5}, notice="Short.")
    state.show_progress(told)
    qtbot.wait(50)
    assert all(words.isVisible() for words in (state.epoch, state.notice, state.device))
    assert places(window, still) == before
    state.progress.end()
