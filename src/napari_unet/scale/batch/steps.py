"""Many images, one after the other or several at once: the one path of viewer and shell."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps, Stop
from napari_unet.scale.batch.batch import Batch, possible_results, result_files
from napari_unet.scale.batch.log import (
    LOG,
    NOT_DONE,
    STAGE,
    SUMMARY,
    ImageNews,
    Log,
    Row,
    added,
    begun,
    ended,
    failed,
    skipped,
)
from napari_unet.storage.atomic import check_folder, check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from napari_unet.io.sources import Source


__all__ = ["Batch", "batch_steps", "result_files"]


def batch_steps(
    sources: Sequence[Source], batch: Batch, jobs: int = 1, client: Any = None
) -> Steps[list[Row]]:
    """Segment images and write their results, a record of what was made, and a table.

    An image that fails does not stop the others. One whose results are all there, made from the
    same file with the same model and settings, is skipped; results that were made otherwise are
    kept, and the image fails with a sentence that says so.

    Parameters
    ----------
    sources
        The images, as `find_sources` lists them.
    batch
        What is done with each.
    jobs
        How many images at once, each in a process of its own; they share the processor's cores,
        the memory and the GPUs.
    client
        What `napari_unet.scale.large.cluster.workers` gave: who works on large images, which then
        come one after the other.

    Yields
    ------
    Progress with the images that have ended, and the device. Its news are the `ImageNews` of one
    that has just ended, or of the one that was begun last. A single image gives its own progress.

    Returns
    -------
    A row per image, in their order. After a `Stop` the images that were not finished are
    ``"not done"``; what is finished stays.

    Raises
    ------
    UserError
        Before any work: for a bad model or device, fewer than one job, a folder for the results
        that cannot be used, or a name that is too long. At the end, if the table cannot be written.
    """
    _check_jobs(jobs, client)
    _check_out(batch)
    _check_names(sources, batch)
    log = Log(batch.out, batch.settings())
    rows = {row.name: row for row in _known(sources, batch, log)}
    todo = [source for source in sources if source.name not in rows]
    if todo:
        log.check()
    with suppress(Stop), closing(_of_each(todo, batch, log, jobs, client)) as steps:
        yield from _of_all(steps, rows, len(sources))
    every = [rows.get(source.name) or _not_done(source) for source in sources]
    log.write_summary(every, {each.name for each in sources if _results(batch, each.name)})
    return every


def _of_each(todo: Sequence[Source], batch: Batch, log: Log, jobs: int, client: Any) -> Steps[None]:
    """Return the work on each image; a bad model or device is refused at once."""
    from napari_unet.nn.device import choose_device  # noqa: PLC0415 - loads torch
    from napari_unet.nn.prediction.best_model import ready_model  # noqa: PLC0415
    from napari_unet.scale.batch.one_image import attempt_steps  # noqa: PLC0415
    from napari_unet.scale.batch.processes import process_steps  # noqa: PLC0415

    device, model = choose_device(batch.request.tiles.device), ready_model(batch.model)
    if min(jobs, len(todo)) > 1:
        return process_steps(todo, batch, min(jobs, len(todo)), device)
    attempt = partial(attempt_steps, batch=batch, model=model, log=log, client=client)
    return _one_by_one(todo, attempt)


def _one_by_one(todo: Sequence[Source], attempt: Callable[[Source], Steps[Row]]) -> Steps[None]:
    """Work on one image after the other."""
    for source in todo:
        yield begun(source)
        row = yield from attempt(source)
        yield ended(row)


def _of_all(steps: Steps[None], rows: dict[str, Row], total: int) -> Steps[None]:
    """Turn the progress of the images into that of the batch, and collect their rows by name."""
    for number, known in enumerate(list(rows.values()), start=1):
        yield replace(ended(known), done=number, total=total)
    about, begun_last = Progress(STAGE), None
    for progress in steps:
        news = progress.news
        match news:
            case ImageNews(row=Row() as row):
                rows[row.name] = row
            case ImageNews():
                begun_last = news
            case _:
                news = begun_last
        about = _with_share(added(about, progress), progress)
        if total == 1 and not rows:
            yield replace(progress, news=news)
        else:
            yield replace(about, done=len(rows), total=total, news=news)


def _with_share(about: Progress, progress: Progress) -> Progress:
    """Add how much of an image is done, where that is known."""
    values = {name: value for name, value in about.values.items() if name != "percent"}
    if progress.total:
        values["percent"] = 100 * progress.done // progress.total
    return replace(about, values=values)


def _known(sources: Sequence[Source], batch: Batch, log: Log) -> Iterator[Row]:
    """Yield the rows of images that are finished, and of those whose results are others'."""
    lines = {} if batch.overwrite else log.known()
    for source in sources:
        if source.clash:
            yield failed(source, source.clash, about="out")
            continue
        there = [] if batch.overwrite else _results(batch, source.name)
        line = lines.get(source.name, {})
        try:
            ours = bool(line) and log.same(source, line)
        except UserError as error:
            yield failed(source, str(error), error.about)
            continue
        if ours and line["row"] and _complete(batch, source.name, there):
            yield skipped(source, line)
        elif there and not ours:
            why = " and was made from another file or in another way" if line else ""
            told = f"{there[0]} exists{why}: give another folder, or replace it."
            yield failed(source, told, about="overwrite")


def _results(batch: Batch, name: str) -> list[Path]:
    """Return the files and folders that there are of what an image's results may be."""
    sets = possible_results(batch, name)
    return [path for files in sets for path in files.values() if path.exists()]


def _complete(batch: Batch, name: str, there: list[Path]) -> bool:
    sets = possible_results(batch, name)
    return any(set(files.values()) <= set(there) for files in sets)


def _not_done(source: Source) -> Row:
    return Row(source.name, str(source.path), NOT_DONE)


def _check_jobs(jobs: int, client: Any) -> None:
    if client is not None and jobs > 1:
        raise UserError(
            "Either several images are worked on at a time, or workers share each: choose one.",
            about="jobs, workers",
        )
    if jobs < 1:
        raise UserError(f"There must be at least one job, not {jobs}.")


def _check_out(batch: Batch) -> None:
    """Refuse a folder that cannot be used before any work is done for it."""
    out = batch.out
    check_folder(out)
    if (out / SUMMARY).exists() and not (out / LOG).exists() and not batch.overwrite:
        raise UserError(
            f"{out / SUMMARY} exists and is not of this command: give another folder, or "
            "replace it.",
            about="overwrite",
        )


def _check_names(sources: Sequence[Source], batch: Batch) -> None:
    for source in sources:
        for files in possible_results(batch, source.name):
            for path in files.values():
                check_name(path)
