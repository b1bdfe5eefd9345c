"""An image brought to the size that a model knows, and the sentence that says so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from napari_unet.core.config import SizeConfig, TileConfig
from napari_unet.core.decoding.segmentation import SizeMatch
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes, factors, resized, unlike_pixels
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.resample import Resampled
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.words import counted
from napari_unet.nn.model import Model
from napari_unet.nn.prediction.quick_pass import ENOUGH, FoundSize, Look, found_size, look

_CLOSE = 1.3
"""Objects this much smaller or larger than those that a model knows need not be brought to them."""
_UNLIKE = 1.9
"""Pixels so many times longer or shorter along an axis than those of the training, as planes that
lie farther apart, are tried at the known shape, too; it is followed where the network is surer.

Of `nuclei-3d` and five embryos AP at .5 is .90 with all planes, with every second .83 (as they are
.57), third .66 (.40), and fifth .30 (.15). The ovule of its sample, 1.9 times, is better as it is.
"""
_FAR = 2.5
"""From so many times on it is told that objects may be joined or missed all the same."""
_CLEARLY = 0.03
"""How much surer a network is of the usual size than of another, if that is not to be followed.

Networks see large objects in much reduced images, most of all those that have learnt from few.
Fine-tuned on four images of phase contrast, one took cells of 55 px for 124: AP at .5 .21, as usual
.44. An earlier `nuclei` on its 45 validation images at twice their size had .82 with this, and .79
with 0.
"""
_ONE_IMAGE = 0.05
"""How much less sure a network may be of an image than of the only one that it was validated on.

Of 17 networks that had learnt from two to eight images of tissue, phase contrast and nerve the mean
AP at .5 is .502 with it and .485 without: one saw 19 large objects in an image of 112 small nuclei,
of which it was as good as sure, AP .05 for .46. On images of the bundled models nothing changes.
"""
_FEW, _SURER_OF_FEW, _ALIKE = 3, 0.05, 2.0
"""Models that were validated on fewer images must be this much surer of another size, if they see
objects less than this many times smaller or larger than they know.

Of 32 networks that had learnt from one to eight images, of cells in phase contrast or of stained
tissue, the mean AP at .5 on others was .488 and .452 with it, and .418 and .457 without: trained on
cells of 52 to 69 px, they find cells of 38 px best as they are seen. At half the size they see
objects that are at least twice as small, and follow: .35, where it was .08 as they were.
"""
_SMALL, _CLEAR = 0.62, 0.72
"""Objects this much smaller than those that a model knows are looked at enlarged to this, too."""
_SURE = 0.01
"""How much surer a network must be of them there.

