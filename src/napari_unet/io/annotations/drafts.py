"""Unsaved annotations as files, so that a crash costs a few seconds of painting at most."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import numpy as np
from filelock import FileLock, Timeout

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.storage.atomic import replacing
from napari_unet.storage.names import file_name
from napari_unet.storage.npz import BROKEN, opened

_PATIENCE, _POLL = 0.2, 0.02
"""Seconds in which another window that only looks for drafts must be done with a lock."""


@dataclass(frozen=True)
class Draft:
    """What was painted on an image, as it stood at one moment.

    Parameters
    ----------
    image, image_shape
        Name and shape of the image.
    objects
        uint32, the numbers of the objects.
    marks
        uint8, or None where there is no layer of marks.
    rectangles
        The corners of each rectangle, ``(4, ndim)`` in pixels.
    classes
        Class of each object.
    class_names, class_colours
        Name and colour of each class.
    first_name
        What the image was called when the annotation was begun, if that was something else: its
        file brings this name back.
    highest
        The highest number that an object has; None where nobody has looked.
    record
        Who made the objects, where they are proof-read.
    pixels
        What tells the image from another one of its name and shape; empty where nothing does.
    """

    image: str
    image_shape: tuple[int, ...]
    objects: np.ndarray
    marks: np.ndarray | None = None
    rectangles: list[np.ndarray] = field(default_factory=list)
    classes: dict[int, int] = field(default_factory=dict)
    class_names: list[str] = field(default_factory=list)
    class_colours: list[str] = field(default_factory=list)
    first_name: str = ""
    highest: int | None = None
    record: Record | None = None
    pixels: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is painted."""
        marked = self.marks is not None and self.marks.any()
        return not (self.objects.any() or marked or self.rectangles)


def new_draft_path(folder: Path, image: str) -> Path:
    """Return a name that no other annotation has."""
    return folder / f"{file_name(image, 'image')}-{uuid4().hex[:12]}.npz"


def write_draft(path: Path, draft: Draft) -> Path:
    """Write a draft, whole or not at all.

    Raises
    ------
    UserError
        If it cannot be written, such as on a full disk.
    """
    header = {
        "image": draft.image,
        "first_name": draft.first_name,
        "image_shape": draft.image_shape,
        "pixels": draft.pixels,
        "classes": list(draft.classes.items()),
        "class_names": draft.class_names,
        "class_colours": draft.class_colours,
        "record": None if draft.record is None else _listed(draft.record),
    }
    arrays: dict[str, Any] = {"header": json.dumps(header), "objects": draft.objects}
    if draft.marks is not None:
        arrays["marks"] = draft.marks
    if draft.rectangles:
        arrays["rectangles"] = np.array(draft.rectangles)
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
    return path


def read_draft(path: Path) -> Draft:
    """Read a draft.

    Raises
    ------
    UserError
        If the file is damaged.
    """
    try:
        with opened(path) as file:
            header = json.loads(str(file["header"]))
            objects, record = file["objects"], header.get("record")
            return Draft(
                image=header["image"],
                image_shape=tuple(header["image_shape"]),
                objects=objects,
                marks=file.get("marks"),
                rectangles=list(file.get("rectangles", [])),
                classes={int(number): int(value) for number, value in header["classes"]},
                class_names=header["class_names"],
                class_colours=header["class_colours"],
                first_name=header.get("first_name", ""),
                highest=int(objects.max(initial=0)),
                record=None if record is None else Record(*map(frozenset, record)),
                pixels=header.get("pixels", ""),
            )
    except BROKEN as error:
        raise UserError(f"{path.name} is damaged and cannot be restored: delete it.") from error


def _listed(record: Record) -> list[list[int]]:
    return [sorted(each) for each in (record.found, record.accepted, record.edited)]


