"""Which files a command takes that begins with label images."""

import json
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


@pytest.mark.parametrize("command", ["measure", "export"])
def test_images_that_coco_names_and_that_are_not_there_are_left_out(
    folders, tmp_path, capsys, command
):
    square = {"category_id": 1, "segmentation": [[2, 2, 9, 2, 9, 9, 2, 9]]}
    names = ["a.tif", "of another day.tif", "b.tif"]
    found = {
        "images": [
            {"id": number, "file_name": name, "height": 48, "width": 48}
            for number, name in enumerate(names)
        ],
        "annotations": [{"id": number, "image_id": number, **square} for number in range(3)],
    }
    file = tmp_path / "instances.json"
    file.write_text(json.dumps(found))
    out = {"measure": ["m.csv"], "export": ["o", "--to", "csv"]}[command]
    asked = [command, str(file), "--out", str(tmp_path / out[0]), *out[1:], "--image"]
    assert main([*asked, str(folders[0])]) == 0
    told = "1 image in instances.json left out, as images has none of that name: of another day.tif"
    assert told in capsys.readouterr().err
    for image in folders[0].glob("[ab].tif"):
        image.unlink()
    assert main([*asked, str(folders[0]), "--overwrite"]) == 2
    assert "There is no image for a.tif" in capsys.readouterr().err
