"""What to ask for instead where a model does not fit an image."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_unet.core.decoding.fit import GENERAL, Fit, fits_best
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.best_model import (
    Best,
    best_model_steps,
    chosen_steps,
    each_colour,
    exchange_fits_steps,
    is_colour,
)
from napari_unet.nn.prediction.fit import fit_steps
from napari_unet.storage.model_header import AUTO


@dataclass(frozen=True)
class Proposal:
    """How well a model fits an image, and what to ask for instead.

    Parameters
    ----------
    fit
        How well it fits as asked.
    better
        The request with dark and bright exchanged, where the model fits that; None otherwise.
    other
        A bundled model that fits, with the same channels, with all, or with one colour; None if
        there is none.
    """

    fit: Fit
    better: SegmentRequest | None = None
    other: Best | None = None


@dataclass(frozen=True)
class Looked:
    """What is to be said of an image before it is segmented.

    Parameters
    ----------
    model
        Name of the model that looked at it.
    request
        With which channels.
    proposal
        How well it fits, and what to ask for instead.
    instead
        Whether one colour was looked at, as the model does not see colours.
    resort
        A sentence where the model was chosen for want of a better one; otherwise nothing.
    """

    model: str
    request: SegmentRequest
    proposal: Proposal
    instead: bool = False
    resort: str = ""

    @property
    def told(self) -> str:
        """Why labels may be wrong; empty where the model fits."""
        return " ".join(filter(None, (self.resort, self.proposal.fit.told)))


def looked_steps(
    image: Any, model: str | Path, request: SegmentRequest, *, colours: bool = False
) -> Steps[Looked | None]:
    """Look at an image before it is segmented.

    Parameters
    ----------
    image, model, request
        As for `napari_unet.segment`.
    colours
        Whether single colours are looked at, too, where the model does not look at all of them, or
        does not fit them.

    Yields
    ------
    Progress of the quick pass.

    Returns
    -------
    None where the image cannot be segmented as it is asked for: why, segmenting it will say.
    """
    looks = list[Looked]()
    for asked in (request, *(_colours(image, model, request) if colours else ())):
        try:
            chosen = yield from chosen_steps(image, model, asked)
            found, seen = chosen.model, chosen.request
            proposal = yield from propose_steps(image, found, seen, chosen=chosen.automatic)
        except UserError:
            continue
        resort = fits_best(found.name) if chosen.automatic and found.name == GENERAL else ""
        looks.append(Looked(found.name, seen, proposal, asked is not request, resort))
        if not proposal.fit.doubtful:
            break
    return min(looks, key=lambda each: each.proposal.fit.doubts, default=None)


def _colours(image: Any, model: str | Path, request: SegmentRequest) -> list[SegmentRequest]:
    """Return what else may be asked for of a colour image: of stained tissue, red shows most."""
    if alone := each_colour(image, request):
        return [] if model == AUTO else alone  # it has looked at each
    return [request.replace(channels=(0,))] if is_colour(image, request) else []


def propose_steps(
    image: Any, model: Model, request: SegmentRequest, *, chosen: bool = False
) -> Steps[Proposal]:
    """Tell how well a model fits an image, and what would fit better.

    Parameters, progress and errors are those of `fit_steps`; a model that was chosen would be
    chosen anew.
    """
    fit = yield from fit_steps(image, model, request)
    if not fit.doubtful and not (chosen and model.name == GENERAL):
        return Proposal(fit)
    other = (yield from _other_model(image, request)) if fit.doubtful else None
    turned = chosen and (yield from exchange_fits_steps(image, request))
    if fit.doubtful and not turned:
        turned = (yield from fit_steps(image, model, request.exchanged)).doubts < fit.doubts / 2
    return Proposal(fit, request.exchanged if turned else None, other)


def _other_model(image: Any, request: SegmentRequest) -> Steps[Best | None]:
    """Return a bundled model that fits the channels that are asked for, or all; or nothing.

    `GENERAL` is the last resort.
    """
    resort: Best | None = None
    for asked in dict.fromkeys((request, request.replace(channels=()))):
        try:
            best = yield from best_model_steps(image, asked)
        except UserError:  # none of them takes such an image
            continue
        if best.fit.found and not best.fit.doubtful:
            if best.name != GENERAL:
                return best
            resort = best
    return resort
