"""Which images are found in files and folders, and what they are called."""

import pytest

from napari_unet.core.errors import UserError
from napari_unet.io.sources import find_sources


@pytest.fixture
def folder(tmp_path):
    files = ("b.tif", "a.png", ".hidden.tif", "notes.txt", "plate/a.tif", "plate/.x/c.tif")
    for file in (*files, "out/a_instances.tif", "stack.zarr/0/c/0.tif"):
        path = tmp_path / "images" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "images"


def test_images_of_a_folder_in_order(folder):
    found = find_sources([folder], folder / "out")
    assert [source.name for source in found] == ["a", "b", "stack"]
    assert [source.path.name for source in found] == ["a.png", "b.tif", "stack.zarr"]


def test_folders_inside_folders_keep_their_names(folder):
    found = find_sources([folder], folder / "out", recursive=True)
    assert [source.name for source in found] == ["a", "b", "plate/a", "stack"]


def test_files_are_taken_as_they_are(folder):
    paths = [folder / "notes.txt", folder / "stack.zarr"]
    assert [source.path for source in find_sources(paths, folder)] == paths


def test_results_are_no_images(folder):
    (folder / "b_semantic.tif").touch()
    assert len(find_sources([folder], folder)) == 3
    assert len(find_sources([folder], folder / "out")) == 4
    with pytest.raises(UserError, match="only results"):
        find_sources([folder / "out"], folder / "out")


def test_nothing_to_find_is_told(folder, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="has no images"):
        find_sources([tmp_path / "empty"], tmp_path)
    with pytest.raises(UserError, match="no file or folder"):
        find_sources([tmp_path / "nowhere"], tmp_path)


def test_what_is_given_twice_is_taken_once(folder, monkeypatch):
    monkeypatch.chdir(folder)
    paths = [folder / "b.tif", "b.tif", "plate/../b.tif", folder]
    assert [source.name for source in find_sources(paths, folder / "out")] == ["b", "a", "stack"]


def test_two_of_a_name_are_told(folder):
    (folder / "a.tif").touch()
    with pytest.raises(UserError, match="results of the same name"):
        find_sources([folder], folder / "out")
