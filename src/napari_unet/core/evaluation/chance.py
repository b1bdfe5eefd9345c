"""How far a score may be off by chance, for it was measured on some objects only.

A training keeps the latest epoch whose score lies within one standard error of the best, the
*one standard error rule* of Breiman, Friedman, Olshen and Stone (Classification and Regression
Trees, 1984): the highest of many scores on a few objects is high by luck, and later epochs have
learnt for longer, with smaller steps. The model that a training starts from is none of many, so an
epoch takes its place only with a higher score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from napari_unet.core.evaluation.report import ClassReport, Matching


def ap_error(matchings: Sequence[Matching]) -> float:
    """Return the standard error of the mean AP.

    Each object that is there or is found is a trial. Their share is taken with two hits and two
    misses more (Agresti and Coull, The American Statistician 52, 1998), as a share of 0 or 1 would
    have no error however few they are. All thresholds look at the same objects, so the error of
    the mean is the mean of the errors.

    Parameters
    ----------
    matchings
        Those of pooled images at each threshold that the mean is over.
    """
    errors = []
    for each in matchings:
        count = each.tp + each.fp + each.fn + 4
        share = (each.tp + 2) / count
        errors.append(math.sqrt(share * (1 - share) / count))
    return float(np.mean(errors))


def dice_error(parts: Sequence[ClassReport]) -> float:
    """Return the standard error of the mean Dice over classes, by the jackknife over parts.

    Pixels beside each other are no trials of their own, parts of images nearly are.

    Parameters
    ----------
    parts
        Those that together make the images up; 0 comes out of fewer than two that count.
    """
    counts = np.array([(each.both, each.predicted, each.truth) for each in parts], float)
    counts = counts[counts.any(axis=(1, 2))] if len(parts) else counts
    if len(counts) < 2:
        return 0.0
    both, predicted, truth = np.moveaxis(counts.sum(axis=0) - counts, 1, 0)
    area = predicted + truth
    dice = np.divide(2 * both, area, out=np.zeros_like(area), where=area > 0)
    scores = dice.sum(axis=1) / np.maximum(1, (area > 0).sum(axis=1))
    return float(math.sqrt((len(counts) - 1) * scores.var()))


def is_clearly_worse(figures: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether a score is below another by more than the standard error of that one.

    Parameters
    ----------
    figures, other
        With ``score`` and ``standard_error``; never where one of them has no score.
    """
    if figures.get("score") is None or other.get("score") is None:
        return False
    return bool(figures["score"] < other["score"] - other.get("standard_error", 0.0))


def is_no_better(figures: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Tell whether a score is not above another; never where one of them has none, or that is 0.

    So a model has to show that it is better than the one it started from, which was known before
    and is not the highest of many; one that finds nothing has no claim.
    """
    if figures.get("score") is None or not other.get("score"):
        return False
    return bool(figures["score"] <= other["score"])


def kept_in_words(kept: Mapping[str, Any], log: Sequence[Mapping[str, Any]]) -> str:
    """Say which epoch a model is of, or that it is the start; nothing where no score chose it.

    Parameters
    ----------
    kept
        Figures of the model that was kept.
    log
        Those of all epochs.
    """
    scored = [each for each in log if each["epoch"] and each.get("score") is not None]
    if not scored or kept.get("score") is None:
        return ""
    best = max(scored, key=lambda each: each["score"])
    if not kept["epoch"]:
        word = "better" if kept["score"] > best["score"] else "as good"
        return (
            f"The model it started from was {word} on the images held out ({kept['score']:.2f}, "
            f"trained {best['score']:.2f}): it is kept; annotate more or train longer."
        )
    if kept["score"] >= best["score"]:
        return f"Kept is epoch {kept['epoch']}, the best."
    return (
        f"Kept is epoch {kept['epoch']} ({kept['score']:.2f}): as good as the best, epoch "
        f"{best['epoch']} ({best['score']:.2f}), within chance."
    )
