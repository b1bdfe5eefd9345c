"""The list of models."""

import shutil

import pytest

from napari_unet.storage.folders import models_folder
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.work.dock_widget import Connections


def listed(box):
    return [box.native.itemText(row) for row in range(box.native.count())]


@pytest.fixture
def box(models, tmp_path, qtbot):
    """A box with a model that was kept, and with one of another folder."""
    models_folder().mkdir(parents=True)
    shutil.copy(models["flat"], models_folder() / "kept.safetensors")
    elsewhere = shutil.copy(models["flat"], tmp_path / "elsewhere.safetensors")
    box = ModelBox(Connections())
    qtbot.addWidget(box.native)
    box.native.show()
    box.add(elsewhere)
    return box


def test_models_whose_files_are_gone_are_not_offered(box, click, tmp_path):
    assert {"kept", "elsewhere"} < set(listed(box))
    box.value = "nuclei"
    (models_folder() / "kept.safetensors").unlink()
    (tmp_path / "elsewhere.safetensors").unlink()
    click(box.native)
    box.native.hidePopup()
    assert not {"kept", "elsewhere"} & set(listed(box))
    assert box.value == "nuclei"


def test_a_model_that_came_from_elsewhere_is_offered(box, click, models):
    shutil.copy(models["flat"], models_folder() / "new.safetensors")
    click(box.native)
    box.native.hidePopup()
    assert "new" in listed(box)


def test_a_chosen_model_whose_file_is_gone_is_told(box, click, tmp_path, said):
    (tmp_path / "elsewhere.safetensors").unlink()
    click(box.native)
    box.native.hidePopup()
    assert said == [
        f"The file of the model “elsewhere” is gone, and “{box.native.currentText()}” is chosen in "
        "its place: choose another model, or look for the file with Browse…."
    ]
    assert box.header()["name"] == box.native.currentText()
    click(box.native)
    box.native.hidePopup()
    assert len(said) == 1
