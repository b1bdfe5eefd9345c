"""What is marked in one window is there in another one's lists."""

import numpy as np
import pytest
from napari._app_model import get_app_model
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFileDialog

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import DecodeConfig
from napari_unet.core.provenance.record import ModelFile
from napari_unet.core.provenance.settings import Settings
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.annotations.write import write_annotation
from napari_unet.runs.control import training_lock
from napari_unet.scale.share.pack import share
from napari_unet.scale.share.parcel import Parcel
from napari_unet.storage.crate.content import ANNOTATIONS, MODELS, RUNS
from napari_unet.storage.crate.metadata import METADATA
from napari_unet.storage.crate.read import read_crate
from napari_unet.storage.folders import HOME, models_folder, runs_folder
from napari_unet.ui.batch.widget import BatchWidget
from napari_unet.ui.share import commands
from napari_unet.ui.share.open_dialog import OpenDialog
from napari_unet.ui.share.share_dialog import ShareDialog
from quick_runs import discs, quick_run

PLUGIN = "napari-unet-studio"
TIMEOUT = 60_000


@pytest.fixture
def own(small_model, tmp_path):
    """A model and two trainings of the user's, and a folder of annotations."""
    models_folder().mkdir(parents=True)
    (models_folder() / "my cells.safetensors").write_bytes(small_model.read_bytes())
    for name in ("first", "second"):
        quick_run(runs_folder() / f"2026-11-0{len(name)} 10.00.00.000000 {name}", name=name)
    sample, folder = discs(1), tmp_path / "annotated"
    write_annotation(folder, AnnotatedImage("one", sample.image, "CYX", Annotation(sample.labels)))
    return folder


@pytest.fixture
def chosen(monkeypatch):
    """What the user will have chosen in dialogs for files and folders."""

    def choose(path):
        for name in ("getSaveFileName", "getOpenFileName"):
            monkeypatch.setattr(QFileDialog, name, lambda *_: (str(path), ""))
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(path))

    return choose


def mark(dialog, kind, row):
    dialog.things.line(kind, row).setCheckState(0, Qt.CheckState.Checked)


def test_from_one_window_to_the_other(own, viewer, qtbot, chosen, tmp_path, monkeypatch, said):
    dialog = commands.share()
    qtbot.addWidget(dialog)
    dialog.button.click()
    assert dialog.error.text().startswith("Nothing is marked")
    names = [dialog.things.line(RUNS, row).text(0) for row in range(2)]
    assert names == ["second", "first"]
    mark(dialog, MODELS, 0)
    mark(dialog, RUNS, 1)
    chosen(own)
    dialog.annotations.click()
    dialog.annotations.click()
    assert dialog.things.chosen(ANNOTATIONS) == (own,)
    dialog.name.setText("Discs")
    dialog.author.setText("Ada, ")
    chosen(tmp_path / "for Ada")
    with qtbot.waitSignal(dialog.accepted, timeout=TIMEOUT):
        dialog.button.click()
        assert not dialog.button.isEnabled()
    package = tmp_path / "for Ada.zip"
    assert f"{package} is written" in said[-1]
    crate = read_crate(package)
    assert (crate.card.title, crate.card.authors) == ("Discs", ("Ada",))
    assert [part.kind for part in crate.parts] == [MODELS, RUNS, ANNOTATIONS]

    monkeypatch.setenv(HOME, str(tmp_path / "other"))
    batch, teach = (
        viewer.window.add_plugin_dock_widget(PLUGIN, title)[1] for title in ("Batch", "Fine-tune")
    )
    assert "my cells" not in batch.model.choices
    chosen(package)
    opener = commands.open_shared()
    qtbot.addWidget(opener)
    told = opener.said.text()
    assert "Discs" in told
    assert "by Ada" in told
    assert "Models: my cells (" in told
    assert "Trainings: first of 2026-11-05 (" in told
    assert opener.folder.text() == str(tmp_path / "for Ada")
    opener.folder.setText(str(tmp_path / "to"))
    opener.button.click()
    qtbot.waitUntil(lambda: opener.button.text() == "Close", timeout=TIMEOUT)
    assert f"is now at {tmp_path / 'to' / 'annotations' / 'annotated'}." in opener.said.text()
    assert "my cells" in batch.model.choices
    offer = teach.form.offer
    qtbot.waitUntil(lambda: "first" in offer.words.text(), timeout=TIMEOUT)
    assert offer.take.text() == "Continue"
    qtbot.waitUntil(opener.button.isEnabled, timeout=TIMEOUT)
    with qtbot.waitSignal(opener.accepted, timeout=TIMEOUT):
        opener.show_images.click()
    assert [layer.name for layer in viewer.layers] == ["one"]
    np.testing.assert_array_equal(viewer.layers["one"].data, discs(1).image[0])


