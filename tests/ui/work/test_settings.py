"""What is set on our page of napari's preferences is what a new widget begins with."""

from pathlib import Path
from shutil import copy

import napari.settings
import numpy as np
import pytest
from npe2 import PluginManifest
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit

from napari_unet.core.config import TileConfig
from napari_unet.core.option import options
from napari_unet.core.train_config import TrainConfig
from napari_unet.storage.folders import HOME, data_folder, models_folder
from napari_unet.ui.work.copies import at_once
from napari_unet.ui.work.opening import open_widget
from napari_unet.ui.work.settings import usual_tiles, usual_training

PLUGIN = "napari-unet-studio"


@pytest.fixture
def properties(page):
    """What the manifest says about the page."""
    found = PluginManifest.from_distribution(PLUGIN).contributions.configurations
    return {name: part.properties for name, part in found.items()}


@pytest.mark.parametrize("name", ["device", "precision", "memory"])
def test_the_page_has_the_ranges_and_values_of_the_form(properties, name):
    (option,) = [each for each in options(TileConfig) if each.name == name]
    shown = properties["computing"][name]
    assert shown.default == option.default
    assert tuple(shown.enum or ()) == tuple(option.metadata["choices"] or ())
    assert (shown.minimum, shown.maximum) == (option.metadata["low"], option.metadata["high"])
    assert set(properties["computing"]) == {"device", "precision", "memory"}


def test_nothing_is_set_at_first(page):
    assert usual_tiles() == TileConfig()
    assert usual_training() == TrainConfig()


def test_napari_is_asked_only_where_something_was_set(page, tmp_path, monkeypatch):
    monkeypatch.setattr(napari.settings.get_settings(), "config_path", tmp_path / "settings.yaml")
    page.computing.device = "cpu"
    assert usual_tiles() == TileConfig()
    (tmp_path / f"{PLUGIN}.yaml").touch()
    assert usual_tiles() == TileConfig(device="cpu")


def test_before_napari_0_9_everything_is_as_usual(monkeypatch):
    monkeypatch.delattr(napari.settings, "get_plugin_settings", raising=False)
    assert usual_tiles() == TileConfig()
    assert usual_training() == TrainConfig()


def test_napari_shows_the_page_and_what_is_chosen_there_is_where_segment_begins(
    page, viewer, qtbot
):
    from napari._qt.dialogs.preferences_dialog import PreferencesDialog  # noqa: PLC0415

    dialog = PreferencesDialog()
    qtbot.addWidget(dialog)
    titles = [dialog._list.item(row).text() for row in range(dialog._list.count())]
    ours = dialog._stack.widget(titles.index("U-Net Studio"))
    words = {label.text() for label in ours.findChildren(QLabel)}
    assert {"Device", "Precision", "Memory (GB)"} <= words
    device = next(box for box in ours.findChildren(QComboBox) if box.findText("mps") >= 0)
    device.setCurrentText("cpu")
    (folder,) = [line for line in ours.findChildren(QLineEdit) if not line.text()]
    folder.setText("mine")
    assert (page.computing.device, page.folders.data) == ("cpu", "mine")
    assert open_widget(viewer, "Segment").form.tiles.value() == TileConfig(device="cpu")


def test_new_forms_begin_with_what_is_set_and_open_ones_stay(page, viewer):
    segment = open_widget(viewer, "Segment")
    page.computing.update({"device": "cpu", "precision": "bfloat16", "memory": 1.5})
    wanted = TileConfig(device="cpu", precision="bfloat16", memory=1.5)
    batch, finetune = open_widget(viewer, "Batch"), open_widget(viewer, "Fine-tune")
    assert segment.form.tiles.value() == TileConfig()
    assert batch.form.settings.tiles.value() == batch.form.settings.request().tiles == wanted
    assert finetune.form.train.value() == TrainConfig(device="cpu")


def test_a_training_whose_values_are_chosen_from_the_data_runs_where_is_set(page, viewer):
    page.computing.device = "cpu"
    viewer.add_image(np.zeros((40, 40)))
    labels = np.zeros((40, 40), int)
    labels[10:20, 10:20] = 1
    viewer.add_labels(labels)
    request = at_once(open_widget(viewer, "Fine-tune")._before.request())
    assert request.train is None
    assert request.device == "cpu"


def test_the_folder_is_that_of_the_page_unless_the_shell_says_another(
    page, viewer, tmp_path, monkeypatch, home
):
    page.folders.data = str(tmp_path / "mine")
    open_widget(viewer, "Segment")
    assert data_folder() == home
    monkeypatch.delenv(HOME)
    assert models_folder() == tmp_path / "mine" / "models"
    page.folders.data = ""
    assert models_folder() == tmp_path / "mine" / "models"
    open_widget(viewer, "Export")
    assert data_folder().name == "napari-unet-studio"


@pytest.mark.parametrize("written", ["~/cells", "cells", " cells "])
def test_a_folder_is_looked_for_in_the_home_of_the_user(
    page, viewer, tmp_path, monkeypatch, written
):
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv(HOME)
    page.folders.data = written
    open_widget(viewer, "Export")
    assert data_folder() == tmp_path / "cells"


def test_open_boxes_of_models_follow_the_folder_and_keep_what_is_chosen(
    page, viewer, tmp_path, monkeypatch, models, qtbot
):
    monkeypatch.delenv(HOME)
    folders = {name: tmp_path / name / "models" for name in ("old", "new")}
    for name, folder in folders.items():
        folder.mkdir(parents=True)
        copy(models["flat"], folder / f"{name}.safetensors")
    page.folders.data = str(tmp_path / "old")
    segment = open_widget(viewer, "Segment")
    box = segment.form.model
    box.value = "old"
    page.folders.data = str(tmp_path / "new")
    QApplication.sendEvent(segment, QEvent(QEvent.Type.WindowActivate))
    assert "new" in box.choices
    assert box.path() == folders["old"] / "old.safetensors"
    assert "old" not in box.choices
    box.value = "new"
    assert box.path() == folders["new"] / "new.safetensors"
