"""The network of another program is run only once somebody has said so."""

import shutil

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog, QLabel, QMessageBox

from napari_unet import import_model, load_model
from napari_unet.storage.folders import HOME
from napari_unet.storage.programs import programs_folder
from napari_unet.ui.widgets.models.actions import BROWSE, EXPORT
from napari_unet.ui.widgets.models.export_dialog import ExportDialog
from napari_unet.ui.widgets.models.import_dialog import ImportDialog
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.dock_widget import Connections
from others import described, files_of, small, write


@pytest.fixture
def package(tmp_path):
    """Of a network with two channels of which it does not say what they are."""
    image = np.random.default_rng(0).normal(100, 20, (1, 1, 32, 32)).astype(np.float32)
    files = files_of(small(gives=2), image)
    told = described(files, description="<b>Discs</b> of cells")
    return write(tmp_path / "others.zip", told, files)


@pytest.fixture
def box(qtbot):
    connections = Connections()
    box = ModelBox(connections)
    qtbot.addWidget(box.native)
    yield box
    connections.undo()


def browse(box, file, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    box.native.activated.emit(box.native.findText(BROWSE))


def test_it_is_asked_and_then_tried_and_kept(box, package, monkeypatch, qtbot):
    before = box.value
    browse(box, package, monkeypatch)
    (dialog,) = box.native.findChildren(ImportDialog)
    told = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Made by: Ada Lovelace, Grace Hopper" in told
    assert "only go on if you trust where it comes from" in told
    assert "<b>Discs</b>" in told
    assert box.value == before
    dialog.button.click()
    assert "does not say what they are" in dialog.error.text()
    assert not programs_folder().exists()
    dialog.outputs.setCurrentText("foreground, boundary")
    dialog.name.setText("discs")
    with qtbot.waitSignal(dialog.accepted, timeout=60_000):
        dialog.button.click()
        assert not dialog.button.isEnabled()
    assert box.value == "discs"
    assert load_model("discs").config.height
    box.native.activated.emit(box.native.findText(EXPORT))
    assert not box.native.findChildren(ExportDialog)


def test_who_says_no_has_run_nothing(box, package, monkeypatch):
    browse(box, package, monkeypatch)
    (dialog,) = box.native.findChildren(ImportDialog)
    dialog.cancel.click()
    assert not dialog.isVisible()
    assert not programs_folder().exists()


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_a_model_file_of_a_colleague_is_asked_about(answer, box, package, monkeypatch, tmp_path):
    path = import_model(package, "a", trust=True, outputs=("foreground", "boundary"))
    file = shutil.copy(path, tmp_path / "colleague.safetensors")
    monkeypatch.setenv(HOME, str(tmp_path / "other"))
    said = getattr(QMessageBox.StandardButton, answer)
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box) or said)
    browse(box, file, monkeypatch)
    assert "Run it?" in asked[0].text()
    assert asked[0].textFormat() == Qt.TextFormat.PlainText
    assert (box.path() == file) == programs_folder().exists() == (answer == "Yes")
