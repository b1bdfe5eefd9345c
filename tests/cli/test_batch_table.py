"""What a batch tells in the shell: a line per image as it ends, and the exit code of all."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from napari_unet.cli.batch_table import BatchTable
from napari_unet.io.sources import Source
from napari_unet.scale.batch.log import DONE, NOT_DONE, SKIPPED, Row, ended, failed

LONG = "plate/" + "well" * 20
SOURCES = [Source(Path(f"{name}.tif"), name) for name in ("a", "b", LONG)]


def done(source, objects=3, **other):
    return Row(source.name, str(source.path), DONE, objects, 12.5, "px²", 1.25, axes="YX", **other)


def table(sources=SOURCES, progress="none", **flags):
    return BatchTable(sources, Namespace(progress=progress, **flags))


def told(capsys):
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


def test_a_table_grows_by_a_line_for_each_image(capsys):
    shown = table()
    rows = [done(SOURCES[0]), failed(SOURCES[1], "No: go."), done(SOURCES[2], 4000)]
    for row in rows:
        shown(ended(row))
    (head, *lines), _ = told(capsys)
    assert head.split() == ["image", "objects", "median", "size", "seconds"]
    assert lines[0].split() == ["a", "3", "12.5", "px²", "1.2"]
    assert lines[1].split() == ["b", "failed"]
    assert lines[2].startswith("…")
    assert {len(line.rstrip()) for line in (head, lines[0], lines[2])} == {len(head)}


def test_what_was_done_before_has_no_line(capsys):
    shown = table()
    shown(ended(Row("a", "a.tif", SKIPPED, 3)))
    assert told(capsys) == ([], [])


def test_advice_is_told_with_its_flag(capsys):
    flags = {"GreyConfig.invert": None}
    told_of = done(SOURCES[0], note="Try it with dark and bright exchanged.", about="invert")
    table(SOURCES[:1], **flags)(ended(told_of))
    assert told(capsys)[1] == ["a.tif: Try it with dark and bright exchanged (--invert)."]


@pytest.mark.parametrize(
    ("status", "axes", "line"),
    [
        (DONE, "YX", "a.tif: 3 objects"),
        (DONE, "TYX", "a.tif: 3 objects, axes TYX"),
        (SKIPPED, "YX", "a.tif: 3 objects (done before)"),
    ],
)
def test_one_image_has_a_sentence_and_no_table(capsys, status, axes, line):
    shown = table(SOURCES[:1])
    shown(ended(Row("a", "a.tif", status, 3, axes=axes)))
    assert told(capsys) == ([line], [])


def test_the_end_is_told_with_the_exit_code(capsys, tmp_path):
    rows = [done(SOURCES[0]), Row("b", "b.tif", SKIPPED, 3)]
    assert table(SOURCES[:2]).end(rows, tmp_path) == 0
    (line,), errors = told(capsys)
    assert line.startswith("2 of 2 images done, 1 of them before. Table: ")
    assert errors == []


def test_failures_are_told_with_the_flags_that_there_are(capsys, tmp_path):
    rows = [failed(SOURCES[0], "Give three numbers.", "spacing Z,Y,X"), done(SOURCES[1])]
    assert table(SOURCES[:2], spacing=()).end(rows, tmp_path) == 2
    _, errors = told(capsys)
    assert errors == [
        "napari-unet: 1 of 2 files failed:",
        "  a.tif: Give three numbers (--spacing Z,Y,X).",
    ]
    assert table(SOURCES[:2]).end(rows, tmp_path) == 2
    assert told(capsys)[1][1] == "  a.tif: Give three numbers."


def test_a_stop_is_told_with_what_to_do(capsys, tmp_path):
    rows = [done(SOURCES[0]), Row("b", "b.tif", NOT_DONE)]
    assert table(SOURCES[:2]).end(rows, tmp_path) == 130
    assert told(capsys)[1] == ["napari-unet: stopped. Run the same again to go on."]


def test_other_programs_get_every_row_as_a_line(capsys, tmp_path):
    shown = table(progress="jsonl", axes=None)
    shown(ended(failed(SOURCES[0], "Say it.", "axes")))
    shown.end([failed(SOURCES[0], "Say it.", "axes")], tmp_path)
    lines, _ = told(capsys)
    row, end = map(json.loads, lines)
    assert row["values"]["error"] == "Say it (--axes)."
    assert end["result"]["failed"] == 1


@pytest.mark.parametrize("status", [DONE, SKIPPED])
def test_what_was_not_read_of_a_file_is_said(capsys, status):
    table()(ended(Row("a", "a.tif", status, note="Only the first is read.")))
    assert told(capsys)[1] == ["a.tif: Only the first is read."]
