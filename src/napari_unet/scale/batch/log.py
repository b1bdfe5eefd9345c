"""What was made in a folder of results, and how: a line of JSON for each step, and a table.

::

    OUT/segment.jsonl   before an image's results are written, and again when they are there
    OUT/summary.csv     a row per image

Lines are only ever added, so several processes, also on several machines, may write to one
folder, and a process that is killed spoils no more than its last line.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from napari_unet.core.decoding.fit import says_doubt
from napari_unet.core.errors import UserError
from napari_unet.core.progress import News, Progress
from napari_unet.io.table import write_rows
from napari_unet.storage.atomic import not_written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from napari_unet.io.sources import Source


STAGE = "segmenting"
LOG, SUMMARY = "segment.jsonl", "summary.csv"
DONE, SKIPPED, FAILED, NOT_DONE = "done", "skipped", "failed", "not done"


@dataclass(frozen=True)
class Row:
    """What became of one image.

    Parameters
    ----------
    name
        The image's name, as in `Source`.
    file
        Its path.
    status
        ``"done"``, ``"skipped"`` as it was done before, ``"failed"`` or, after a stop,
        ``"not done"``.
    objects
        How many were found.
    median_size
        Median area or volume of the objects; None if there are none.
    unit
        Unit of the size, such as ``"µm²"``.
    seconds
        How long it took.
    error
        One sentence, if it failed.
    axes
        What the axes of the image were taken for, such as ``"TYX"``.
    note
        What of the file was not read, that its axes are a guess or that it looks empty, in
        sentences.
    about
        The options that the error, or the advice at the end of the note, is about, as in
        `UserError`.
    """

    name: str
    file: str
    status: str
    objects: int = 0
    median_size: float | None = None
    unit: str = ""
    seconds: float = 0.0
    error: str = ""
    axes: str = ""
    note: str = ""
    about: str = ""

    @property
    def doubtful(self) -> bool:
        """Whether the note says that the labels may be wrong."""
        return self.status in (DONE, SKIPPED) and says_doubt(self.note)

    def told(self) -> dict[str, Any]:
        """Return what stands of it in records and tables."""
        return {column: getattr(self, column) for column in COLUMNS}


_SETTINGS = (
    "model",
    "threshold",
    "split",
    "min_size",
    "match",
    "diameter",
    "link_planes",
    "link_frames",
    "link_overlap",
    "views",
)
"""With what an image was segmented, as the flags of the shell are called."""
COLUMNS = tuple(entry.name for entry in fields(Row) if entry.name != "about")


def failed(source: Source, error: str, about: str = "") -> Row:
    """Return the row of an image that cannot be done, with a sentence that says why."""
    return Row(source.name, str(source.path), FAILED, error=error, about=about)


def skipped(source: Source, line: dict[str, Any]) -> Row:
    """Return the row of an image that was done before, from its line in the record."""
    there = {"file": str(source.path), "status": SKIPPED}
    about = line.get("about", "")  # which earlier versions did not note
    return Row(**line["row"] | there, about=about)


@dataclass(frozen=True)
class ImageNews(News):
    """An image was begun, or has ended.

    Parameters
    ----------
    name
        The image's name, as in `Source`.
    file
        The name of its file.
    row
        What became of it; None while it is worked on.
    """

    name: str
    file: str
    row: Row | None = None

    def as_values(self) -> dict[str, Any]:
        """Return the names, and what became of it."""
        return {"name": self.name, "file": self.file} | (self.row.told() if self.row else {})


def begun(source: Source) -> Progress:
    """Return what is told when the work on an image begins."""
    return Progress(STAGE, news=ImageNews(source.name, source.path.name))


def ended(row: Row) -> Progress:
    """Return what is told when an image has ended."""
    return Progress(STAGE, news=ImageNews(row.name, Path(row.file).name, row))


def added(told: Progress, progress: Progress) -> Progress:
    """Return all that was told so far: the newest figures, device, and notice."""
    return replace(
        told,
        values={**told.values, **progress.values},
        device=progress.device or told.device,
        notice=progress.notice or told.notice,
    )


class Log:
    """The record of a folder of results.

    Parameters
    ----------
    out
        The folder; it may not be there yet.
    settings
        All that results depend on but the image, as `Batch.settings` returns it.
    """

    def __init__(self, out: Path, settings: dict[str, Any]) -> None:
        self.out = out
        self.settings = settings

    def add(self, source: Source, row: Row | None = None) -> None:
        """Add that an image's results are about to be written, or, with a row, that they are.

        Raises
        ------
        UserError
            If it cannot be written, such as on a full disk.
        """
        line = _identity(source) | {
            "name": source.name,
            "settings": self.settings,
            "row": row and row.told(),
            "about": row.about if row else "",
        }
        self._append(json.dumps(line).encode() + b"\n")

    def check(self) -> None:
        """Refuse a record to which nothing can be added, before any work is done for it.

        Raises
        ------
        UserError
            If that is so.
        """
        if (self.out / LOG).exists():  # where nothing is made in the end, nothing is left
            self._append(b"")

    def _append(self, line: bytes) -> None:
        path = self.out / LOG
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with path.open("ab+") as file:
                file.write(_rest_of_line(file) + line)
        except OSError as error:
            raise not_written(path, error) from error

    def known(self) -> dict[str, dict[str, Any]]:
        """Return the last line of each image, by name; lines that are damaged are left out."""
        return {line["name"]: line for line in self._lines()}

    def same(self, source: Source, line: dict[str, Any]) -> bool:
        """Tell whether a line is about this very image with these settings."""
        about = _identity(source) | {"settings": self.settings}
        return all(line.get(key) == value for key, value in about.items())

    def write_summary(self, rows: Sequence[Row], there: Collection[str] = ()) -> None:
        """Write the table of all images of the folder: of earlier times, and these.

        Parameters
        ----------
        rows
            What became of the images now. What was skipped stands as it was done.
        there
            Names of images of which there are results: those that were not made now stand as they
            were done, too.

        Raises
        ------
        UserError
            If it cannot be written.
        """
        lines = {name: line for name, line in self.known().items() if line["row"]}
        if not lines:
            return
        known = {name: line["row"] | _told(line["settings"]) for name, line in lines.items()}
        stay = known.keys() & set(there)
        others = [row for row in rows if row.status not in (DONE, SKIPPED) and row.name not in stay]
        known |= {row.name: row.told() | _told(self.settings) for row in others}
        head = *COLUMNS, *_SETTINGS
        table = ([known[name][column] for column in head] for name in sorted(known))
        write_rows(self.out / SUMMARY, head, table)

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            text = (self.out / LOG).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"Could not read {self.out / LOG}: {reason}.") from error
        for line in map(_parsed, text.splitlines()):
            if isinstance(line, dict) and {"name", "settings", "row"} <= set(line):
                yield line


def _told(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the table says of the settings; what none of them says is empty."""
    # with a model that Auto takes, nobody knows yet how objects are made
    flat = settings | (settings.get("decode") or {}) | settings.get("size", {})
    flat |= {f"link_{name}": value for name, value in settings.get("link", {}).items()}
    told = {name: flat.get(name, "") for name in _SETTINGS}
    return {name: "automatic" if value is None else value for name, value in told.items()}


def _identity(source: Source) -> dict[str, Any]:
    """Tell an image from another one of the same name, wherever its folder lies.

    A zarr folder is as large and as new as all the files in it.
    """
    path = source.path
    files = path.rglob("*") if path.is_dir() else (path,)
    try:
        about = [file.stat() for file in files if file.is_file()]
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}.") from error
    if not about:
        raise UserError(f"{path}: there is no such file.")
    return {
        "bytes": sum(each.st_size for each in about),
        "modified": max(each.st_mtime_ns for each in about),
    }


def _parsed(text: str) -> Any:
    """Return a line, or None for one that is damaged or of another version."""
    try:
        line = json.loads(text)
        return line if line["row"] is None or set(line["row"]) == set(COLUMNS) else None
    except (ValueError, TypeError, KeyError):
        return None


def _rest_of_line(file: BinaryIO) -> bytes:
    """Return the end of line that is missing after a process was killed while it wrote."""
    if file.seek(0, os.SEEK_END) == 0:
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"