class DraftFile:
    """A draft's file, to which several threads may write; the newest content wins.

    A lock beside it says that somebody works on it; it goes when the process goes.

    Parameters
    ----------
    path
        Where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = _lock_beside(path)
        self._writing = Lock()
        self._tickets = count(1)
        # each is set in one place only, so that neither is lost to the other
        self._written = self._dropped = 0

    def hold(self) -> None:
        """Keep the file from being offered, until `release`; if another has it, take a new one."""
        # where nothing can be locked, nothing can be written either, and writing says so
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not _acquired(self._lock):
                self.path = new_draft_path(self.path.parent, self.path.stem)
                self._lock = _lock_beside(self.path)
                _acquired(self._lock)

    def release(self) -> None:
        """Let the file be offered, if there is one."""
        self._lock.release(force=True)
        self._clear_up()

    def ticket(self) -> int:
        """Return a number for `write`, larger than all before."""
        return next(self._tickets)

    def write(self, draft: Draft, ticket: int) -> None:
        """Write, unless something newer is there or the file was dropped; empty is no file."""
        with self._writing:
            if ticket < self._written or ticket < self._dropped:
                return
            self._written = ticket
            if not draft.empty:
                write_draft(self.path, draft)
            if draft.empty or ticket < self._dropped:
                self._delete()

    def drop(self) -> None:
        """Delete the file, also if it is just being written; never waits for that.

        What was released and is held by another by now stays.
        """
        self._dropped = self.ticket()
        if self._lock.is_locked or not is_open(self.path):
            self._delete()
            self._clear_up()

    def _delete(self) -> None:
        with suppress(OSError):
            self.path.unlink()

    def _clear_up(self) -> None:
        """Leave no lock behind where nobody works on anything."""
        if not self._lock.is_locked and not self.path.exists():
            with suppress(OSError):
                Path(self._lock.lock_file).unlink()


def _lock_beside(path: Path) -> FileLock:
    # taken by the window, looked at by workers
    return FileLock(f"{path}.lock", thread_local=False)


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(_PATIENCE, poll_interval=_POLL)
    except Timeout:
        return False
    return True


def is_open(path: Path) -> bool:
    """Tell whether somebody works on a draft, in this window or in another one."""
    lock = _lock_beside(path)
    if not Path(lock.lock_file).exists():
        return False
    try:
        free = _acquired(lock)
    except OSError:
        return False
    lock.release()
    return not free


def written_at(path: Path) -> float:
    """Return when a draft was written, in seconds since 1970; 0 where it is gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def find_draft(
    folder: Path, image: str, shape: tuple[int, ...], pixels: str = "", *, renamed: bool = False
) -> Path | None:
    """Return the newest draft of an image on which nobody works.

    Parameters
    ----------
    folder
        Where drafts lie.
    image, shape
        Name and shape of the image.
    pixels
        As in `Draft`; those of other pixels are passed over.
    renamed
        Whether one of these pixels is meant under any name where none has the name; not where they
        are known by their file, of which there may be several images.
    """
    # what begins with a dot is half written, perhaps by a process that was killed
    paths = folder.glob("[!.]*.npz") if folder.is_dir() else ()
    headers = {path: header for path in paths if (header := _header(path, shape))}
    alike = [path for path in headers if pixels in ("", headers[path].get("pixels") or pixels)]
    named = [path for path in alike if image in _names(headers[path])]
    same = [path for path in headers if renamed and headers[path].get("pixels") == pixels]
    newest = [path for group in (named, same) for path in sorted(group, key=written_at)[::-1]]
    return next((path for path in newest if not is_open(path)), None)


def _header(path: Path, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return what a draft of an image of a shape says of it; empty for any other file."""
    try:
        with opened(path) as file:
            header: dict[str, Any] = json.loads(str(file["header"]))
            return header if tuple(header["image_shape"]) == shape else {}
    except BROKEN:
        return {}


def _names(header: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return what a draft's image was called last, and at first."""
    return header.get("image"), header.get("first_name")
