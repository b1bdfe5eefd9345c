"""What a training and those who watch it tell each other: one trains, many look."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from napari_unet.core.errors import UserError
from napari_unet.runs.control import GO_ON, PAUSE, STOP, ask, is_running, stop_wanted, training_lock


def test_a_folder_is_trained_by_one_at_a_time(tmp_path):
    with training_lock(tmp_path):
        assert is_running(tmp_path)
        with (
            pytest.raises(UserError, match="being trained already"),
            training_lock(tmp_path),
        ):
            pytest.fail("two trainings at once")
    assert not is_running(tmp_path)


def test_half_written_files_are_cleared_away(tmp_path):
    left = [tmp_path / ".12-log.jsonl", tmp_path / ".12-folder"]
    kept = [tmp_path / "run.json", tmp_path / ".hidden"]
    for path in [left[0], *kept]:
        path.touch()
    left[1].mkdir()
    with training_lock(tmp_path):
        pass
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in kept)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "lock").mkdir()
    with pytest.raises(UserError, match="Nothing can be written"), training_lock(tmp_path):
        pytest.fail("trained without a lock")


def test_many_may_look_at_the_same_time(tmp_path):
    with training_lock(tmp_path):
        assert is_running(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: is_running(tmp_path), range(200)))


def test_those_who_look_do_not_keep_a_training_from_beginning(tmp_path):
    with training_lock(tmp_path):
        pass
    with ThreadPoolExecutor(8) as pool:
        looks = [pool.submit(is_running, tmp_path) for _ in range(400)]
        while not all(look.done() for look in looks):
            with training_lock(tmp_path):
                assert is_running(tmp_path)
    assert not is_running(tmp_path)


def test_a_stop_is_heard_from_a_signal_or_the_folder(tmp_path):
    told = []
    assert not stop_wanted(tmp_path, lambda: False, told.append)
    assert stop_wanted(tmp_path, lambda: True, told.append)
    ask(tmp_path, STOP)
    assert stop_wanted(tmp_path, lambda: False, told.append)
    ask(tmp_path, GO_ON)
    assert not stop_wanted(tmp_path, lambda: False, told.append)
    assert not told


def test_a_pause_is_told_once_and_ends_with_a_signal(tmp_path):
    ask(tmp_path, PAUSE)
    told, signals = [], iter([False, False, False, True, True])
    assert stop_wanted(tmp_path, lambda: next(signals), told.append)
    assert [progress.stage for progress in told] == ["paused"]
