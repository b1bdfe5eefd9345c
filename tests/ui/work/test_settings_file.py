"""What was written into the file of our page by hand is taken, or passed over with a sentence."""

from pathlib import Path

import napari.settings
import pytest

from napari_unet.core.errors import UserError
from napari_unet.storage.folders import HOME, data_folder
from napari_unet.ui.work import settings
from napari_unet.ui.work.opening import open_widget
from napari_unet.ui.work.settings import usual_tiles
from napari_unet.ui.work.settings_file import folder_of, nonsense_in

NAME = "napari-unet-studio.yaml"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write the file in place of napari's own."""
    monkeypatch.setattr(settings, "_said", set())

    def write(text: str) -> Path:
        file = tmp_path / NAME
        file.write_bytes(text.encode("latin-1"))
        return file

    return write


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("computing:\n  memory: many\n", "memory must be a number from 0 to 4,096, not 'many'"),
        ("computing:\n  memory: .nan\n", "not nan"),
        ("computing:\n  device: abacus\n  precision: 7\n", "device must be one of .* precision"),
        ("computing: 5\n", "computing must be names with values, not 5"),
        ("folders:\n  data: 5\n", "The folder cannot be 5"),
        ("folders:\n  data: ~somebody-else/x\n", "~somebody-else/x cannot be found"),
        ('folders:\n  data: "a\\0b"\n', "The folder cannot be"),
        ("- a\n", "holds no settings"),
        ("{{{", "holds no settings"),
        ("computing: \xff\n", "holds no settings"),
    ],
)
def test_nonsense_is_said(write, text, words):
    told = nonsense_in(write(text))
    assert told.startswith(NAME)
    with pytest.raises(UserError, match=words):
        raise UserError(told)
    assert told.endswith("preferences.")


@pytest.mark.parametrize(
    "text",
    ["", "computing:\n  memory: 2\n  other: 3\n", "nothing: 3\n", "folders:\n  data: ''\n"],
)
def test_what_makes_sense_or_is_not_ours_is_not_said(write, text):
    assert nonsense_in(write(text)) == ""


def test_a_folder_inside_a_file_is_none(tmp_path):
    (tmp_path / "file").touch()
    assert folder_of(f" {tmp_path / 'new'} ") == tmp_path / "new"
    with pytest.raises(UserError, match="is a file"):
        folder_of(str(tmp_path / "file" / "models"))


def test_widgets_open_as_usual_and_say_it_once(page, viewer, write, said, monkeypatch):
    file = write("computing:\n  memory: many\n")
    monkeypatch.setattr(
        napari.settings.get_settings(), "config_path", file.with_name("settings.yaml")
    )
    for title in ("Segment", "Batch"):
        open_widget(viewer, title)
    (told,) = said
    assert "not 'many'" in told


def test_a_page_that_napari_cannot_read_is_as_usual(page, write, said, monkeypatch):
    def broken():
        raise AssertionError

    monkeypatch.setattr(napari.settings, "get_plugin_settings", broken)
    assert usual_tiles() == settings.TileConfig()


def test_a_folder_that_cannot_be_is_said_and_the_one_before_stays(
    page, viewer, said, monkeypatch, write
):
    monkeypatch.delenv(HOME)
    before = data_folder()
    page.folders.data = "~somebody-else/x"
    open_widget(viewer, "Export")
    assert data_folder() == before
    (told,) = said
    assert "cannot be found" in told
