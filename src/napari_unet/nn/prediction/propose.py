"""What to ask for instead where a model does not fit an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from napari_unet.core.config import GreyConfig
from napari_unet.core.decoding.fit import Fit
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.best_model import best_model_steps
from napari_unet.nn.prediction.fit import fit_steps


@dataclass(frozen=True)
class Proposal:
    """How well a model fits an image, and what to ask for instead.

    Parameters
    ----------
    fit
        How well it fits as asked.
    better
        The request with dark and bright exchanged, where the model fits that; None otherwise.
    model
        Name of a bundled model that fits, with the same channels or all; empty if there is none.
    """

    fit: Fit
    better: SegmentRequest | None = None
    model: str = ""


def propose_steps(image: Any, model: Model, request: SegmentRequest) -> Steps[Proposal]:
    """Tell how well a model fits an image, and what would fit better.

    Parameters, progress and errors are those of `fit_steps`.
    """
    fit = yield from fit_steps(image, model, request)
    if not fit.told:
        return Proposal(fit)
    other = yield from _other_model(image, request)
    exchanged = request.replace(grey=GreyConfig(invert=not request.grey.invert))
    turned = yield from fit_steps(image, model, exchanged)
    return Proposal(fit, exchanged if turned.doubts < fit.doubts / 2 else None, other)


def _other_model(image: Any, request: SegmentRequest) -> Steps[str]:
    """Return a bundled model that fits the channels that are asked for, or all; or nothing."""
    for asked in dict.fromkeys((request, request.replace(channels=()))):
        try:
            best = yield from best_model_steps(image, asked)
        except UserError:  # none of them takes such an image
            continue
        if best.fit.found and not best.fit.told:
            return best.name
    return ""
