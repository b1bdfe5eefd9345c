"""Progress as lines of JSON: written by one process, read by another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_unet.core.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from napari_unet.core.progress import Progress


class Lines:
    """Writes a JSON object per line, for other programs.

    A progress is ``{"stage", "done", "total", "values"}``; the last line is ``{"result": ...}``.

    Parameters
    ----------
    path
        The file that lines are added to; what cannot be written there is left out. None for
        standard output.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.prefix = ""

    def __call__(self, progress: Progress) -> None:
        """Write a progress, without its preview."""
        line = {name: getattr(progress, name) for name in ("stage", "done", "total")}
        self._write(line | {"values": dict(progress.values)})

    def finish(self, result: dict[str, Any]) -> None:
        """Write the result."""
        self._write({"result": result})

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, default=_plain)
        if self._path is None:
            print(text, flush=True)
            return
        with suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")


def _plain(value: Any) -> Any:
    """Turn numpy's and torch's numbers into Python's, and anything else into text."""
    return value.item() if hasattr(value, "item") else str(value)


class _Tail:
    """Reads the lines that are added to a file of JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0

    def new(self) -> Iterator[dict[str, Any]]:
        """Yield the whole lines since the last time; anything but JSON objects is left out."""
        try:
            size = self._path.stat().st_size
            self._position = min(self._position, size)
            with self._path.open("rb") as file:
                file.seek(self._position)
                read = file.read()
        except OSError:
            return
        whole, _, _ = read.rpartition(b"\n")
        self._position += len(whole) + bool(whole)
        for text in whole.splitlines():
            with suppress(ValueError):
                line = json.loads(text)
                if isinstance(line, dict):
                    yield line
