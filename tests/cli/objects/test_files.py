"""Which files a command takes that begins with label images."""

import shutil

import pytest

from napari_unet.cli.main import main
from napari_unet.cli.objects import files


@pytest.mark.parametrize("command", ["measure", "export"])
def test_a_folder_is_listed_once(folders, tmp_path, monkeypatch, command):
    listed = []

    def files_in(path, **asked):
        listed.append(str(path))
        return list_files(path, **asked)

    list_files = files.files_in
    monkeypatch.setattr(files, "files_in", files_in)
    nuclei = shutil.copytree(folders[1], tmp_path / "nuclei")
    images, labels, nuclei = map(str, (*folders, nuclei))
    out = {"measure": ["m.csv"], "export": ["o", "--to", "csv"]}[command]
    beside = ["--image", images, "--nuclei", nuclei]
    assert main([command, labels, *beside, "--out", str(tmp_path / out[0]), *out[1:]]) == 0
    assert listed == [labels, images, nuclei]
