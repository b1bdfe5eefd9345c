"""Progress as lines of JSON: written by one process, read by another.

A progress is ``{"stage", "done", "total", "values"}``, where the values are its figures and,
where there are any, ``"device"`` with ``"reason"``, ``"notice"`` and what its news say; the last
line is ``{"result": ...}``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from napari_unet.core.progress import Progress, UsedDevice


@dataclass(frozen=True)
class Result:
    """The last line of work that has ended well: what came of it."""

    values: dict[str, Any]


class Lines:
    """Writes a JSON object per line, for other programs.

    Parameters
    ----------
    stream
        Where to; None for standard output.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self.prefix = ""

    def __call__(self, progress: Progress) -> None:
        """Write a progress."""
        line = {name: getattr(progress, name) for name in ("stage", "done", "total")}
        self._write(line | {"values": _values(progress)})

    def finish(self, result: dict[str, Any]) -> None:
        """Write the result."""
        self._write({"result": result})

    def _write(self, line: dict[str, Any]) -> None:
        print(json.dumps(line, default=_plain), file=self._stream, flush=True)


class FileLines(Lines):
    """Adds the lines to a file; what cannot be written there is left out.

    Parameters
    ----------
    path
        The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def _write(self, line: dict[str, Any]) -> None:
        with suppress(OSError), self._path.open("a", encoding="utf-8") as self._stream:
            super()._write(line)


def read(lines: Iterable[str | bytes]) -> Iterator[Progress | Result]:
    """Yield what lines say, without news; any other line, such as a warning, is passed over."""
    for line in lines:
        match _parsed(line):
            case {"result": dict(values)}:
                yield Result(values)
            case {
                "stage": str(stage),
                "done": int(done),
                "total": int(total),
                "values": dict(values),
            }:
                yield _progress(stage, done, total, values)


class Tail:
    """Reads the lines that are added to a file.

    Parameters
    ----------
    path
        The file; it may not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0

    def new(self) -> Iterator[Progress | Result]:
        """Yield what the whole lines say that were added since the last time."""
        try:
            size = self._path.stat().st_size
            self._position = min(self._position, size)  # it was begun anew
            with self._path.open("rb") as file:
                file.seek(self._position)
                added = file.read()
        except OSError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        self._position += len(whole)
        yield from read(whole.splitlines())


def _values(progress: Progress) -> dict[str, Any]:
    values: dict[str, Any] = {**progress.values, **progress.per_class}
    if progress.device is not None:
        values |= {"device": progress.device.name, "reason": progress.device.reason}
    if progress.notice:
        values["notice"] = progress.notice
    return values | (progress.news.as_values() if progress.news else {})


def _progress(stage: str, done: int, total: int, values: dict[str, Any]) -> Progress:
    """Return a progress of what `_values` made; the words of its news are passed over."""
    name, reason, notice = (values.pop(key, "") for key in ("device", "reason", "notice"))
    figures = {key: value for key, value in values.items() if not isinstance(value, str)}
    progress = Progress.of_figures(stage, done, total, figures)
    return replace(progress, device=UsedDevice(name, reason) if name else None, notice=notice)


def _parsed(line: str | bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    """Turn numpy's and torch's numbers into Python's, and anything else into text."""
    return value.item() if hasattr(value, "item") else str(value)
