"""A training of a recipe that can be stopped and continued."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from napari_unet import Progress, Run, RunConfig, Sample, create_run, train


def trained(folder: Path, given: Sequence[Sample], config: RunConfig) -> Run:
    """Train, or continue, and return the run."""
    if not folder.exists():
        create_run(folder, given, config)
    print(train(folder, report))
    return Run(folder)


def report(progress: Progress) -> None:
    """Print the figures of every epoch."""
    if "score" in progress.values:
        print(dict(progress.values), flush=True)
