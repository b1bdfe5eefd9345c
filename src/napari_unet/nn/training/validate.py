"""Validation on whole images, with the very functions that segment them for the user."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import product
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import IGNORE, TileConfig
from napari_unet.core.decoding.known import Known
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.evaluation.chance import ap_error, dice_error
from napari_unet.core.evaluation.doubts import floods
from napari_unet.core.evaluation.metrics import compare, evaluate_classes
from napari_unet.core.evaluation.reach import uncounted
from napari_unet.core.evaluation.report import ClassReport, Report, pool
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.instances.labels import class_image
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.model import Model, load_model, widened
from napari_unet.nn.prediction.segment import segment_steps
from napari_unet.nn.training.distributed import SINGLE_PROCESS, SingleProcess
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample

_THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.9)
_MEAN_OF = (0.5, 0.6, 0.7, 0.8, 0.9)
"""IoU thresholds that are reported, and those that ``ap`` is the mean over."""
_BLOCKS = 4
"""Parts of an image along each axis that chance is judged by where there are no objects."""


@dataclass(frozen=True)
class SampleScore:
    """What a model found in a sample, and how well.

    Parameters
    ----------
    found
        Instances, or classes in a semantic run, integers ``(*spatial)``.
    instances
        How the instances agree with the sample's; None in a semantic run.
    classes
        How the classes agree; None if the model knows other classes than the run.
    seen
        What the network made of the image; where it floods it, ``covered`` is what was painted.
    blocks
        In a semantic run, how the classes agree in each block of the image.
    flooded
        Whether nearly everything is called an object, see `floods`.
    """

    found: NDArray[Any]
    instances: Report | None
    classes: ClassReport | None
    seen: Seen = Seen()
    blocks: tuple[ClassReport, ...] = ()
    flooded: bool = False


@dataclass(frozen=True)
class Validation:
    """The figures of `validate`, and what was found in the first sample; None without samples."""

    figures: dict[str, Any]
    first: NDArray[Any] | None


def validate(
    model: Model,
    samples: Sequence[Sample],
    config: RunConfig,
    together: SingleProcess = SINGLE_PROCESS,
) -> Steps[Validation]:
    """Score a model on the samples kept for validation; several processes share them out.

    Returns
    -------
    With the figures of `pooled_figures`.
    """
    mine = range(together.rank, len(samples), together.count)
    shares = yield from together.everyone(_scored(model, samples, mine, config))
    places = (divmod(index, together.count) for index in range(len(samples)))
    scores = [shares[rank][place] for place, rank in places]
    return Validation(pooled_figures(scores), scores[0].found if scores else None)


def _scored(
    model: Model, samples: Sequence[Sample], mine: Sequence[int], config: RunConfig
) -> Steps[list[SampleScore]]:
    """Judge some of the samples; what was found is kept of the first of all."""
    scores: list[SampleScore] = []
    for index in mine:
        here = Progress("validating", index, len(samples))
        each = yield from _shown_as(here, score_sample(model, samples[index], config))
        found = each.found if index == 0 else each.found[..., :0]
        scores.append(replace(each, found=found))
    return scores


def score_sample(model: Model, sample: Sample, config: RunConfig) -> Steps[SampleScore]:
    """Segment a sample and compare what was found with what was painted, but for ignored pixels.

    Raises
    ------
    Stop
        When the user wants to stop.
    """
    tiles = TileConfig(device=config.train.device)
    axes = "C" + SPATIAL[model.config.ndim]
    by = config.working or (1.0,) * model.config.ndim
    smallest = (axis.smallest for axis in model.network.geometry)
    least = [ceil(pixels / factor) for pixels, factor in zip(smallest, by, strict=True)]
    image = _mirrored(sample.image, least)
    # a network that has hardly begun to learn would guess any size, and that of the sample is known
    request = SegmentRequest(axes=axes, tiles=tiles)
    found = yield from segment_steps(image, model, request, config.working)
    whole = tuple(map(slice, sample.image.shape[1:]))
    instances, semantic = found.instances[whole], found.semantic[whole]
    labels, ignored = sample.annotated(config.ignored_label)
    if config.semantic:
        truth = np.where(ignored, IGNORE, labels.astype(np.int64))
    else:
        of = class_image(labels, sample.classes, config.model.num_classes)
        truth = np.where(ignored, IGNORE, of)
    count = model.config.num_classes
    comparable = count == config.model.num_classes
    classes = evaluate_classes(semantic, truth, count) if comparable else None
    seen, painted = found.seen, _painted(sample, config)
    flooded = classes is not None and floods(classes, seen.covered, painted)
    return SampleScore(
        found=semantic if config.semantic else instances,
        instances=None if config.semantic else _agreement(instances, labels, sample, ignored),
        classes=classes,
        seen=replace(seen, covered=painted) if flooded else seen,
        blocks=_blocks(semantic, truth, count) if config.semantic and comparable else (),
        flooded=flooded,
    )


def _agreement(
    found: NDArray[Any], labels: NDArray[Any], sample: Sample, ignored: NDArray[np.bool_]
) -> Report:
    ignored = uncounted(found, sample.labels, ignored)
    return compare(found, labels, ignore=ignored, thresholds=_THRESHOLDS)


def _painted(sample: Sample, config: RunConfig) -> float:
    """Return the share of an image that is painted as objects, whether it counts or not."""
    labels = sample.labels
    return float(np.mean((labels > 0) & (labels != config.ignored_label)))


def _blocks(
    semantic: NDArray[Any], truth: NDArray[Any], num_classes: int
) -> tuple[ClassReport, ...]:
    """Compare classes in each block of an image, of any number of axes."""
    ends = [np.linspace(0, size, _BLOCKS + 1).astype(int) for size in truth.shape]
    windows = product(*(map(slice, end[:-1], end[1:]) for end in ends))
    return tuple(evaluate_classes(semantic[each], truth[each], num_classes) for each in windows)


def _mirrored(image: NDArray[Any], least: Sequence[int]) -> NDArray[Any]:
    """Return an image that is mirrored at its ends where the network needs more, as in training."""
    short = (max(0, size - there) for size, there in zip(least, image.shape[1:], strict=True))
    return np.pad(image, [(0, 0), *((0, more) for more in short)], mode="reflect")


def pooled_figures(scores: Sequence[SampleScore]) -> dict[str, Any]:
    """Return the figures of several samples together.

    Returns
    -------
    For instances ``ap50``, ``ap75``, ``ap80`` and ``ap`` (the mean over IoU 0.5 to 0.9), ``dice``
    and ``recall`` per class, and the ``score`` that picks the best model, with its
    ``standard_error``: ``ap``, or the mean ``dice`` in a semantic run; what `Known` notes of the
    images; and how many are ``flooded``, if any. Empty without samples.
    """
    instances = [each.instances for each in scores if each.instances is not None]
    classes = [each.classes for each in scores if each.classes is not None]
    flooded = sum(each.flooded for each in scores)
    figures: dict[str, Any] = {"flooded": flooded} if flooded else {}
    usual = Known.of([each.seen for each in scores])
    if usual != Known():
        figures |= usual.to_dict()
    if classes:
        agreement = pool(classes)
        dice, recall = list(agreement.dice), list(agreement.recall)
        known = [value for value in dice if value is not None]
        blocks = [block for each in scores for block in each.blocks]
        figures |= {"dice": dice, "recall": recall}
        figures |= {"score": float(np.mean(known)) if known else 0.0}
        figures |= {"standard_error": dice_error(blocks)}
    if instances:
        pooled = pool(instances)
        counted = [pooled.at(threshold) for threshold in _MEAN_OF]
        mean = float(np.mean([each.ap for each in counted]))
        figures |= {f"ap{100 * at:.0f}": pooled.at(at).ap for at in (0.5, 0.75, 0.8)}
        figures |= {"ap": mean, "score": mean, "standard_error": ap_error(counted)}
    return figures


def start_model(config: RunConfig) -> Model | None:
    """Return the model that a run starts from; None if there is none that can be compared."""
    if config.start_from is None:
        return None
    model = widened(load_model(config.start_from), config.model.in_channels)
    other = model.config.num_classes != config.model.num_classes
    return None if config.semantic and other else model


def _shown_as(here: Progress, steps: Steps[SampleScore]) -> Steps[SampleScore]:
    """Yield one and the same progress at every step of some work, and return its result."""
    with closing(steps):
        while True:
            try:
                next(steps)
            except StopIteration as end:
                score: SampleScore = end.value
                return score
            yield here
