"""Unsaved annotations as files, so that a crash costs a few seconds of painting at most."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import uuid4

import numpy as np

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.storage.atomic import replacing
from napari_unet.storage.names import file_name
from napari_unet.storage.npz import BROKEN, opened


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

    Parameters
    ----------
    path
        Where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = Lock()
        self._tickets = count(1)
        # each is set in one place only, so that neither is lost to the other
        self._written = self._dropped = 0

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
        """Delete the file, also if it is just being written; never waits for that."""
        self._dropped = self.ticket()
        self._delete()

    def _delete(self) -> None:
        with suppress(OSError):
            self.path.unlink()


def find_draft(
    folder: Path, image: str, shape: tuple[int, ...], live: set[Path], pixels: str = ""
) -> Path | None:
    """Return the newest draft of an image.

    Parameters
    ----------
    folder
        Where drafts lie.
    image, shape
        Name and shape of the image.
    live
        Drafts of annotations that are open, which are not looked for.
    pixels
        As in `Draft`; those of other pixels are passed over.
    """
    # what begins with a dot is half written, perhaps by a process that was killed
    paths = set(folder.glob("[!.]*.npz")) - live if folder.is_dir() else set()
    fitting = [path for path in paths if _is_of(path, image, shape, pixels)]
    return max(fitting, key=lambda path: path.stat().st_mtime, default=None)


def _is_of(path: Path, image: str, shape: tuple[int, ...], pixels: str) -> bool:
    """Return whether a draft is of an image; earlier versions wrote nothing of its pixels."""
    try:
        with opened(path) as file:
            header = json.loads(str(file["header"]))
            named = image in (header["image"], header.get("first_name"))
            alike = pixels in ("", header.get("pixels") or pixels)
            return named and alike and tuple(header["image_shape"]) == shape
    except BROKEN:
        return False