An earlier `nuclei` on its 45 validation images, with both rules on small objects and without: at
half their size AP at .5 and .7 were .773 and .630, and .721 and .557; at their own size .860 and
.735, and .862 and .744. Nothing changes on those of the models of tissue, phase contrast and
volumes.
"""
_MOST = 4.0
"""Times as many pixels that an image may get by itself: more are only blurred. With it the same
images at .35 of their size had an AP at .5 of .73, and .67 without."""
_SURER = "The model is surer of what it finds at the image's usual size, which is kept."
_HARDLY = (
    "The model knows few images, and is hardly surer of what it finds at another size than at the "
    "image's usual one, which is kept."
)
_UNKNOWN = (
    "This model does not know the size of its objects, so the diameter changes nothing: leave it "
    "away, or give another model."
)
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
        told = _UNKNOWN if config.diameter else ""
        return _usual(planes, model, told) if automatic else Matched(planes)
    match = "object size" if automatic else config.match
    image = Sizes(pixel, config.diameter or known.object)
    by = factors(match, known, image, ndim)
    if match == "pixel size" or config.diameter:
        return _resampled(planes, by, "" if match == "pixel size" else _about(image.object))
    yield Progress("measuring")
    if automatic:
        return _automatic(planes, model, pixel, tiles)
    found = found_size(planes, model, pixel, tiles)
    if found is None:
        return Matched(planes, SizeMatch(told=_NOTHING))
    return _to_the_known(planes, model, pixel, found)


def _automatic(
    planes: Planes, model: Model, pixel: tuple[float, ...] | None, tiles: TileConfig
) -> Matched:
    """Return an image as usual, unless its objects are clearly smaller or larger."""
    usual = _usual(planes, model)
    seen = look(usual.planes, model, tiles)
    shaped = _shaped(planes, model, pixel)
    if shaped:
        again = look(shaped.planes, model, tiles)
        if again.sureness > seen.sureness:
            usual, seen = shaped, again
    known = _looks_known(seen, model)
    if known and not _looks_larger(seen, model):
        return _clearer(planes, model, usual, seen, tiles)
    found = found_size(planes, model, pixel, tiles)
    if found is None or _is_usual(found.diameter, model.sizes):
        return _clearer(planes, model, usual, seen, tiles)
    doubt = _doubt(found, model, pixel)
    if not doubt:
        there = _to_the_known(planes, model, pixel, found, _MOST)
        gain = look(there.planes, model, tiles).sureness - seen.sureness
        if gain >= _gain(seen, model):
            return there
        doubt = _SURER if gain < 0 else _HARDLY
    # of an image that looks as usual nobody wants to know
    told = usual.match.told if known or usual.match.by else doubt
    return replace(usual, match=replace(usual.match, told=told))


def _gain(seen: Look, model: Model) -> float:
    """Return how much surer a network must be of another size than of the usual, to follow it."""
    known, found = model.sizes.object or 0.0, seen.found
    few = 0 < model.known.images < _FEW
    if few and found and known / _ALIKE < found.diameter < known * _ALIKE:
        return _SURER_OF_FEW
    return -_CLEARLY


def _clearer(
    planes: Planes, model: Model, usual: Matched, seen: Look, tiles: TileConfig
) -> Matched:
    """Return an image as usual, or enlarged where the network is surer of its small objects."""
    known, found = model.sizes.object or 0.0, seen.found
    if found is None or found.count < ENOUGH or found.diameter >= _SMALL * known:
        return usual
    ndim = model.config.ndim
    own = usual.match.by or (1.0,) * ndim
    times = min(_CLEAR * known / found.diameter, _MOST ** (1 / ndim))
    diameter = found.diameter / math.prod(own) ** (1 / ndim)
    there = _resampled(planes, tuple(times * by for by in own), _about(diameter))
    surer = look(there.planes, model, tiles).sureness > seen.sureness + max(
        _SURE, _gain(seen, model)
    )
    return there if surer else usual


def _to_the_known(
    planes: Planes,
    model: Model,
    pixel: tuple[float, ...] | None,
    found: FoundSize,
    most: float = math.inf,
) -> Matched:
    """Return an image with its objects as large as a model knows them, or nearly.

    It gets at most so many times the pixels.
    """
    image = Sizes(pixel, found.diameter)
    by = factors("object size", model.sizes, image, model.config.ndim)
    return _resampled(planes, _at_most(by, most), _about(found.diameter))


def _at_most(by: Sequence[float], most: float) -> tuple[float, ...]:
    """Return factors of the same shape that give an image at most so many times its pixels."""
    less = min(1.0, most / math.prod(by)) ** (1 / len(by))
    return tuple(less * each for each in by)


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


def _looks_known(seen: Look, model: Model) -> bool:
    """Tell whether a model finds what it knows, and is as sure of it as of images that it knows.

    Such an image is not measured. With a model of stained tissue, that of the images that it was
    validated on is wrong in nine of twelve: AP at .5 .29, at their own size .68.
    """
    if seen.found is None or seen.found.count < ENOUGH:
        return False
    known = model.known
    least = known.sureness - (_ONE_IMAGE / known.images if known.images else 0)
    return seen.sureness >= least and _knows(seen.found.diameter, model.sizes)


def _looks_larger(seen: Look, model: Model) -> bool:
    """Tell whether objects look larger than usual: they may be pieces of far larger ones.

    A model may be sure of pieces. Of `nuclei` and images at twice their size AP at .5 is .82 where
    such images are measured all the same, and .76 where they are not.
    """
    usual = model.sizes.object or 0.0
    return seen.found is not None and seen.found.diameter > usual * _CLOSE


def _is_usual(diameter: float, known: Sizes) -> bool:
    """Tell whether objects of an image are as large as a model knows them."""
    by = known.working or (1.0,)
    return _knows(diameter * math.prod(by) ** (1 / len(by)), known)


def _knows(seen: float, known: Sizes) -> bool:
    """Tell whether objects are as large as in images that need no more than the model's own.

    A model that has learnt from images of many sizes knows them all, the largest less surely, since
    they fall to pieces. Measured with an earlier `nuclei` on 20 images at seven sizes each: images
    from .4 to 1.75 times of what it knew lost by being resampled (mean AP .04 at twice their size),
    others gained. Today's gains by it for large nuclei, too, and says in its file that it knows
    none above the usual size: this rule gives .35 to 1.3 for it.
    """
    usual = known.object or 0.0
    low, high = known.spread or (usual, usual)
    return min(usual, low) / _CLOSE <= seen <= max(usual * _CLOSE, high / _CLOSE)


def _usual(planes: Planes, model: Model, told: str = "") -> Matched:
    """Return an image as the model's training images were seen: mostly at its own size."""
    by = model.sizes.working or (1.0,) * model.config.ndim
    least = [axis.smallest for axis in model.network.geometry]
    size = resized(planes.spatial, by)
    if size == planes.spatial or any(a < b for a, b in zip(size, least, strict=True)):
        return Matched(planes, SizeMatch(told=told))
    return at_size(planes, by, "As in training, ")


def _shaped(planes: Planes, model: Model, pixel: tuple[float, ...] | None) -> Matched | None:
    """Return an image with pixels of the shape that a model knows, or None where they have it."""
    longer = unlike_pixels(model.sizes, pixel)
    if not longer or max(longer) / min(longer) < _UNLIKE:
        return None
    working = (model.sizes.working or (1.0,))[-1]
    least = [axis.smallest for axis in model.network.geometry]
    by = _at_most([working * each for each in longer], _MOST)
    if any(a < b for a, b in zip(resized(planes.spatial, by), least, strict=True)):
        return None
    found = _resampled(planes, by, "To give its pixels the shape that they had in training, ")
    if max(longer) / min(longer) < _FAR:
        return found
    told = (
        f"{found.match.told} They differ so much from it that objects may be joined or missed: "
        "compare with a model for pictures, which segments plane by plane."
    )
    return replace(found, match=replace(found.match, told=told))


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
