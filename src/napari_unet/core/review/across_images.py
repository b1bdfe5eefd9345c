"""What is wrong with images as a set: some look alike, or are of another scale than the rest."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.review.finding import Finding
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.annotation.annotation import AnnotatedImage
    from napari_unet.core.review.one_image import ImageFacts


THUMBNAIL = 32
"""Pixels along each axis of the small pictures that are compared."""
ALIKE = 0.995
"""Correlation of small pictures from which on images look alike."""
SPACING, DIAMETER = 1.05, 3.0
"""By which factor pixel sizes and objects may differ between images."""


def alike(annotated: Sequence[AnnotatedImage]) -> list[Finding]:
    """Find images in memory that are nearly the same, as are two pictures of one place."""
    annotated = [each for each in annotated if isinstance(each.image, np.ndarray)]
    if len(annotated) < 2:
        return []
    small = [_thumbnail(each.image) for each in annotated]
    pairs = [
        (first, second)
        for first, second in combinations(range(len(annotated)), 2)
        if annotated[first].image.shape == annotated[second].image.shape
        and float(small[first] @ small[second]) > ALIKE
    ]
    if not pairs:
        return []
    one, other = (annotated[index] for index in pairs[0])
    same = "the same" if np.array_equal(one.image, other.image) else "nearly the same"
    more = f", and {len(pairs) - 1} more pairs" if len(pairs) > 1 else ""
    return [
        Finding(
            "warning",
            f"{one.name} and {other.name} are {same} picture{more}.",
            "Keep one of them: if one is learnt and the other measured on, the figures flatter.",
            other.name,
        )
    ]


def mismatches(facts: Sequence[ImageFacts]) -> list[Finding]:
    """Find images whose channels, number type, pixel size or objects differ from the others'."""
    found = [_channels(facts), _dtypes(facts), _spacings(facts), _depths(facts), _diameters(facts)]
    return [finding for finding in found if finding is not None]


def _channels(facts: Sequence[ImageFacts]) -> Finding | None:
    text = "{one} has {first} and {other} has {second}."
    advice = "Use images with the same number of channels."
    return _differing(facts, _channel_words, lambda a, b: a != b, ("error", text, advice))


def _channel_words(facts: ImageFacts) -> str:
    return counted(facts.annotated.channels, "channel")


def _dtypes(facts: Sequence[ImageFacts]) -> Finding | None:
    text = "{one} holds {first} values and {other} holds {second}."
    advice = "Nothing to do if both come from one microscope: each is normalised on its own."
    return _differing(facts, _dtype, lambda a, b: a != b, ("info", text, advice))


def _dtype(facts: ImageFacts) -> str:
    return str(facts.annotated.image.dtype)


def _spacings(facts: Sequence[ImageFacts]) -> Finding | None:
    text = "A pixel of {one} is {first:.3g} µm wide and one of {other} {second:.3g} µm."
    advice = "Bring the images to one pixel size, so that cells are of one size."
    known = [each for each in facts if each.annotated.pixel]
    return _differing(known, _width, lambda a, b: b > SPACING * a, ("warning", text, advice))


def _width(facts: ImageFacts) -> float:
    return facts.annotated.pixel.sizes["X"]


def _depths(facts: Sequence[ImageFacts]) -> Finding | None:
    text = (
        "A voxel of {one} is {first:.3g} times as deep as it is wide and one of {other} "
        "{second:.3g} times."
    )
    advice = "Bring the stacks to one voxel size: training takes all to be as the first image."
    known = [each for each in facts if each.annotated.voxel(each.ndim)]
    return _differing(known, _depth, lambda a, b: b > SPACING * a, ("warning", text, advice))


def _depth(facts: ImageFacts) -> float:
    sides = facts.annotated.voxel(facts.ndim)
    return sides[0] / sides[-1]


def _diameters(facts: Sequence[ImageFacts]) -> Finding | None:
    text = "Objects in {one} are about {first:.0f} pixels across, in {other} {second:.0f}."
    advice = "Bring the images to one scale, or train a model for each."
    painted = [each for each in facts if each.count]
    return _differing(
        painted,
        lambda each: each.diameter,
        lambda a, b: b > DIAMETER * a,
        ("warning", text, advice),
    )


def _differing(
    facts: Sequence[ImageFacts],
    measure: Callable[[ImageFacts], Any],
    differ: Callable[[Any, Any], bool],
    said: tuple[str, str, str],
) -> Finding | None:
    """Compare the images with the smallest and the largest value, and say where they differ."""
    if not facts:
        return None
    ordered = sorted(facts, key=measure)
    one, other = ordered[0], ordered[-1]
    first, second = measure(one), measure(other)
    if not differ(first, second):
        return None
    level, text, advice = said
    names = {"one": one.annotated.name, "other": other.annotated.name}
    return Finding(level, text.format(first=first, second=second, **names), advice, names["other"])


def _thumbnail(image: NDArray[Any]) -> NDArray[np.float64]:
    """Return a small picture as a vector of length 1 and mean 0; all 0 where it is blank."""
    small = image
    for axis, size in enumerate(image.shape):
        edges = np.unique(np.linspace(0, size, THUMBNAIL + 1).astype(int)[:-1])
        counts = np.diff(edges, append=size)
        shape = [-1 if axis == each else 1 for each in range(image.ndim)]
        small = np.add.reduceat(small, edges, axis=axis, dtype=np.float64) / counts.reshape(shape)
    values: NDArray[np.float64] = small.ravel() - small.mean()
    values /= float(np.linalg.norm(values)) or 1.0
    return values
