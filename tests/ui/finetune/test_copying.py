"""What the Fine-tune widget copies makes the run that it would make itself."""

import shlex

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from napari_unet.cli.main import main
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.io.annotations.write import write_annotation
from napari_unet.runs.folder import Run
from napari_unet.ui.finetune.data.asked import asked
from napari_unet.ui.finetune.data.training_request import check, write_run
from quick_runs import discs


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Two folders of annotations; what is copied is run beside them."""
    monkeypatch.chdir(tmp_path)
    for folder in ("first", "second"):
        sample = discs(1)
        annotation = Annotation(sample.labels.astype(np.uint32))
        write_annotation(folder, AnnotatedImage("discs", sample.image, "CYX", annotation))
    return tmp_path / "first", tmp_path / "second"


@pytest.fixture
def finetune(viewer, models):
    _, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Fine-tune")
    widget.form.model.add(models["flat"])
    widget.form.unit.value = "epochs"
    widget.form.count.value = 1
    train = widget.form.train
    train.set_value(train.value().replace(steps=1, patch=32, batch=1, device="cpu", flip=False))
    return widget


@pytest.mark.parametrize("kind", ["command", "python"])
def test_what_is_copied_makes_the_same_run(finetune, folders, kind):
    finetune.form.pairs.add_folder(folders[0])
    checked = check(asked(finetune.form, ()))
    expected = Run(write_run(checked.config, checked.samples)).config()
    getattr(finetune.copy, kind).click()
    assert "was copied" in finetune.copy.told.text()
    copied = QApplication.clipboard().text()
    if kind == "command":
        assert main([*shlex.split(copied)[1:], "--progress", "none"]) == 0
    else:
        exec(copied, {})
    run = Run(folders[0].with_name("discs"))
    assert run.config() == expected
    assert run.config().train.flip is False


def test_what_no_command_reads_is_told(viewer, finetune, folders):
    finetune.form.pairs.add_folder(folders[0])
    finetune.form.pairs.add_folder(folders[1])
    for button in (finetune.copy.command, finetune.copy.python):
        button.click()
        assert "learns from one folder" in finetune.copy.error.text()
    image = viewer.add_image(np.zeros((32, 32), np.float32), name="cells")
    viewer.add_labels(np.ones((32, 32), int), name="drawn")
    finetune.form.pairs.add_pair()
    assert finetune.form.pairs.pairs[0].image.value is image
    finetune.copy.command.click()
    assert "“cells” is in this window only" in finetune.copy.error.text()
    assert finetune.copy.told.isHidden()
