"""An image brought to the size that a model knows, and the sentence that says so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from napari_unet.core.config import SizeConfig, TileConfig
from napari_unet.core.decoding.segmentation import SizeMatch
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes, factors, resized
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.resample import Resampled
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.words import counted
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.quick_pass import ENOUGH, FoundSize, found_size, sureness

_CLOSE = 1.3
"""Objects this much smaller or larger than those that a model knows need not be brought to them."""
_MANY = 2.0
"""How many times as large objects are in some images as in others, if a model knows many sizes."""
_NO_SURER = "The model is surer of what it finds at the image's own size, which is kept."
_NOTHING = "A quick pass found no objects to measure, so the image keeps its size."


@dataclass(frozen=True)
class Matched:
    """An image at the size at which a network sees it.

    Parameters
    ----------
    planes
        The planes as they were, or a `Resampled`.
    match
        By what, and the sentence that says so.
    """

    planes: Planes
    match: SizeMatch = field(default_factory=SizeMatch)


def matched_steps(
    planes: Planes,
    model: Model,
    config: SizeConfig,
    pixel: tuple[float, ...] | None,
    tiles: TileConfig,
) -> Steps[Matched]:
    """Bring an image to the size that a model knows; nothing is computed before it is read.

    Parameters
    ----------
    planes
        The image.
    model, config
        What it shall fit, and how. ``"automatic"`` shows the image as those of the training were
        seen where the model does not know the size of its objects, and where it cannot tell that
        of the image's.
    pixel
        Size of the image's pixels in µm along the spatial axes; None for unknown.
    tiles
        Where the quick pass runs, if there must be one.

    Yields
    ------
    Progress of the quick pass.

    Raises
    ------
    UserError
        As in `factors`; where the size is matched automatically, for a stated diameter only.
    """
    known, ndim = model.sizes, model.config.ndim
    automatic = config.match == "automatic"
    if config.match == "off" or (automatic and known.object is None):
        return _usual(planes, model) if automatic else Matched(planes)
    match = "object size" if automatic else config.match
    image = Sizes(pixel, config.diameter or known.object)
    by = factors(match, known, image, ndim)
    if match == "pixel size" or config.diameter:
        return _resampled(planes, by, "" if match == "pixel size" else _about(image.object))
    yield Progress("measuring")
    found = found_size(planes, model, pixel, tiles)
    if found is None:
        return _usual(planes, model) if automatic else Matched(planes, SizeMatch(told=_NOTHING))
    if automatic and _is_usual(found.diameter, known):
        return _usual(planes, model)
    if automatic and (doubt := _doubt(found, model, pixel)):
        return _usual(planes, model, doubt)
    image = replace(image, object=found.diameter)
    there = _resampled(planes, factors(match, known, image, ndim), _about(found.diameter))
    return _surer(there, planes, model, tiles) if automatic and _one_size(known) else there


def _surer(there: Matched, planes: Planes, model: Model, tiles: TileConfig) -> Matched:
    """Return an image at another size, or as usual if the network is surer of what it finds there.

    One that has learnt from few images sees large objects in much reduced images, too. Fine-tuned
    on four images of phase contrast, it took cells of 55 px for 124: AP at .5 .21, as usual .44.
    Of one that knows many sizes the estimate is better than this: `nuclei` on its 45 validation
    images at twice their size has .82 with it, and .79 where the surer size is taken.
    """
    here = _usual(planes, model, _NO_SURER)
    sure, other = (sureness(each.planes, model, tiles) for each in (here, there))
    return here if sure > other else there


def _one_size(known: Sizes) -> bool:
    """Tell whether a model has learnt from images whose objects are about as large in all."""
    return known.spread is None or known.spread[1] < _MANY * known.spread[0]


def _doubt(found: FoundSize, model: Model, pixel: tuple[float, ...] | None) -> str:
    """Return a sentence if an estimate is better not followed, otherwise nothing."""
    kept = f"so the image keeps its size; the model knows objects of {model.sizes.object:.3g} px."
    if found.count < ENOUGH:
        told = counted(found.count, "object")
        return f"Only {told} could be measured, of about {found.diameter:.3g} px, {kept}"
    try:
        factors("object size", model.sizes, Sizes(pixel, found.diameter), model.config.ndim)
    except UserError:
        return f"Objects seem to be about {found.diameter:.3g} px, which is hard to believe, {kept}"
    return ""


def _is_usual(diameter: float, known: Sizes) -> bool:
    """Tell whether objects are as large as in images that need no more than the model's own.

    A model that has learnt from images of many sizes knows them all, the largest less surely, since
    they fall to pieces. Measured with `nuclei` on 20 images at seven sizes each: images from .4 to
    1.75 times of what it knows lose by being resampled (mean AP .04 at twice their size), others
    gain; this rule gives .35 to 1.83 for it.
    """
    usual = known.object or 0.0
    low, high = known.spread or (usual, usual)
    by = known.working or (1.0,)
    seen = diameter * math.prod(by) ** (1 / len(by))
    return min(usual, low) / _CLOSE <= seen <= max(usual * _CLOSE, high / _CLOSE)


def _usual(planes: Planes, model: Model, told: str = "") -> Matched:
    """Return an image as the model's training images were seen: mostly at its own size."""
    by = model.sizes.working or (1.0,) * model.config.ndim
    strides = [axis.stride for axis in model.network.geometry]
    size = resized(planes.spatial, by)
    if size == planes.spatial or any(a < b for a, b in zip(size, strides, strict=True)):
        return Matched(planes, SizeMatch(told=told))
    return at_size(planes, by, "As in training, ")


def at_size(planes: Planes, by: Sequence[float], about: str = "") -> Matched:
    """Return an image at so many pixels per pixel.

    Parameters
    ----------
    planes
        The image.
    by
        One number per spatial axis; empty for its own size.
    about
        Begin of the sentence that says so.
    """
    return _resampled(planes, tuple(by), about) if by else Matched(planes)


def _about(diameter: float | None) -> str:
    return f"Objects are about {diameter:.3g} px: "


def _resampled(planes: Planes, by: tuple[float, ...], about: str) -> Matched:
    size = resized(planes.spatial, by)
    if size == planes.spatial:
        return Matched(planes)
    times = " x ".join(f"{each:.2g}" for each in (by if len(set(by)) > 1 else by[:1]))
    told = f"{about}the image was segmented at {times} of its size."
    told = told[0].upper() + told[1:]
    real = tuple(new / old for new, old in zip(size, planes.spatial, strict=True))
    return Matched(Resampled.of(planes, size), SizeMatch(real, told))
