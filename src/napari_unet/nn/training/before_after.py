"""Before and after: what a training has gained on images that it has not learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.chance import kept_in_words
from napari_unet.core.evaluation.doubts import doubts
from napari_unet.core.evaluation.error_map import class_error_map, object_error_map
from napari_unet.core.evaluation.figures import NAMES, figures
from napari_unet.core.evaluation.reach import uncounted
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.words import counted
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.training.start.replay import remembered_steps
from napari_unet.nn.training.validate import SampleScore, pooled_figures, score_sample, start_model
from napari_unet.runs.config import RunConfig
from napari_unet.runs.folder import Run
from napari_unet.runs.hold_out import classes_of, is_part
from napari_unet.runs.sample import Sample

_ALIKE = 0.005
"""Figures that differ by less than this are called the same."""
_MORE = "Train longer, or annotate more."


@dataclass(frozen=True)
class SampleErrors:
    """Where the models before and after are wrong in one held-out sample.

    Parameters
    ----------
    name
        The sample's.
    image
        The sample's own image, ``(C, *spatial)``.
    error_map
        uint8 ``(*spatial)``: 1 corrected, 2 missed, 3 false, as in `object_error_map`.
    origin
        As in `Sample`.
    """

    name: str
    image: NDArray[Any]
    error_map: NDArray[np.uint8]
    origin: tuple[str, int] | None = None


@dataclass(frozen=True)
class Comparison:
    """A model and the one it started from, on the same held-out pixels.

    Parameters
    ----------
    before, after
        ``ap`` (the mean over IoU 0.5 to 0.9), ``ap50`` and ``ap75`` (all three not in a run of
        classes), ``dice``, the mean over the foreground classes, and ``standard_error``, that of
        what is judged by; None where there was no start, or no image was held out.
    verdict
        One or two plain sentences.
    errors
        One per held-out sample.
    """

    before: dict[str, float] | None
    after: dict[str, float] | None
    verdict: str
    errors: tuple[SampleErrors, ...] = ()


def compare_steps(
    folder: str | Path, which: str = "best", device: str = "auto"
) -> Steps[Comparison]:
    """Compare a run's model with the one it started from, if that is still there.

    Parameters
    ----------
    folder
        The run folder.
    which
        ``"best"`` or ``"last"``.
    device
        Where the networks run; automatic for where the run was trained.

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
    if device != "auto":
        config = config.replace(train=config.train.replace(device=device))
    path = run.best if which == "best" else run.last
    if not path.exists():
        raise UserError(f"{run.folder} has no {which} model yet: train it for at least one epoch.")
    start, trained = _start(config), load_model(path)
    held_out = list(run.samples(validation=True))
    both: list[tuple[SampleScore | None, SampleScore]] = []
    errors = []
    for index, sample in enumerate(held_out):
        yield Progress("comparing", index, len(held_out))
        before = None
        if start is not None:
            before = yield from score_sample(start, sample, config)
        after = yield from score_sample(trained, sample, config)
        error_map = _error_map(before, after, sample, config)
        errors.append(SampleErrors(sample.name, sample.image, error_map, sample.origin))
        both.append((before, after))
    old = _figures([before for before, _ in both if before is not None])
    found = pooled_figures([after for _, after in both])
    new = figures(found) or None
    validation = trained.about.get("validation", {})
    said = kept_in_words(validation, run.records()) if which == "best" else ""
    if not said or validation["epoch"]:
        remembered = yield from remembered_steps(run, config, trained)
        learnt, kept = (run.sample_names(validation=each) for each in (False, True))
        judged = verdict(old, new, len(held_out), part=is_part(learnt, kept))
        classes = (classes_of(each, config) for each in run.samples(validation=False))
        doubtful = doubts(found, trained.config.classes, classes)
        said = " ".join(filter(None, (judged, said, doubtful, remembered)))
    return Comparison(old, new, said, tuple(errors))


def _start(config: RunConfig) -> Model | None:
    try:
        return start_model(config)
    except UserError:
        return None


