"""The *Batch* widget: many files and folders with one click."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.viewer import Viewer

from napari_unet.core.errors import UserError
from napari_unet.core.progress import News, Progress, Steps
from napari_unet.core.provenance.work import Work
from napari_unet.core.words import counted
from napari_unet.scale.batch.log import ImageNews, Row
from napari_unet.scale.batch.steps import Batch
from napari_unet.storage.model_header import lasting_name
from napari_unet.ui.batch.file_layers import FileLayers
from napari_unet.ui.batch.form import BatchForm
from napari_unet.ui.widgets.copying.copy_box import CopyBox
from napari_unet.ui.widgets.layout import main_button
from napari_unet.ui.work import torch_library
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget

if TYPE_CHECKING:
    from napari_unet.io.sources import Source


STATUSES = ("done", "skipped", "failed", "not done")


@dataclass(frozen=True)
class ImagesFound(News):
    """The images of a batch that begins, and a sentence for what is left out."""

    sources: list[Source]
    left_out: list[str]


class BatchWidget(WorkingWidget):
    """Segments files and folders, and shows what has become of each.

    Parameters
    ----------
    napari_viewer
        The viewer in which images and results are opened when a line is double clicked.

    Attributes
    ----------
    model
        What is chosen, as `value`, to be read and set.
    """

    title = "Batch"

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(main_button("Segment all"), ProgressRow("files"))
        viewer = self.attach(napari_viewer)
        self.form = BatchForm(viewer, self)
        self.form.put_into(self)
        self.model = self.form.model
        self.copy = CopyBox(self._work)
        self.form.advanced.addWidget(self.copy)
        self.opener = FileLayers(viewer)
        self.connections.jobs.append(self.opener.latest)
        self._batch: Batch | None = None
        self._sources: dict[str, Path] = {}
        self._left_out: list[str] = []
        self.on_click(self.button, self._segment)
        self.form.table.opened.connect(self._open)

    def show_progress(self, progress: Progress) -> None:
        """Show what has become of a file that has just ended, and which one is next."""
        table = self.form.table
        match progress.news:
            case ImagesFound(sources, left_out):
                self._left_out = left_out
                self._sources = {source.name: source.path for source in sources}
                table.show_names(list(self._sources))
                table.show()
            case ImageNews(row=Row() as row):
                table.show_row(row)
            case ImageNews(name=name):
                table.show_running(name)

    def _segment(self) -> None:
        form = self.form
        paths, batch = self._chosen()
        self._batch = batch
        form.summary.clear()
        steps = partial(_steps, paths, batch, form.recursive.isChecked(), form.jobs.value)
        self.work(steps, self._ended, "Segmenting files")

    def _chosen(self) -> tuple[list[Path], Batch]:
        form, paths = self.form, self.form.paths.paths()
        if not paths:
            raise UserError("There is nothing to segment: add files or a folder.")
        if not form.out.text().strip():
            raise UserError("There is no folder for the results: choose one under “Results in”.")
        form.model.header()
        request = form.settings.request()
        out = Path(form.out.text().strip()).expanduser()
        return paths, Batch(out, form.model.path() or "", request)

    def _work(self) -> Work:
        paths, batch = self._chosen()
        return Work(
            tuple(map(str, paths)),
            lasting_name(batch.model),
            batch.request,
            str(batch.out),
            self.form.recursive.isChecked(),
            self.form.jobs.value,
        )

    def _ended(self, rows: Sequence[Row] | None) -> None:
        if rows is None:
            return
        for row in rows:
            self.form.table.show_row(row)
        number = Counter(row.status for row in rows)
        words = ", ".join(f"{number[status]} {status}" for status in STATUSES if number[status])
        objects = sum(row.objects for row in rows if row.status in ("done", "skipped"))
        told = f"{counted(len(rows), 'file')}: {words}. {counted(objects, 'object')}."
        if doubtful := sum(row.doubtful for row in rows):
            told = f"{told} Doubtful: {doubtful} of the files. Click a line to see why."
        self.form.summary.setText(" ".join([told, *self._left_out]))

    def _open(self, name: str) -> None:
        if self._batch is not None and name in self._sources:
            self.opener.open(self._sources[name], self._batch, name)


def _steps(paths: list[Path], batch: Batch, recursive: bool, jobs: int) -> Steps[Any]:
    torch_library.load()
    from napari_unet.io.sources import find_sources, left_out  # noqa: PLC0415 - loads all readers
    from napari_unet.scale.batch.steps import batch_steps  # noqa: PLC0415

    sources: list[Source] = find_sources(paths, batch.out, recursive=recursive)
    told = left_out(paths, batch.out, recursive=recursive)
    yield Progress("segmenting", 0, len(sources), news=ImagesFound(sources, told))
    return (yield from batch_steps(sources, batch, jobs))
