"""A file is there whole or not at all, whatever happens while it is written."""

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from napari_unet.core.errors import UserError
from napari_unet.storage import atomic
from napari_unet.storage.atomic import (
    NotWritten,
    check_folder,
    check_name,
    clear_halves,
    replacing,
    replacing_folder,
)


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("before")
    return path


def break_off(path, error):
    with replacing(path) as temporary:
        temporary.write_text("half")
        raise error


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    for text in ("one", "two"):
        with replacing(path) as temporary:
            temporary.write_text(text)
        assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


def test_until_the_end_the_file_is_as_before(kept):
    with replacing(kept) as temporary:
        temporary.write_text("after")
        assert kept.read_text() == "before"
    assert kept.read_text() == "after"


@pytest.mark.parametrize("error", [ValueError("odd"), KeyboardInterrupt()])
def test_what_fails_leaves_the_file_as_it_was(kept, error):
    with pytest.raises(type(error)):
        break_off(kept, error)
    assert kept.read_text() == "before"
    assert list(kept.parent.iterdir()) == [kept]


def test_a_full_disk_is_told_with_the_file_and_the_reason(kept):
    told = r"kept\.txt: No space left on device\. Free some space there\.$"
    with pytest.raises(NotWritten, match=told):
        break_off(kept, OSError(28, "No space left on device"))
    assert kept.read_text() == "before"
    assert list(kept.parent.iterdir()) == [kept]


def test_a_file_that_another_program_keeps_open_is_told_with_what_to_do(kept):
    with pytest.raises(NotWritten, match=r"Permission denied\. Close it elsewhere, or allow"):
        break_off(kept, PermissionError(13, "Permission denied"))


def test_a_disk_that_is_gone_is_told(kept, monkeypatch):
    def nearest(folder):
        raise UserError(f"{folder} is on no disk")

    monkeypatch.setattr(atomic, "nearest", nearest)
    with pytest.raises(NotWritten, match="is on no disk"), replacing(kept):
        raise AssertionError


def test_a_file_in_place_of_the_folder_is_told(kept):
    with pytest.raises(NotWritten, match="Could not write"), replacing(kept / "a.txt") as temporary:
        temporary.write_text("never")
    with pytest.raises(UserError, match="is a file"):
        check_folder(kept / "results")


def test_a_link_that_leads_nowhere_is_no_folder(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for folder in ("link", "link/results"):
        with pytest.raises(UserError, match="a link to what is not there"):
            check_folder(tmp_path / folder)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has /proc")
def test_a_folder_that_takes_no_files_is_refused_whatever_its_rights():
    with pytest.raises(UserError, match="Nothing can be written to /proc: give another") as refused:
        check_folder(Path("/proc/results"))
    assert refused.value.about == "out"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say why a name is refused")
def test_a_name_that_is_too_long_is_told_before_it_is_written(tmp_path):
    check_name(tmp_path / "new" / f"{'a' * 230}.tif")
    with pytest.raises(UserError, match="too long: shorten it"):
        check_name(tmp_path / "new" / f"{'a' * 250}.tif")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say why a name is refused")
@pytest.mark.parametrize("write", [replacing, replacing_folder])
@pytest.mark.parametrize("length", [245, 300])
def test_nothing_is_begun_under_a_name_that_is_too_long(tmp_path, write, length):
    for path in (tmp_path / ("a" * length), tmp_path / ("a" * 300) / "b"):
        with pytest.raises(NotWritten, match="too long: shorten it"), write(path):
            raise AssertionError
    check_folder(tmp_path / ("a" * 250))
    with pytest.raises(UserError, match="too long: shorten it"):
        check_folder(tmp_path / ("a" * 300) / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("system", "reads", "taken"), [("win32", 3, True), ("win32", 99, False), ("linux", 1, False)]
)
def test_a_file_that_is_just_read_is_replaced_on_windows(kept, monkeypatch, system, reads, taken):
    replace, reading = Path.replace, iter(range(reads))

    def refuse(path, target):
        if next(reading, None) is not None:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(atomic, "_PAUSE", 0)
    with nullcontext() if taken else pytest.raises(NotWritten), replacing(kept) as temporary:
        temporary.write_text("after")
    assert kept.read_text() == ("after" if taken else "before")


def folder_of(path, text):
    with replacing_folder(path) as temporary:
        temporary.mkdir()
        (temporary / "part.txt").write_text(text)
        if text == "half":
            raise OSError(28, "No space left on device")


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "image.zarr"
    folder_of(path, "one")
    folder_of(path, "two")
    with pytest.raises(NotWritten, match=r"image\.zarr: No space left"):
        folder_of(path, "half")
    assert (path / "part.txt").read_text() == "two"
    assert list(path.parent.iterdir()) == [path]


def test_what_a_process_had_half_written_is_cleared_away_file_or_folder(tmp_path):
    for name in (".12-a.tif", ".123-a.tif", "12-a.tif", ".hidden"):
        (tmp_path / name).touch()
    (tmp_path / ".12-old-a.zarr" / "0").mkdir(parents=True)
    clear_halves(tmp_path, 12)
    assert {path.name for path in tmp_path.iterdir()} == {".123-a.tif", "12-a.tif", ".hidden"}
    clear_halves(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"12-a.tif", ".hidden"}
