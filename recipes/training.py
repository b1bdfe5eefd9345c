"""A training of a recipe that can be stopped and continued."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from napari_unet import Progress, Run, RunConfig, Sample, create_run, train


def trained(
    folder: Path, given: Sequence[Sample], config: RunConfig, kept: Sequence[int] = ()
) -> Run:
    """Train, or continue, and return the run; the models of some epochs are kept."""
    if not folder.exists():
        create_run(folder, given, config)
    print(train(folder, partial(report, Run(folder), kept)))
    return Run(folder)


def of_epoch(run: Run, epoch: int) -> Path:
    """Return the file of the model of an epoch that is kept."""
    return run.last.with_name(f"epoch-{epoch}.safetensors")


def report(run: Run, kept: Sequence[int], progress: Progress) -> None:
    """Print the figures of every epoch."""
    if "score" not in progress.values:
        return
    print(dict(progress.values), flush=True)
    epoch = progress.values["epoch"]
    if epoch in kept:
        shutil.copy(run.last, of_epoch(run, epoch))
