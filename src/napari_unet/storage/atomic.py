"""Files that are there whole, or not at all, and folders that can take them."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.storage.disk import FULL, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_TRIES, _PAUSE = 20, 0.05
"""How often a name that somebody holds is asked for, and the seconds in between."""

_LONGEST_PID = 2**22
_OLD = "old-"


class NotWritten(UserError):  # noqa: N818 - says what has become of the file
    """A file could not be written, and what was there before is still there."""


def not_written(path: Path, error: OSError) -> NotWritten:
    """Return what a disk has against a file or folder, and what to do about it."""
    full = error.errno in FULL
    advice = "Free some space there." if full else "Close it elsewhere, or allow writing there."
    return NotWritten(f"Could not write {path}: {error.strerror or error}. {advice}")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; take the real one when the block ends well.

    Parameters
    ----------
    path
        The file to make or replace; its folder is made if need be.

    Raises
    ------
    NotWritten
        If the file cannot be written, such as on a full disk, or under so long a name.
    """
    check_name(path)
    temporary = _temporary(path, os.getpid())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        _take_name(temporary, path)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        if temporary.exists():
            temporary.unlink()


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give a temporary name for a folder; give it the real one when the block ends well.

    Parameters
    ----------
    path
        The folder to make or replace; the folder around it is made if need be.

    Raises
    ------
    NotWritten
        If it cannot be written, such as on a full disk; what was there before is still there.
    """
    check_name(path)
    temporary, old = (_temporary(path, os.getpid(), end) for end in ("", _OLD))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if path.exists():
            _take_name(path, old)
        _take_name(temporary, path)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        if old.exists() and not path.exists():  # also where somebody has stopped it in between
            old.replace(path)
        for each in (temporary, old):
            shutil.rmtree(each, ignore_errors=True)


def clear_halves(folder: Path, pid: int | None = None) -> None:
    """Delete what a process that is gone had half written in a folder.

    Parameters
    ----------
    folder
        Where it wrote with `replacing` or `replacing_folder`.
    pid
        The number of the process; None for all processes, where none is at work.
    """
    for half in folder.glob(f".{'[0-9]*' if pid is None else pid}-*"):
        if half.is_dir():
            shutil.rmtree(half, ignore_errors=True)
        else:
            half.unlink(missing_ok=True)


def check_folder(folder: Path, about: str = "out") -> None:
    """Refuse a folder that results cannot be written to, before any work is done for it.

    Parameters
    ----------
    folder
        It may not be there yet.
    about
        The option that names it, as in `UserError`.

    Raises
    ------
    UserError
        If it is a file or lies in one, a link leads nowhere, its name is too long, or nothing may
        be written there.
    """
    try:
        around = (folder, *folder.parents)
        lost = [each for each in around if each.is_symlink() and not each.exists()]
        there = nearest(folder)
    except OSError as error:
        _refuse_long(folder, error)
        raise
    if lost:
        raise UserError(f"{lost[0]} is a link to what is not there: give another folder.", about)
    if not there.is_dir():
        raise UserError(f"{there} is a file: give a folder for the results.")
    probe = _temporary(there / "probe", os.getpid())
    try:  # what rights say is not all: /proc lets root write anything, and takes nothing
        probe.touch()
        probe.unlink(missing_ok=True)
    except OSError as error:
        told = f"Nothing can be written to {there}: give another folder."
        raise UserError(told, about) from error


def check_name(path: Path) -> None:
    """Refuse a file or folder whose name is too long for a disk, before work is done for it.

    Raises
    ------
    NotWritten
        If it is, or there is no disk.
    """
    try:
        _temporary(nearest(path.parent) / path.name, _LONGEST_PID, _OLD).lstat()
    except UserError as error:
        raise NotWritten(str(error)) from error
    except OSError as error:
        _refuse_long(path, error)


def _refuse_long(path: Path, error: OSError) -> None:
    if error.errno == errno.ENAMETOOLONG:
        raise NotWritten(f"The name of {path} is too long: shorten it.") from error


def _temporary(path: Path, pid: int, end: str = "") -> Path:
    """Return under which name a process writes what shall be a file or folder."""
    return path.parent / f".{pid}-{end}{path.name}"


def _take_name(path: Path, name: Path) -> None:
    """Give a file or folder another name, in the place of what has it."""
    # Windows gives away no name while another process reads what has it, which takes an instant
    for _ in range(1, _TRIES if sys.platform == "win32" else 1):
        try:
            path.replace(name)
        except PermissionError:
            time.sleep(_PAUSE)
        else:
            return
    path.replace(name)
