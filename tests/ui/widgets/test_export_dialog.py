"""The dialog that makes a package of a model asks only what nobody else knows."""

import pytest
from qtpy.QtWidgets import QFileDialog, QInputDialog, QLabel

from napari_unet import ModelCard, export_model, import_model
from napari_unet.storage.model_header import bundled_models, find_model, read_header
from napari_unet.ui.widgets.models.actions import BROWSE, EXPORT
from napari_unet.ui.widgets.models.export_dialog import ExportDialog
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.dock_widget import Connections


@pytest.fixture
def dialog(qtbot, small_model):
    dialog = ExportDialog(None, small_model, Connections())
    qtbot.addWidget(dialog)
    return dialog


def titles(dialog):
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_what_is_not_known_is_asked_and_written(dialog, qtbot, tmp_path, monkeypatch, small_model):
    assert {"Finds", "Made by", "Licence"} <= {*titles(dialog)}
    out = tmp_path / "bioimageio-small"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    dialog.button.click()
    assert dialog.error.text() == ("Nobody is named who made 'small': name its author (Made by).")
    dialog.author.setText("Ada Lovelace, Grace Hopper")
    dialog.licence.setCurrentText("MIT")
    dialog.description.setText("Discs")
    with qtbot.waitSignal(dialog.accepted, timeout=60_000):
        dialog.button.click()
        assert not dialog.button.isEnabled()
    again = import_model(out.with_suffix(".zip"), "again")
    authors = ["Ada Lovelace", "Grace Hopper"]
    said = {"authors": authors, "licence": "MIT", "description": "Discs"}
    assert read_header(again) == read_header(small_model) | {"name": "again", "about": said}


def test_of_a_bundled_model_nothing_is_asked(qtbot):
    dialog = ExportDialog(None, bundled_models()["neurites"], Connections())
    qtbot.addWidget(dialog)
    told = "\n".join(titles(dialog))
    assert "Licence: CC0-1.0" in told
    assert not {"Finds", "Made by", "Licence"} & {*titles(dialog)}


def test_a_list_of_models_offers_both_ways(qtbot, tmp_path, monkeypatch, small_package):
    connections = Connections()
    boxes = [ModelBox(connections) for _ in range(2)]
    for box in boxes:
        qtbot.addWidget(box.native)
    first = boxes[0]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(small_package), ""))
    first.native.activated.emit(first.native.findText(BROWSE))
    assert first.path() == find_model("small")
    assert "small" in boxes[1].choices
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("other", True))
    first.native.activated.emit(first.native.findText(BROWSE))
    assert first.value == "other"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("", False))
    first.native.activated.emit(first.native.findText(BROWSE))
    assert first.value == "other"
    first.native.activated.emit(first.native.findText(EXPORT))
    (dialog,) = first.native.findChildren(ExportDialog)
    assert dialog.windowTitle() == "Export model: other"
    assert first.value == "other"
    connections.undo()


@pytest.fixture
def small_package(small_model, tmp_path):
    card = ModelCard(("Ada",), "MIT", "Discs")
    return export_model(small_model, tmp_path / "bioimageio-small.zip", card)
