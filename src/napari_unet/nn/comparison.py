"""Before and after: what a training has gained on images that it has not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.changes import changed_classes, changed_objects
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.report import foreground_dice
from napari_unet.nn.model import load_model
from napari_unet.nn.run import Run, RunConfig, Sample
from napari_unet.nn.validate import Judged, judge, pooled_figures, start_model

_ALIKE = 0.005
"""Scores that differ by less than this are called the same."""


@dataclass(frozen=True)
class Change:
    """What has changed in one held-out sample.

    Parameters
    ----------
    name
        The sample's.
    image
        The sample's own image, ``(C, *spatial)``.
    changes
        uint8 ``(*spatial)``: 1 corrected, 2 missed, 3 false, as in `changed_objects`.
    """

    name: str
    image: NDArray[Any]
    changes: NDArray[np.uint8]


@dataclass(frozen=True)
class Comparison:
    """A model and the one it started from, on the same held-out pixels.

    Parameters
    ----------
    before, after
        ``ap50``, ``ap75`` (not in a run of classes) and ``dice``, the mean over the foreground
        classes; None where there was no start, or no image was held out.
    verdict
        One or two plain sentences.
    changes
        One per held-out sample.
    """

    before: dict[str, float] | None
    after: dict[str, float] | None
    verdict: str
    changes: tuple[Change, ...] = ()


def compare_steps(folder: str | Path, which: str = "best") -> Steps[Comparison]:
    """Compare a run's model with the one it started from.

    Parameters
    ----------
    folder
        The run folder.
    which
        ``"best"`` or ``"last"``.

    Yields
    ------
    Progress with the samples done.

    Raises
    ------
    UserError
        If there is no such model yet.
    Stop
        When the user wants to stop.
    """
    run = Run(Path(folder))
    config = run.config()
    path = run.best if which == "best" else run.last
    if not path.exists():
        raise UserError(f"{run.folder} has no {which} model yet: train it for at least one epoch.")
    start, trained = start_model(config), load_model(path)
    held_out = [sample for sample in run.samples() if sample.validation]
    both: list[tuple[Judged | None, Judged]] = []
    changes = []
    for index, sample in enumerate(held_out):
        yield Progress("comparing", index, len(held_out))
        before = None
        if start is not None:
            before = yield from judge(start, sample, config)
        after = yield from judge(trained, sample, config)
        changes.append(Change(sample.name, sample.image, _changes(before, after, sample, config)))
        both.append((before, after))
    old = _figures([before for before, _ in both if before is not None])
    new = _figures([after for _, after in both])
    return Comparison(old, new, verdict(old, new, len(held_out)), tuple(changes))


def verdict(before: dict[str, float] | None, after: dict[str, float] | None, count: int) -> str:
    """Say in plain words whether a model is better than its start.

    Parameters
    ----------
    before, after
        As in `Comparison`.
    count
        Number of held-out samples.
    """
    if after is None:
        return (
            "No image was held out, so nothing can be said about how good the model is: "
            "annotate one more image, or more objects."
        )
    key, what = ("ap50", "objects") if "ap50" in after else ("dice", "area")
    on = f"{count} held-out image{'s' * (count > 1)}"
    if before is None:
        return (
            f"{after[key]:.0%} of the {what} are right on {on}. There is no model to compare it to."
        )
    gain = after[key] - before[key]
    figures = f"{after[key]:.0%} of the {what} are right on {on}, {before[key]:.0%} before"
    if abs(gain) < _ALIKE:
        return f"No better than the model it started from: {figures}."
    if gain > 0:
        return f"Better than the model it started from: {figures}."
    return (
        f"Worse than the model it started from: {figures}. "
        "Keep using that one, or annotate more and train again."
    )


def _changes(
    before: Judged | None, after: Judged, sample: Sample, config: RunConfig
) -> NDArray[np.uint8]:
    labels, ignored = sample.annotated(config.ignored_label)
    paint = changed_classes if config.semantic else changed_objects
    return paint(None if before is None else before.found, after.found, labels, ignored)


def _figures(judged: Sequence[Judged]) -> dict[str, float] | None:
    if not judged:
        return None
    pooled = pooled_figures(judged)
    dice = foreground_dice(pooled.get("dice"))
    figures = {name: pooled[name] for name in ("ap50", "ap75") if name in pooled}
    return figures | ({} if dice is None else {"dice": dice})
