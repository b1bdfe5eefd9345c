"""A file is known again, and not taken for another one, however large it is."""

import hashlib

import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import SourceFile
from napari_unet.storage import digests
from napari_unet.storage.digests import file_digest, source_file


def test_of_all_bytes(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"abc")
    found = source_file(path)
    assert found.file == str(path)
    assert found.sha256 == file_digest(path) == hashlib.sha256(b"abc").hexdigest()
    assert source_file(None) == SourceFile()
    with pytest.raises(UserError, match=r"b\.tif"):
        source_file(tmp_path / "b.tif")


def test_of_parts_of_a_large_file(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    path.write_bytes(bytes(3 * 2**20))
    whole = source_file(path)
    monkeypatch.setattr(digests, "WHOLE", 2**20)
    before = source_file(path)
    assert before.sha256 != whole.sha256
    assert "64 parts" in before.hashed
    path.write_bytes(bytes(3 * 2**20 - 1) + b"1")
    assert source_file(path).sha256 != before.sha256


def test_of_a_folder(tmp_path):
    folder = tmp_path / "a.zarr"
    for number in range(40):
        (folder / f"{number}").mkdir(parents=True)
        (folder / f"{number}" / "0").write_bytes(bytes([number]))
    (folder / ".zattrs").write_text("{}")
    before = source_file(folder)
    assert "41 files" in before.hashed
    assert source_file(folder) == before
    (folder / ".zattrs").write_text("[]")
    changed = source_file(folder)
    assert changed.sha256 != before.sha256
    (folder / "1" / "0").write_bytes(b"12")
    assert source_file(folder).sha256 != changed.sha256
