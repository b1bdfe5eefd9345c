"""Images in several processes: one answer, and an end whatever becomes of a process."""

import os
import sys
from pathlib import Path

import pytest

from napari_unet.core.config import DecodeConfig
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.sources import find_sources
from napari_unet.processes import spawn
from napari_unet.scale.batch import processes as batch_processes
from napari_unet.scale.batch.log import LOG, SUMMARY, Row
from napari_unet.scale.batch.steps import Batch, batch_steps

EVERYTHING = DecodeConfig(threshold=0.2478, split=0.0, min_size=0)
"""With which a network that has learnt nothing finds something."""


@pytest.fixture
def batch(tmp_path, small_model) -> Batch:
    return Batch(tmp_path / "out", small_model, SegmentRequest(decode=EVERYTHING))


@pytest.fixture
def images(folders) -> Path:
    return folders[0]


@pytest.fixture
def begin_with(monkeypatch, tmp_path):
    """Let every process that is started run some code first."""

    def begin_with(code: str) -> None:
        (tmp_path / "first").mkdir()
        (tmp_path / "first" / "sitecustomize.py").write_text(code)
        paths = os.pathsep.join([str(tmp_path / "first"), *filter(None, sys.path)])
        monkeypatch.setenv("PYTHONPATH", paths)

    return begin_with


def run(batch: Batch, images: Path, jobs: int = 2, **driven) -> list[Row]:
    return drive(batch_steps(find_sources([images], batch.out), batch, jobs), **driven)


def statuses(rows: list[Row]) -> list[str]:
    return [row.status for row in rows]


def contents(folder: Path) -> dict[str, bytes]:
    """What the results are; the record and the table say when and how, too."""
    files = (path for path in folder.rglob("*.*") if path.name not in (LOG, SUMMARY))
    return {path.name: path.read_bytes() for path in files}


def test_processes_give_the_same_and_survive_each_other(batch, images, monkeypatch):
    other = batch.replace(out=batch.out.with_name("alone"))
    run(other, images, jobs=1)
    start, started = batch_processes._Worker._start, []

    def start_and_break_first(worker):
        start(worker)
        if not started:
            worker._process.kill()
        started.append(worker)

    monkeypatch.setattr(batch_processes._Worker, "_start", start_and_break_first)
    rows = run(batch, images)
    assert statuses(rows) == ["failed", "done", "done"]
    assert "broke off (the system ended it" in rows[0].error
    assert statuses(run(batch, images, jobs=1)) == ["done", "skipped", "skipped"]
    assert contents(batch.out) == contents(other.out)


def test_a_stop_ends_the_processes_and_leaves_nothing_half_written(batch, images, monkeypatch):
    processes, start = [], spawn.start

    def remember(*words, **how):
        processes.append(start(*words, **how))
        return processes[-1]

    def stop() -> bool:
        for process in processes:
            (batch.out / f".{process.pid}-a_semantic.zarr").mkdir(parents=True)
            (batch.out / f".{process.pid}-a_objects.csv").touch()
        return True

    monkeypatch.setattr(batch_processes, "start", remember)
    rows = run(batch, images, stop_requested=stop)
    assert statuses(rows) == ["not done"] * 3
    assert [process.poll() is not None for process in processes] == [True, True]
    assert list(batch.out.iterdir()) == []


CHATTER = r"""
import os, threading
os.write(1, b'no JSON\n[1]\n{"stage": 1}\n\xff\n')
def chat():
    while True:
        os.write(1, b'half a line')
        threading.Event().wait(0.01)
threading.Thread(target=chat, daemon=True).start()
"""


def test_what_a_library_prints_is_passed_over(batch, images, begin_with):
    begin_with(CHATTER)
    assert statuses(run(batch, images)) == ["done"] * 3


def test_processes_that_cannot_begin_are_told_with_the_reason(batch, images, begin_with):
    begin_with("import sys; print('no such kernel', file=sys.stderr, flush=True); sys.exit(3)")
    rows = run(batch, images)
    assert statuses(rows) == ["failed"] * 3
    assert rows[0].error.startswith("The process that worked on it broke off (")