def test_nothing_of_ones_own_yet_and_a_training_that_runs(qtbot):
    dialog = ShareDialog(None)
    qtbot.addWidget(dialog)
    assert dialog.things.line(MODELS, 0).isDisabled()
    assert dialog.things.chosen(MODELS) == ()
    run = quick_run(runs_folder() / "running", name="running")
    with training_lock(run.folder):
        dialog = ShareDialog(None)
    qtbot.addWidget(dialog)
    line = dialog.things.line(RUNS, 0)
    assert (line.text(1), line.isDisabled()) == ("is being trained", True)


def test_what_is_no_package_is_told(qtbot, chosen, tmp_path, said, own, small_model):
    (tmp_path / "it.zip").write_text("hello")
    chosen(tmp_path / "it.zip")
    assert commands.open_shared() is None
    assert "it.zip is no shared package" in said[-1]
    folder = share(tmp_path / "it", Parcel((small_model,)))
    chosen(folder / METADATA)
    dialog = commands.open_shared()
    qtbot.addWidget(dialog)
    assert isinstance(dialog, OpenDialog)
    assert not dialog.folder.isVisible()
    (folder / "models" / "small.safetensors").write_bytes(b"\0" * small_model.stat().st_size)
    dialog.button.click()
    qtbot.waitUntil(dialog.error.isVisible, timeout=TIMEOUT)
    assert "somebody has changed it" in dialog.error.text()
    qtbot.waitUntil(dialog.button.isEnabled, timeout=TIMEOUT)


def test_batch_takes_settings_of_a_file(bare_viewer, qtbot, chosen, tmp_path, own):
    widget = BatchWidget(bare_viewer)
    qtbot.addWidget(widget)
    request = SegmentRequest(channels=(1,), decode=DecodeConfig(threshold=0.3, min_size=7))
    file = tmp_path / "it.json"
    file.write_text(Settings(model=ModelFile(file="my cells"), request=request).to_json())
    chosen(file)
    settings = widget.form.settings
    settings.from_file.click()
    assert widget.model.value == "my cells"
    assert settings.request().decode == request.decode
    assert settings.request().channels == (1,)
    file.write_text(Settings(model=ModelFile(file="gone")).to_json())
    settings.from_file.click()
    assert "There is no model 'gone'" in widget.error.text()
    assert widget.model.value == "my cells"
    widget.connections.undo()


def test_a_package_dropped_on_the_window_is_shown(viewer, tmp_path, small_model, said):
    package = share(tmp_path / "it.zip", Parcel((small_model,), title="<b>Bold</b>"))
    assert viewer.open(str(package), plugin=PLUGIN) == []
    (dialog,) = viewer.window._qt_window.findChildren(OpenDialog)
    assert "<b>Bold</b>" in dialog.said.text()
    assert "Models: small" in dialog.said.text()
    assert dialog.said.textFormat() == Qt.TextFormat.PlainText
    dialog.reject()


@pytest.mark.usefixtures("viewer")
def test_the_menu_has_both():
    app = get_app_model()
    menu = app.menus.get_menu("napari/file/io_utilities")
    ids = {item.command.id for item in menu if hasattr(item, "command")}
    assert {f"{PLUGIN}.share", f"{PLUGIN}.open_shared"} <= ids
    dialog = app.commands.execute_command(f"{PLUGIN}.share").result()
    assert dialog.isVisible()
    dialog.reject()
