"""Lines of progress: what is written is read, and anything else is passed over."""

import io
import json
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.progress import News, Progress, UsedDevice
from napari_unet.processes.json_lines import FileLines, Lines, Result, Tail, read

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def test_what_is_written_is_read():
    progress, stream = Progress("training", 1, 4, {"loss": 0.5}), io.StringIO()
    lines = Lines(stream)
    lines(progress)
    lines.finish({"model": "best"})
    assert list(read(stream.getvalue().splitlines())) == [progress, Result({"model": "best"})]


@dataclass(frozen=True)
class Begun(News):
    file: str

    def as_values(self):
        return {"file": self.file}


def test_other_programs_find_everything_among_the_values():
    stream = io.StringIO()
    device = UsedDevice("CPU", "It was asked for.")
    progress = Progress(
        "segmenting", 1, 4, {"percent": 5}, {"dice": [1]}, device, "Slow.", Begun("a.tif")
    )
    Lines(stream)(progress)
    assert json.loads(stream.getvalue()) == {
        "stage": "segmenting",
        "done": 1,
        "total": 4,
        "values": {
            "percent": 5,
            "dice": [1],
            "device": "CPU",
            "reason": "It was asked for.",
            "notice": "Slow.",
            "file": "a.tif",
        },
    }
    assert list(read([stream.getvalue()])) == [replace(progress, news=None)]


def test_numbers_of_arrays_are_plain():
    stream = io.StringIO()
    Lines(stream)(Progress("training", values={"loss": np.float32(0.5)}))
    assert json.loads(stream.getvalue())["values"] == {"loss": 0.5}


@given(st.lists(st.binary()), st.lists(JSON.map(json.dumps)))
def test_what_is_neither_progress_nor_result_is_passed_over(noise, strangers):
    stream = io.StringIO()
    Lines(stream).finish({})
    assert list(read([*noise, *strangers, stream.getvalue()])) == [Result({})]


@pytest.mark.parametrize(
    "line",
    [b"[" * 100_000, b'{"result": 1}', b'{"stage": "a", "done": 1, "total": "2", "values": {}}'],
    ids=["deep", "no result", "no progress"],
)
def test_what_only_looks_like_a_line_is_passed_over(line):
    assert list(read([line])) == []


def test_a_file_is_read_as_it_grows(tmp_path):
    path = tmp_path / "progress.jsonl"
    tail = Tail(path)
    assert list(tail.new()) == []
    FileLines(path)(Progress("training"))
    assert list(tail.new()) == [Progress("training")]
    with path.open("a") as file:
        file.write('{"result": ')
    assert list(tail.new()) == []
    with path.open("a") as file:
        file.write("{}}\n")
    assert list(tail.new()) == [Result({})]
    assert list(tail.new()) == []
    path.write_bytes(b"")
    assert list(tail.new()) == []
    FileLines(path).finish({})
    assert list(tail.new()) == [Result({})]


def test_what_cannot_be_written_is_left_out(tmp_path):
    FileLines(tmp_path / "nowhere" / "progress.jsonl").finish({})
