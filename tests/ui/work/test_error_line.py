"""Errors stand under the button that was clicked, whole, until the next click."""

import pytest
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QApplication, QFileDialog, QPushButton, QVBoxLayout

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.ui.widgets.forms import Form
from napari_unet.ui.widgets.layout import place
from napari_unet.ui.widgets.models.actions import BROWSE
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.dock_widget import DockWidget
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget

PATH = f"/data/{'x' * 64}/{'y' * 64}.tif"


class Two(DockWidget):
    """Two buttons, each with its line."""

    def __init__(self):
        super().__init__()
        self.main, self.other, self.line = QPushButton("Main"), QPushButton("Other"), ErrorLine()
        layout = QVBoxLayout(self)
        for part in (self.main, self.error, self.other, self.line):
            layout.addWidget(part)
        self.wrong = UserError(f"{PATH} is not there: choose another file.")
        self.on_click(self.main, self.act)
        self.on_click(self.other, self.act, self.line)

    def act(self):
        if self.wrong is not None:
            raise self.wrong


@pytest.fixture
def two(qtbot):
    widget = Two()
    qtbot.addWidget(widget)
    widget.resize(250, 300)
    widget.show()
    return widget


def test_an_error_stands_under_its_button_until_the_next_click(two, click, said):
    click(two.main)
    assert two.error.text() == str(two.wrong) == said[-1]
    assert two.error.isVisible()
    click(two.other)
    assert (two.error.text(), two.line.text()) == ("", str(two.wrong))
    two.wrong = None
    click(two.main)
    assert two.line.isHidden()
    assert two.error.isHidden()


def test_an_error_is_shown_whole_and_widens_nothing(two, click, qtbot):
    before = two.minimumSizeHint().width()
    click(two.main)
    qtbot.waitUntil(lambda: two.error.height() >= two.error.document().size().height())
    assert two.error.document().size().width() <= two.error.width()
    assert two.minimumSizeHint().width() == before


def test_an_error_that_should_not_be_is_told_and_goes_on(two, said):
    two.wrong = KeyError("odd")
    with pytest.raises(KeyError):
        two.do(two.act)
    assert "KeyError" in two.error.text()


def test_values_that_do_not_fit_stand_in_the_widget_until_the_next_click(two, click, said):
    form = Form(NormalizeConfig())
    two.layout().addWidget(form)
    form.fields["high"].value = 0.5
    assert two.error.text() == said[-1] == "The low percentile must be below the high one."
    two.wrong = None
    click(two.other)
    assert two.error.isHidden()


def test_a_file_that_is_no_model_is_told_in_the_widget(two, said, tmp_path, monkeypatch):
    box, file = ModelBox(two.connections), tmp_path / "no_model.safetensors"
    two.layout().addWidget(box.native)
    file.write_bytes(b"no model")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    box.native.activated.emit(box.native.findText(BROWSE))
    assert "no_model.safetensors" in two.error.text()
    assert said == [two.error.text()]


def test_what_goes_wrong_after_the_widget_was_closed_is_told_by_napari(qtbot, said):
    line = ErrorLine()
    line.deleteLater()
    QApplication.sendPostedEvents(line, QEvent.Type.DeferredDelete)
    ErrorLine.show_error(line, UserError("The disk is full: make room."))
    assert said == ["The disk is full: make room."]


class Working(WorkingWidget):
    """A button that starts work, and another one."""

    def __init__(self):
        super().__init__(QPushButton("Work"), ProgressRow("steps"))
        self.line, self.told = ErrorLine(), place(self.progress, self.error)
        layout = QVBoxLayout(self)
        for part in (self.button, self.told, self.line):
            layout.addWidget(part)
        layout.addStretch()


def failing():
    yield from ()
    raise UserError("It went wrong: try again.")


@pytest.mark.parametrize("other", [False, True])
def test_errors_of_work_stand_under_what_started_it(qtbot, said, other):
    widget = Working()
    qtbot.addWidget(widget)
    line = widget.line if other else widget.error
    widget.do(lambda: widget.work(failing, print, "Working"), line)
    qtbot.waitUntil(lambda: not widget.running, timeout=60_000)
    assert line.text() == "It went wrong: try again."
    assert said == ["It went wrong: try again."]


def test_work_and_a_short_error_move_nothing(qtbot):
    widget = Working()
    qtbot.addWidget(widget)
    widget.resize(400, 400)
    widget.show()
    below, tops = QPushButton("Below"), []
    widget.layout().insertWidget(2, below)
    for change in (
        lambda: None,
        lambda: widget.progress.begin("Working"),
        widget.progress.end,
        lambda: widget.error.show_error(UserError("Short.")),
        widget.error.forget,
    ):
        change()
        qtbot.wait(1)
        tops.append(below.y())
    assert len(set(tops)) == 1
