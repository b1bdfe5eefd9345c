"""A job's folder: one owner, one job, and no more lost than a line that was being written."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.errors import UserError
from napari_unet.scale.large.folder import LargeJob, Ledger, Task

DONE = [(Task("predict", plane, block), {"n": block}) for plane in (0, 1) for block in range(3)]


@pytest.fixture
def job(tmp_path):
    return LargeJob(tmp_path, "cells")


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory):
    return tmp_path_factory.mktemp("ledgers") / "done.jsonl"


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_a_ledger_cut_off_anywhere_keeps_its_whole_lines(ledgers, place):
    ledgers.unlink(missing_ok=True)
    ledger = Ledger(ledgers)
    for task, found in DONE:
        ledger.add(task, found)
    whole = ledgers.read_bytes()
    cut = place % (len(whole) + 1)
    ledgers.write_bytes(whole[:cut])
    kept = whole[:cut].count(b"\n")
    again = Ledger(ledgers)
    assert [task in again for task, _ in DONE] == [index < kept for index in range(len(DONE))]
    for task, found in DONE[kept:]:
        again.add(task, found)
    assert ledgers.read_bytes() == whole
    assert [Ledger(ledgers)[task] for task, _ in DONE] == [found for _, found in DONE]


@pytest.mark.parametrize("line", ["nonsense", '["predict", 0]', "[1, 2, 3, 4, 5]", "7"])
def test_a_ledger_with_something_else_in_it_is_told(tmp_path, line):
    path = tmp_path / "done.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(UserError, match="damaged: delete the folder"):
        Ledger(path)


def test_a_job_is_freed_by_any_thread(job):
    """Steps may be closed where they were not driven."""

    def steps():
        with job.lock():
            yield

    begun = steps()
    next(begun)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(begun.close).result()
    with job.lock():
        pass


def test_a_job_is_taken_up_with_what_was_chosen_when_it_began(job):
    with job.lock():
        begun = job.begin({"image": 1}, {"block": [16, 16]})
        again = job.begin({"image": 1}, {"block": [64, 64]})
    assert {name: begun[name] for name in ("asked", "chosen", "id")} == {
        name: again[name] for name in ("asked", "chosen", "id")
    }
    assert again["chosen"] == {"block": [16, 16]}


def test_what_a_killed_process_had_half_written_goes(job):
    with job.lock():
        for half in (".12-job.json", ".345-model.safetensors"):
            (job.folder / half).write_text("half")
        for _ in range(2):
            job.begin({"image": 1}, {})
    assert {path.name for path in job.folder.iterdir()} <= {"job.json", "lock"}


def test_another_job_in_the_folder_is_told_with_what_is_other(job):
    with job.lock():
        job.begin({"image": 1, "model": 2}, {})
        with pytest.raises(UserError, match="another model"):
            job.begin({"image": 1, "model": 3}, {})


@pytest.mark.parametrize("result", ["instances", "semantic"])
def test_results_of_no_job_are_kept(job, result):
    getattr(job, result).mkdir()
    with job.lock(), pytest.raises(UserError, match="exists: give another folder"):
        job.begin({}, {})


def test_one_program_at_a_time(job):
    held = job.lock()
    with held, LargeJob(job.out, "others").lock():
        same = LargeJob(job.out, job.name).lock()
        with pytest.raises(UserError, match="at work on cells"), same:
            pytest.fail("two at work on one job")
    with job.lock():  # free at once, although somebody keeps what held it
        pass


def test_a_program_that_leaves_as_another_one_comes_is_told_like_one_at_work(job, monkeypatch):
    def has_just_left(folder, **asked):
        raise FileExistsError(17, "File exists", str(folder))

    monkeypatch.setattr(Path, "mkdir", has_just_left)
    with pytest.raises(UserError, match="at work on cells"), job.lock():
        pytest.fail("in a folder that is gone")
    job.folder.touch()
    with pytest.raises(FileExistsError), job.lock():
        pytest.fail("in a file")


def test_a_drive_that_is_not_there_is_told_as_such(tmp_path, monkeypatch):
    job = LargeJob(tmp_path / "unplugged", "cells")

    def is_not_there(folder, **asked):
        raise FileNotFoundError(2, "No such file or directory", str(folder))

    monkeypatch.setattr(Path, "mkdir", is_not_there)
    with pytest.raises(FileNotFoundError), job.lock():
        pytest.fail("on no drive")


@pytest.mark.parametrize(
    ("notes", "words"),
    [("{", "is damaged"), ("[1]", "is damaged"), (json.dumps({"format": 0}), "another version")],
)
def test_notes_that_cannot_be_followed_are_told(job, notes, words):
    job.folder.mkdir()
    assert job.read() is None
    (job.folder / "job.json").write_text(notes)
    with pytest.raises(UserError, match=words):
        job.read()


def test_a_job_that_was_not_begun_leaves_nothing(job):
    with pytest.raises(UserError, match="no channel"), job.lock():
        raise UserError("There is no channel 7.")
    assert list(job.out.iterdir()) == []
    with job.lock():
        job.begin({}, {})
    assert (job.folder / "job.json").exists()


def test_a_job_that_is_removed_leaves_nothing(job):
    job.remove()
    assert list(job.out.iterdir()) == []
    for path in (job.folder, job.scratch, job.instances, job.semantic):
        path.mkdir()
    job.done.touch()
    job.remove()
    assert list(job.out.iterdir()) == []


def test_a_job_that_another_program_works_on_is_not_removed(job):
    with job.lock():
        job.begin({}, {})
        job.instances.mkdir()
        before = set(job.out.rglob("*"))
        with pytest.raises(UserError, match="at work on cells"):
            LargeJob(job.out, job.name).remove()
        assert set(job.out.rglob("*")) == before
