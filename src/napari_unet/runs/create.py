"""A run folder is made: samples looked at, parts held out, everything written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.image.pixel_size import common_pixel
from napari_unet.core.instances.labels import check_labels, class_image
from napari_unet.core.instances.measure import diameters
from napari_unet.core.targets.targets import semantic_target
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.folder import Run
from napari_unet.runs.hold_out import with_validation
from napari_unet.runs.replay import replayed_samples
from napari_unet.runs.sample import Sample, write_sample
from napari_unet.storage.model_header import lasting_name

_USUAL = 5, 95
"""Percentiles of what single images have that count as the smallest and the largest."""


def create_run(folder: str | Path, samples: Iterable[Sample], config: RunConfig) -> Run:
    """Make a run folder; `train` then trains it.

    Parameters
    ----------
    folder
        A folder that does not exist yet, or is empty, or in which a run was begun to be made and
        that was killed.
    samples
        Images with labels. Where none is marked for validation, a share of them is taken, see
        `with_validation`.
    config
        Everything else.

    Raises
    ------
    UserError
        If the folder is not empty or cannot be written, the model to start from is not there, or a
        sample or the spacing does not fit the configuration.
    """
    folder = Path(folder)
    _refuse_used(folder)
    config.targets.check_ndim(config.model.ndim)
    config = _each_start(config, _with_lasting_name)
    given = list(samples)
    for sample in given:
        _check_sample(sample, config)
    stated = with_validation(given, config)
    if all(sample.validation for sample in stated):
        raise UserError("There is no image to learn from: add some that are not for validation.")
    run = Run(folder)
    with _told_of_disk(folder), _making(run):
        (folder / "samples").mkdir()
        for index, sample in enumerate(stated):
            write_sample(sample, folder / "samples" / f"{index:04d}.npz")
        for start in config.starts:
            if replayed := replayed_samples(start, stated):
                run.write_replayed(str(start.start_from), replayed)
        run.write_config(_each_start(config, partial(_measured, stated)))
    return run


def _refuse_used(folder: Path) -> None:
    there = folder.exists()
    if there and (not folder.is_dir() or (any(folder.iterdir()) and not Run(folder).unfinished)):
        raise UserError(
            f"{folder} is not an empty folder: give another one, or continue the run in it."
        )


@contextmanager
def _told_of_disk(folder: Path) -> Iterator[None]:
    """Tell in one sentence what a disk has against a new folder."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The run could not be written to {folder.parent}: {error.strerror or error}. "
            "Free some space there, or allow writing."
        ) from error


@contextmanager
def _making(run: Run) -> Iterator[None]:
    """Mark a run as unfinished while it is made; a mark that stays tells that it was killed."""
    new = not run.folder.exists()
    run.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run.mark, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UserError(f"Another process makes the run {run.folder}: give another one.") from error
    try:
        run.clear()
        yield
    except BaseException:
        run.clear()
        lock.release()
        run.mark.unlink(missing_ok=True)
        if new:
            with suppress(OSError):
                run.folder.rmdir()
        raise
    lock.release()
    run.mark.unlink(missing_ok=True)


def _each_start(config: RunConfig, change: Callable[[RunConfig], RunConfig]) -> RunConfig:
    """Change a configuration, and each of the other ways to begin that it has."""
    first, *others = map(change, config.starts)
    return first.replace(others=tuple(others))


def _with_lasting_name(config: RunConfig) -> RunConfig:
    if config.start_from is None:
        return config
    if config.start_from == AUTOMATIC:
        raise UserError("Let prepare plan the run, so that there are starts to choose from.")
    return config.replace(start_from=lasting_name(config.start_from))


def _measured(samples: Sequence[Sample], config: RunConfig) -> RunConfig:
    """Write down how large the pixels and objects are that the network sees.

    What differs from image to image is looked up in those for validation, too.
    """
    learnt = [sample for sample in samples if not sample.validation]
    pixel = common_pixel([sample.pixel for sample in learnt])
    working = config.working or (1.0,) * config.model.ndim
    seen = () if pixel is None else tuple(np.divide(pixel, working).tolist())
    if config.semantic:
        return config.replace(pixel_size=seen, object_size=0.0, object_spread=())
    by = float(np.prod(working)) ** (1 / config.model.ndim)
    found = [
        by * diameters(sample.annotated(config.ignored_label)[0], specks=False)
        for sample in samples
    ]
    every = [each for each, sample in zip(found, samples, strict=True) if not sample.validation]
    median = float(np.median(np.concatenate(every))) if any(map(len, every)) else 0.0
    return config.replace(
        pixel_size=seen, object_size=round(median, 2), object_spread=_spread(found)
    )


def _spread(found: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
    """Return how small and how large the median object of an image is; nothing without objects."""
    medians = [float(np.median(each)) for each in found if len(each)]
    return tuple(np.percentile(medians, _USUAL).round(2).tolist()) if medians else ()


def _check_sample(sample: Sample, config: RunConfig) -> None:
    model = config.model
    if sample.image.shape[0] != model.in_channels or sample.image.ndim != model.ndim + 1:
        raise UserError(
            f"{sample.name} has {sample.image.shape[0]} channels and {sample.image.ndim - 1} "
            f"spatial axes, but the model takes {model.in_channels} and {model.ndim}."
        )
    parts = {"labels": sample.labels, "ignored pixels": sample.ignored}
    for name, part in (parts | {"weight map": sample.weight}).items():
        if part is not None and sample.image.shape[1:] != part.shape:
            raise UserError(
                f"{sample.name}: the image is {sample.image.shape[1:]} pixels and its {name} "
                f"{part.shape}; they must be the same."
            )
    try:
        _check_values(sample, config)
    except UserError as error:
        raise error.of(sample.name) from error


def _check_values(sample: Sample, config: RunConfig) -> None:
    check_image(sample.image)
    labels, ignored = sample.annotated(config.ignored_label)
    if config.semantic:
        semantic_target(labels, config.model.num_classes)
    else:
        check_labels(labels)
        class_image(labels, sample.classes, config.model.num_classes)
    if ignored.all() and not sample.validation:
        raise UserError("Nothing is annotated: every pixel is ignored.")
