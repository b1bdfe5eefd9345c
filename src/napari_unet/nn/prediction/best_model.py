"""Which of the bundled models fits an image best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_unet.core.decoding.advice import Advice
from napari_unet.core.decoding.fit import DOUBTFUL, GENERAL, Fit, fits_best
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import guess_axes
from napari_unet.core.image.channels import RGB
from napari_unet.core.image.grey_colours import grey_channel, is_overlay, one_colour
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.core.words import counted
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.prediction.fit import fit_steps
from napari_unet.storage.model_header import AUTO, bundled_models

_CLEARLY = 0.5
"""Doubts that a model must have less than one that is listed before it."""


_COLOURS = (2,), (1,), (0,)
"""In which order the colours of an overlay are looked at: nuclei are mostly shown in blue."""


@dataclass(frozen=True)
class Best:
    """Name of the bundled model that fits an image best, how well it does, and as what it looks."""

    name: str
    fit: Fit
    request: SegmentRequest

    @property
    def doubts(self) -> float:
        """As `Fit.beside_others`."""
        return self.fit.beside_others


@dataclass(frozen=True)
class Chosen:
    """A model that is ready to be used.

    Parameters
    ----------
    model
        The model.
    request
        What was asked for; of an overlay of colours with the one that the model looks at.
    automatic
        Whether the model had to be chosen.
    told
        A sentence where a colour was chosen, too; otherwise nothing.
    """

    model: Model
    request: SegmentRequest
    automatic: bool = False
    told: str = ""

    @property
    def note(self) -> str:
        """Sentences on what was chosen; empty for nothing."""
        best = fits_best(self.model.name) if self.automatic else ""
        return f"{best} {self.told}".strip()


def chosen_steps(image: Any, model: str | Path | Model, request: SegmentRequest) -> Steps[Chosen]:
    """Return a model that is ready to be used, chosen if it has to be.

    Parameters
    ----------
    image, model, request
        As for `napari_unet.segment`.

    Yields
    ------
    Progress while models are looked at.

    Raises
    ------
    UserError
        If there is no such model, or none takes the image.
    """
    ready = ready_model(model)
    if not isinstance(ready, str):
        return Chosen(ready, request)
    best = yield from best_model_steps(image, request)
    told = "" if best.request == request else one_colour(*best.request.channels)
    return Chosen(load_model(best.name), best.request, automatic=True, told=told)


def ready_model(model: str | Path | Model) -> Model | str:
    """Return a loaded model, or `AUTO` as it is, for it says nothing before there is an image.

    Raises
    ------
    UserError
        If there is no such model.
    """
    if isinstance(model, Model):
        return model
    return AUTO if model == AUTO else load_model(model)


def is_colour(image: Any, request: SegmentRequest) -> bool:
    """Tell whether all channels of an image are looked at, and are those of a colour.

    They are last, and one of them alone does not hold all there is.

    Parameters
    ----------
    image, request
        As for `napari_unet.segment`.
    """
    axes = _axes(image, request)
    last = axes.upper().endswith("C") and not request.channels
    return last and grey_channel(image, axes) is None


def each_colour(image: Any, request: SegmentRequest) -> list[SegmentRequest]:
    """Return a request for each colour alone, the likeliest first; none if it is no overlay.

    Parameters
    ----------
    image, request
        As for `napari_unet.segment`.
    """
    if not is_colour(image, request) or not is_overlay(image, _axes(image, request)):
        return []
    return [request.replace(channels=each) for each in _COLOURS]


def _axes(image: Any, request: SegmentRequest) -> str:
    return request.axes or guess_axes(image.shape, 2, 3)


def is_deep(request: SegmentRequest) -> bool:
    """Tell whether an image is said to be a volume; a guess is not enough, for it may be a movie.

    Parameters
    ----------
    request
        As for `napari_unet.segment`.
    """
    return "Z" in (request.axes or "").upper()


def best_model_steps(image: Any, request: SegmentRequest) -> Steps[Best]:
    """Return the bundled model that fits an image best.

    Of a volume, models that see volumes come before those that see planes. A model of several
    channels looks at colours, not at a fluorophore in each: of these, models of one channel look at
    each alone. `GENERAL` is looked at where the labels of all others are doubtful. Where none takes
    the image, the error is that of the first, or of the channels.

    Parameters, progress and errors are those of `chosen_steps`.
    """
    best: Best | None = None
    refused: UserError | None = None
    for name, model, asked in _candidates(image, request):
        if name == GENERAL and best and best.doubts <= DOUBTFUL:
            break
        yield Progress("choosing a model")
        try:
            found = Best(name, (yield from fit_steps(image, model, asked)), asked)
        except UserError as error:
            refused = refused or error
            continue
        if best is None or found.doubts < best.doubts - _CLEARLY:
            best = found
        if best.doubts <= _CLEARLY:  # no other can have clearly fewer
            break
    if best is None:
        raise _refusal(image, request, refused)
    return best


def _refusal(image: Any, request: SegmentRequest, refused: UserError | None) -> UserError:
    """Return why no model takes an image, without a word of one that nobody has chosen."""
    if refused is None:
        return UserError("There is no bundled model: choose a model file.")
    if "channels" not in refused.about:
        return refused
    axes = _axes(image, request).upper()
    count = len(request.channels) or image.shape[axes.index("C")]
    subject = "{} are chosen" if request.channels else "The image has {}"
    colours = _models_of_colours() if count == len(RGB) else []
    ways = ["choose which, counted from 0"]
    if colours:
        ways.append(
            "if they are the red, green and blue of one picture, choose the model "
            f"{' or '.join(colours)}"
        )
    if "axes" in refused.about:
        ways.append(
            "if they are planes or frames that were taken for channels, say which axis is which"
        )
    return UserError(
        f"{subject.format(counted(count, 'channel'))}, but the model that fits best is found for "
        f"one alone: {', or, '.join(ways)}.",
        about=", ".join([refused.about, *["model"] * bool(colours)]),
    )


def _models_of_colours() -> list[str]:
    return [name for name in bundled_models() if load_model(name).config.in_channels == len(RGB)]


def exchange_fits_steps(image: Any, request: SegmentRequest) -> Steps[bool]:
    """Tell whether a bundled model is meant for an image with dark and bright exchanged.

    Parameters, progress and errors are those of `chosen_steps`.
    """
    best = yield from best_model_steps(image, request.exchanged)
    return best.name != GENERAL and best.fit.found and not best.fit.doubtful


def resort_advice_steps(image: Any, chosen: Chosen) -> Steps[Advice]:
    """Return what to try where `GENERAL` was chosen, for want of a model that is meant for it.

    Parameters
    ----------
    image
        As for `napari_unet.segment`.
    chosen
        The model, and what it was chosen for.

    Yields
    ------
    Progress while models are looked at.
    """
    request, resort = chosen.request, chosen.automatic and chosen.model.name == GENERAL
    if resort and (yield from exchange_fits_steps(image, request)):
        return Advice.exchange(exchanged=request.grey.invert)
    return Advice()


def _candidates(image: Any, request: SegmentRequest) -> Iterator[tuple[str, Model, SegmentRequest]]:
    """Yield the bundled models that may be meant for an image, and as what they look at it."""
    colour, deep = is_colour(image, request), is_deep(request)
    alone = each_colour(image, request) or [request]
    models = {name: load_model(name) for name in bundled_models()}
    order = sorted(models.items(), key=lambda each: (each[0] == GENERAL, -each[1].config.ndim))
    for name, model in order:
        if (deep or model.config.ndim == len("YX")) and (colour or model.config.in_channels == 1):
            for asked in alone if model.config.in_channels == 1 else [request]:
                yield name, model, asked
