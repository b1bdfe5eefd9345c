"""The record of a folder of results: what is damaged is left out, what is whole counts."""

import csv
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.errors import UserError
from napari_unet.io.sources import Source
from napari_unet.scale.batch.log import (
    DONE,
    FAILED,
    LOG,
    SKIPPED,
    SUMMARY,
    Log,
    Row,
    failed,
    skipped,
)

SETTINGS = {"model": "nuclei", "views": "one"}
NAMES = ["a", "plate1/b", "c"]


def sources_in(folder):
    folder.mkdir(exist_ok=True)
    for number, _ in enumerate(NAMES):
        (folder / f"{number}.tif").write_bytes(b"pixels" * (number + 1))
    return [Source(folder / f"{number}.tif", name) for number, name in enumerate(NAMES)]


def row_of(source, **other):
    return Row(source.name, str(source.path), DONE, 5, 12.5, "px²", 0.3, axes="YX", **other)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("log")


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.binary(max_size=9))
def test_a_record_cut_off_anywhere_tells_what_was_whole(folder, place, dirt):
    sources = sources_in(folder / "images")
    log = Log(folder, SETTINGS)
    (folder / LOG).unlink(missing_ok=True)
    for source in sources:
        log.add(source, row_of(source))
    whole = (folder / LOG).read_bytes()
    cut = place % (len(whole) + 1)
    (folder / LOG).write_bytes(whole[:cut] + dirt.replace(b"\n", b"").replace(b"\r", b""))
    kept = whole[:cut].count(b"\n")
    known = Log(folder, SETTINGS).known()
    assert set(NAMES[:kept]) <= set(known) <= set(NAMES[: kept + 1])
    for source in sources[kept:]:
        log.add(source, row_of(source))
    known = log.known()
    assert list(known) == NAMES
    assert [Row(**line["row"]) for line in known.values()] == [row_of(each) for each in sources]


def test_the_same_image_with_the_same_settings_is_known_wherever_it_lies(tmp_path):
    first, *_ = sources_in(tmp_path / "images")
    log = Log(tmp_path / "out", SETTINGS)
    log.add(first, row_of(first))
    line = log.known()["a"]
    assert log.same(first, line)
    moved = Source(first.path.rename(tmp_path / "moved.tif"), "a")
    assert log.same(moved, line)
    assert not Log(tmp_path / "out", SETTINGS | {"views": "mirrored"}).same(moved, line)
    moved.path.write_bytes(b"other pixels")
    assert not log.same(moved, line)


@pytest.mark.parametrize("gone", ["a file", "a folder"])
def test_an_image_that_is_gone_is_told(tmp_path, gone):
    path = tmp_path / "gone"
    if gone == "a folder":
        path.mkdir()
    with pytest.raises(UserError, match="gone: "):
        Log(tmp_path, SETTINGS).add(Source(path, "gone"))


def test_a_zarr_folder_is_as_new_as_its_newest_file(tmp_path):
    image = tmp_path / "cells.zarr"
    (image / "c").mkdir(parents=True)
    (image / "c" / "0").write_bytes(b"chunk")
    source, log = Source(image, "cells"), Log(tmp_path / "out", SETTINGS)
    log.add(source)
    assert log.same(source, log.known()["cells"])
    (image / "c" / "1").write_bytes(b"chunk")
    assert not log.same(source, log.known()["cells"])


def test_the_summary_has_earlier_images_and_these(tmp_path):
    sources = sources_in(tmp_path / "images")
    log = Log(tmp_path / "out", SETTINGS)
    log.write_summary([failed(sources[0], "No: go.", about="axes")])
    assert not (tmp_path / "out" / SUMMARY).exists()
    for source in sources[:2]:
        log.add(source, row_of(source))
    again = replace(row_of(sources[0]), status=SKIPPED)
    log.write_summary([again, failed(sources[2], "No: go.", about="axes")])
    with (tmp_path / "out" / SUMMARY).open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert {name: row["status"] for name, row in rows.items()} == {
        "a": DONE,
        "plate1/b": DONE,
        "c": FAILED,
    }
    assert rows["c"]["error"] == "No: go."
    assert "about" not in rows["c"]


def test_what_the_advice_was_about_is_known_the_next_time(tmp_path):
    source, *_ = sources_in(tmp_path / "images")
    row = row_of(source, note="Try another model.", about="model")
    Log(tmp_path / "out", SETTINGS).add(source, row)
    line = Log(tmp_path / "out", SETTINGS).known()["a"]
    assert skipped(source, line) == replace(row, status=SKIPPED)
    del line["about"]  # as earlier versions wrote it
    assert skipped(source, line) == replace(row, status=SKIPPED, about="")


def test_a_record_that_cannot_be_written_or_read_is_told(tmp_path):
    (source, *_) = sources_in(tmp_path / "images")
    (tmp_path / LOG).mkdir()
    log = Log(tmp_path, SETTINGS)
    with pytest.raises(UserError, match="Could not write"):
        log.add(source)
    with pytest.raises(UserError, match="Could not read"):
        log.known()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError, match="Could not write"):
        Log(tmp_path / "file", SETTINGS).add(source)
