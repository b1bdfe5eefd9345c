"""Folders that are not there yet: where they will lie, and how much room there is."""

import math
import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from napari_unet.core.errors import UserError
from napari_unet.storage.crate.read import check_room
from napari_unet.storage.disk import free_bytes, nearest


def test_the_nearest_folder_that_is_there(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path / "here")
    for asked, found in {
        Path(): Path(),
        tmp_path / "new" / "newer": tmp_path,
        Path("new", "..", "..", "newer"): tmp_path,
        tmp_path / "file" / "in it": tmp_path / "file",
    }.items():
        assert nearest(asked).samefile(found)


def test_a_drive_that_is_not_there_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(UserError, match=r"new is on no disk, as there is no .*: give another"):
        nearest(tmp_path / "new")


def test_a_disk_that_does_not_tell_has_room(tmp_path, monkeypatch):
    folder, usage = tmp_path / "new", namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 0))
    assert free_bytes(folder) == math.inf
    check_room(folder, 10**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(9, 2, 7))
    assert free_bytes(folder) == 7
    with pytest.raises(UserError, match="make room first"):
        check_room(folder, 8)
