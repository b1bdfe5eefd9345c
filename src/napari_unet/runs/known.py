"""The trainings that were started from napari: which run, which ended while nobody looked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_unet.processes.json_lines import Result, read
from napari_unet.runs.control import PROGRESS, is_running
from napari_unet.storage.folders import runs_folder

SEEN = "seen"
"""A file in the folder of a run whose model was kept, or that the user wants no more of."""
SHOWN = "shown"
"""A file in the folder of a run whose result was shown."""


@dataclass(frozen=True)
class KnownRun:
    """A training that was begun.

    Parameters
    ----------
    folder
        Its run folder.
    name
        What it was called.
    running
        Whether it runs now.
    result
        How it ended; None if it has not, or was interrupted.
    """

    folder: Path
    name: str
    running: bool
    result: dict[str, Any] | None

    @property
    def stopped(self) -> bool:
        """Whether it has ended because it was stopped, and can go on."""
        return self.result is not None and self.result.get("reason") == "stopped"


def unseen_runs() -> list[KnownRun]:
    """Return the trainings that go on, broke off, or ended while nobody looked; newest first.

    Of those whose result was shown, the last one is among them until its model is kept.
    """
    runs = list(known_runs())
    shown = [run for run in runs if run.result is not None and (run.folder / SHOWN).exists()]
    return [run for run in runs if run not in shown[1:] and not (run.folder / SEEN).exists()]


def running_run() -> KnownRun | None:
    """Return a training that runs now; None if none does."""
    return next((run for run in known_runs() if run.running), None)


def mark_seen(folder: Path) -> None:
    """Do not offer a run again."""
    with suppress(OSError):
        (folder / SEEN).touch()


def mark_shown(folder: Path) -> None:
    """Offer a run again only as long as it is the last whose result was shown."""
    with suppress(OSError):
        (folder / SHOWN).touch()


def known_runs() -> Iterator[KnownRun]:
    """Yield all trainings in the user's folder of runs, the newest first."""
    for path in sorted(runs_folder().glob("[!.]*/run.json"), reverse=True):
        try:
            name = str(json.loads(path.read_text(encoding="utf-8"))["name"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        running = is_running(path.parent)
        yield KnownRun(path.parent, name, running, None if running else result_of(path.parent))


def result_of(folder: Path) -> dict[str, Any] | None:
    """Return how a training has ended; None if it has not, or was interrupted."""
    try:
        lines = (folder / PROGRESS).read_bytes().splitlines()
    except OSError:
        return None
    match next(read(reversed(lines)), None):
        case Result(values):
            return values
    return None