def verdict(
    before: dict[str, float] | None,
    after: dict[str, float] | None,
    count: int,
    *,
    part: bool = False,
) -> str:
    """Say in plain words whether a model is better than its start, and which figures fell.

    It is judged by what picks the epoch: ``ap``, or ``dice`` in a run of classes.

    Parameters
    ----------
    before, after
        As in `Comparison`.
    count
        Number of held-out samples.
    part
        Whether that is a part of an image, see `is_part`.
    """
    if not after:
        return (
            "No image was held out, so nothing can be said about how good the model is: "
            "annotate one more image, or more objects."
        )
    nothing = _next_to_nothing(after)
    on = "the part held out" if part else counted(count, "held-out image")
    if not before:
        said = f"{nothing}, judged by" if nothing else "Judged by"
        said += f" {_judge(after)}: {_score(after):.2f} on {on}. "
        said += "There is no model to compare it to."
        return f"{said} {_MORE}" if nothing else said
    word = _word(before, after)
    alike = f"{_score(after):.2f}" == f"{_score(before):.2f}" and word != "No better than"
    now, then = (f"{_score(each):.{3 if alike else 2}f}" for each in (after, before))
    told = f"{nothing}, {word[0].lower()}{word[1:]}" if nothing else word
    said = f"{told} the model it started from, judged by {_judge(after)}: "
    said += f"{now} on {on}, {then} before.{_fallen(before, after)}"
    if word == "Worse than":
        said += " Keep using the model it started from, or annotate more and train again."
    elif nothing:
        said += f" {_MORE}"
    return said


def _next_to_nothing(figures: dict[str, float]) -> str:
    """Say so where a model finds none of what is held out, or next to none; else nothing."""
    score, what = _score(figures), "objects" if "ap" in figures else "area"
    if score >= _ALIKE:
        return ""
    return f"It finds {'next to ' if score else ''}none of the {what} held out"


def _word(before: dict[str, float], after: dict[str, float]) -> str:
    """Return how a model compares with its start.

    Both were judged on the same objects, so what is lower in all figures is not so by chance.
    """
    gain = _score(after) - _score(before)
    if abs(gain) < _ALIKE:
        return "No better than"
    shared = [key for key in NAMES if key in before and key in after]
    rose = any(after[key] - before[key] >= _ALIKE for key in shared)
    if gain < 0 and not (rose and _score(after) >= _ALIKE):
        return "Worse than"
    if abs(gain) <= before.get("standard_error", 0.0):
        return "Within chance as good as"
    return "Better than" if gain > 0 else "Worse than"


def _judge(figures: dict[str, float]) -> str:
    if "ap" in figures:
        return "mean AP (objects found, and how well their outlines fit)"
    return "Dice (the area that is right)"


def _score(figures: dict[str, float]) -> float:
    return figures["ap" if "ap" in figures else "dice"]


def _fallen(before: dict[str, float], after: dict[str, float]) -> str:
    """Name the figures that are worse than before, but for what is judged, which is said."""
    judged = "ap" if "ap" in after else "dice"
    fallen = [
        f"{name} from {before[key]:.2f} to {after[key]:.2f}"
        for key, name in NAMES.items()
        if key in before and key in after and key != judged
        if after[key] - before[key] <= -_ALIKE and f"{after[key]:.2f}" != f"{before[key]:.2f}"
    ]
    return f" These fell: {', '.join(fallen)}." if fallen else ""


def _error_map(
    before: SampleScore | None, after: SampleScore, sample: Sample, config: RunConfig
) -> NDArray[np.uint8]:
    labels, ignored = sample.annotated(config.ignored_label)
    old = None if before is None else before.found
    if config.semantic:
        return class_error_map(old, after.found, labels, ignored)
    ignored = uncounted(after.found, sample.labels, ignored)
    return object_error_map(old, after.found, labels, ignored)


def _figures(scores: Sequence[SampleScore]) -> dict[str, float] | None:
    return figures(pooled_figures(scores)) if scores else None
