"""Free memory is what the system tells, or less where a container or a job has a limit."""

from types import SimpleNamespace

import psutil
import pytest

from napari_unet.processes import memory
from napari_unet.processes.memory import free_memory, left_to_groups, most_memory

GB = 10**9


@pytest.fixture
def group(tmp_path):
    """Writes the account of a group in one of the two versions."""

    def write(path, limit, used, cached, version=2):
        folder = tmp_path / ("memory" if version == 1 else "") / path
        folder.mkdir(parents=True, exist_ok=True)
        names = {
            2: ("memory.max", "memory.current", "inactive_file"),
            1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        }[version]
        (folder / names[0]).write_text(f"{limit}\n")
        (folder / names[1]).write_text(f"{used}\n")
        (folder / "memory.stat").write_text(f"anon 5\nactive_file 7\n{names[2]} {cached}\n")

    return write


def left(tmp_path, listed):
    own = tmp_path / "own"
    own.write_text(listed)
    return list(left_to_groups(tmp_path, own))


@pytest.mark.parametrize("available", [3 * GB, 96 * GB])
def test_what_the_system_tells_is_free(monkeypatch, available):
    told = SimpleNamespace(available=available)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: told)
    monkeypatch.setattr(memory, "left_to_groups", lambda: iter(()))
    assert free_memory() == available


def test_a_limit_counts_where_it_is_less(monkeypatch):
    monkeypatch.setattr(memory, "left_to_groups", lambda: iter((1000, 10**15)))
    assert free_memory() == 1000
    monkeypatch.setattr(memory, "left_to_groups", lambda: iter((-5,)))
    assert free_memory() == 0


def test_this_machine_has_some():
    assert 0 < free_memory() <= psutil.virtual_memory().total


def test_what_only_lies_in_the_cache_of_files_is_free(tmp_path, group):
    group("", 8 * GB, 7 * GB, 5 * GB)
    assert left(tmp_path, "0::/\n") == [6 * GB]


def test_a_job_has_the_limits_of_all_that_it_is_a_part_of(tmp_path, group):
    group("slurm/job_7/step_0", "max", GB, 0)
    group("slurm/job_7", 4 * GB, GB, 0)
    group("slurm", 100 * GB, 90 * GB, 0)
    assert left(tmp_path, "0::/slurm/job_7/step_0\n") == [3 * GB, 10 * GB]


def test_the_older_version_is_known(tmp_path, group):
    group("docker/ab", 2 * GB, GB, GB // 2, version=1)
    listed = "5:cpu,cpuacct:/docker/ab\n4:memory:/docker/ab\n1:name=systemd:/\n0::/\n"
    assert left(tmp_path, listed) == [1.5 * GB]


def test_inside_a_container_the_root_is_the_container(tmp_path, group):
    group("", 2 * GB, GB, 0, version=1)
    assert left(tmp_path, "4:memory:/docker/0123/init\n") == [GB]


def test_where_there_are_no_groups_nothing_is_limited(tmp_path):
    assert list(left_to_groups(tmp_path / "none", tmp_path / "nothing")) == []


def test_the_most_memory_is_at_least_what_is_taken_now():
    now = psutil.Process().memory_info().rss
    assert now <= 1.01 * most_memory() < psutil.virtual_memory().total
