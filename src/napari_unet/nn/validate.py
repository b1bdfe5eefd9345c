"""Validation on whole images, with the very functions that segment them for the user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_unet.core.axes import SPATIAL
from napari_unet.core.config import IGNORE, TileConfig
from napari_unet.core.metrics import evaluate, evaluate_classes
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.report import ClassReport, Report, pool
from napari_unet.nn.model import Model
from napari_unet.nn.run import RunConfig, Sample
from napari_unet.nn.segment import segment


def validate(model: Model, samples: Sequence[Sample], config: RunConfig) -> Steps[dict[str, Any]]:
    """Score a model on the samples kept for validation.

    Returns
    -------
    For instances ``ap50``, ``ap80`` and ``ap`` (the mean over IoU 0.5 to 0.9), pooled over the
    images, ``dice`` per class, and the ``score`` that picks the best model: ``ap``, or the mean
    ``dice`` in a semantic run. Empty without samples.
    """
    axes = "C" + SPATIAL[model.config.ndim]
    tiles = TileConfig(device=config.train.device)
    instances: list[Report] = []
    classes: list[ClassReport] = []
    for index, sample in enumerate(samples):
        yield Progress("validating", index, len(samples))
        found = segment(sample.image, model, axes=axes, tiles=tiles)
        if config.semantic:
            truth, ignore = sample.labels, IGNORE if config.ignore is None else config.ignore
        else:
            labels, ignored = sample.annotated(config.ignore)
            instances.append(evaluate(found.instances, labels, ignore=ignored))
            truth, ignore = np.where(ignored, IGNORE, labels > 0), IGNORE
        count = model.config.num_classes
        classes.append(evaluate_classes(found.semantic, truth, count, ignore_value=ignore))
    return _figures(instances, classes) if classes else {}


def _figures(instances: list[Report], classes: list[ClassReport]) -> dict[str, Any]:
    dice = pool(classes).dice
    known = [value for value in dice if value is not None]
    figures: dict[str, Any] = {"dice": dice, "score": float(np.mean(known)) if known else 0.0}
    if instances:
        pooled = pool(instances)
        mean = float(np.mean([matching.ap for matching in pooled.matchings]))
        figures |= {"ap50": pooled.at(0.5).ap, "ap80": pooled.at(0.8).ap, "ap": mean}
        figures["score"] = mean
    return figures
