"""A batch on the command line: a table that grows by a line per image, and how it ended."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli import shared
from napari_unet.cli.options import flags
from napari_unet.cli.progress import reporter
from napari_unet.cli.shared import tell_failed
from napari_unet.core.errors import called
from napari_unet.core.words import counted
from napari_unet.scale.batch.log import (
    DONE,
    FAILED,
    NOT_DONE,
    SKIPPED,
    SUMMARY,
    ImageNews,
    Row,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from napari_unet.core.progress import Progress
    from napari_unet.io.sources import Source


_NARROWEST, _WIDEST = 5, 48


class BatchTable:
    """Tells progress, and what became of each image as soon as it has ended.

    Parameters
    ----------
    sources
        The images.
    arguments
        What was read for the command: how to tell progress, and which flags there are.
    """

    def __init__(self, sources: Sequence[Source], arguments: Namespace) -> None:
        self._arguments = arguments
        self._report = reporter(arguments.progress)
        self._for_programs = arguments.progress == "jsonl"
        self._total = len(sources)
        longest = max(len(source.name) for source in sources)
        self._width = min(max(longest, _NARROWEST), _WIDEST)
        self._headed = False

    def __call__(self, progress: Progress) -> None:
        """Tell a progress, and the row of an image that has ended."""
        match progress.news:
            case ImageNews(file=file, row=row) as news:
                self._report.prefix = f"{file}: "
                if row is not None and self._for_programs:
                    told = replace(
                        row, error=self._called(row.error, row), note=self._called(row.note, row)
                    )
                    progress = replace(progress, news=replace(news, row=told))
                elif row is not None:
                    self._report.finish({})
                    self._print(row)
                    if row.note:
                        print(f"{file}: {self._called(row.note, row)}", file=sys.stderr)
        self._report(progress)

    def end(self, rows: Sequence[Row], out: Path) -> int:
        """Tell how it ended.

        Parameters
        ----------
        rows
            What became of each image.
        out
            Folder of the results.

        Returns
        -------
        The exit code: 0 if all is done, 2 if an image failed, 130 if it was stopped.
        """
        statuses = [row.status for row in rows]
        counts = {status: statuses.count(status) for status in (DONE, SKIPPED, FAILED, NOT_DONE)}
        finished = counts[DONE] + counts[SKIPPED]
        self._report.finish({**counts, "summary": str(out / SUMMARY) if finished else None})
        if self._total > 1 and finished and not self._for_programs:
            before = f", {counts[SKIPPED]} of them before" if counts[SKIPPED] else ""
            images = counted(self._total, "image")
            print(f"{finished} of {images} done{before}. Table: {out / SUMMARY}")
        failures = [(Path(row.file), self._called(row.error, row)) for row in rows if row.error]
        tell_failed(failures, self._total)
        if counts[NOT_DONE]:
            print("napari-unet: stopped. Run the same again to go on.", file=sys.stderr)
            return shared.STOPPED
        return shared.FAILED if counts[FAILED] else shared.OK

    def _called(self, told: str, row: Row) -> str:
        """Return a sentence of a row with the flags that it is about; nothing stays nothing."""
        return told and called(told, flags(row.about, self._arguments))

    def _print(self, row: Row) -> None:
        if self._total == 1:
            if row.status != FAILED:
                before = " (done before)" if row.status == SKIPPED else ""
                taken = f", axes {row.axes}" if len(row.axes) > 2 else ""
                print(f"{Path(row.file).name}: {counted(row.objects, 'object')}{taken}{before}")
        elif row.status != SKIPPED:
            if not self._headed:
                self._print_line("image", "objects", "median size", "seconds")
                self._headed = True
            size = "" if row.median_size is None else f"{row.median_size:.4g} {row.unit}"
            numbers = (f"{row.objects}", size, f"{row.seconds:.1f}")
            self._print_line(row.name, *(numbers if row.status == DONE else (row.status, "", "")))

    def _print_line(self, name: str, *cells: str) -> None:
        name = name if len(name) <= self._width else f"…{name[1 - self._width :]}"
        print(f"{name:<{self._width}}", *(f"{cell:>12}" for cell in cells))
