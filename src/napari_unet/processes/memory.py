"""How much memory a process may still take, and the most that it took, on every system."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil


class _Accounts(NamedTuple):
    """Where Linux keeps account of the memory of a group of processes.

    Parameters
    ----------
    folder
        Where the groups' own folders lie, in the file system of groups.
    limit, used
        Files of a group with a number of bytes.
    cached
        Word in the file ``memory.stat``: bytes of ``used`` that are given back when needed.
    """

    folder: str
    limit: str
    used: str
    cached: str


_ACCOUNTS = {
    "": _Accounts("", "memory.max", "memory.current", "inactive_file"),
    "memory": _Accounts(
        "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
    ),
}
"""By the name under which a process's group is listed: version 2, and the older version 1."""


def free_memory() -> int:
    """Return the bytes of main memory that can be had without swapping.

    In a container, or in a job of a batch queue, it is what is left to that.
    """
    available = int(psutil.virtual_memory().available)
    return max(0, min([available, *left_to_groups()]))


def left_to_groups(
    groups: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> Iterator[int]:
    """Yield the bytes that are left to each group of processes that this one is in.

    Only Linux has such groups. The system's own figure knows nothing of their limits.

    Parameters
    ----------
    groups
        Where the groups' file system is.
    own
        The file that lists the groups of this process.
    """
    for line in _lines(own):
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            if name in _ACCOUNTS:
                accounts = _ACCOUNTS[name]
                yield from _left(groups / accounts.folder, path.strip("/"), accounts)


def _left(root: Path, path: str, accounts: _Accounts) -> Iterator[int]:
    """Yield what is left to a group and to those that it is a part of."""
    # in a container the path may be that outside of it, and the root is the container's own
    own = root / path
    for group in (own, *own.parents)[: len(own.parts) - len(root.parts) + 1]:
        limit = _number(group / accounts.limit)
        if limit is not None:
            used = _number(group / accounts.used) or 0
            cached = _number(group / "memory.stat", accounts.cached) or 0
            yield limit - used + cached


def _number(path: Path, word: str = "") -> int | None:
    """Return the number behind a word in a file; None where there is none, such as no limit."""
    for line in _lines(path):
        name, _, number = line.rpartition(" ")
        if name == word and number.isdigit():
            return int(number)
    return None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def most_memory() -> int:
    """Return the most bytes of main memory that this process has had so far."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource  # noqa: PLC0415 - not there on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
