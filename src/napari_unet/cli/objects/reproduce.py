"""``napari-unet reproduce``."""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from typing import TYPE_CHECKING

from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.core.progress import drive
from napari_unet.scale.batch.reproduce import reproduce_steps
from napari_unet.storage.atomic import check_folder

if TYPE_CHECKING:
    from argparse import Namespace


_SAME, _DIFFERENT = 0, 1


def reproduce(arguments: Namespace) -> int:
    """Make a result again and say whether it is the same; return the exit code."""
    if arguments.out is not None:
        check_folder(arguments.out)
    report = reporter(arguments.progress)
    given = nullcontext(arguments.out)
    with (
        given if arguments.out else tempfile.TemporaryDirectory() as out,
        stop_on_signals() as stop,
    ):
        steps = reproduce_steps(arguments.file, out, arguments.source)
        found = drive(steps, report, stop)
    kept = str(found.file) if arguments.out else None
    report.finish({"same": found.same, "told": found.told, "file": kept})
    if arguments.progress != "jsonl":
        print(found.told)
    return _SAME if found.same else _DIFFERENT
