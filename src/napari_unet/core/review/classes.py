"""What is odd about class images: numbers that are no classes, classes that are never seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import scipy
import skimage

from napari_unet.core.instances.labels import compact_labels
from napari_unet.core.review.finding import Finding
from napari_unet.core.review.one_image import WEIGHED, WEIGHTLESS
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation


MANY = 12
"""Class images seldom have more classes: more numbers are objects, or shades of grey."""

_FEW = 3
"""Up to so many numbers, the background included, may well be of one piece each."""
_OBJECTS = (
    "Each number is of one piece in every image, as if it were an object's and not a class's.",
    "If so, train on objects instead of classes.",
)


def review_classes(images: Sequence[AnnotatedImage], names: Sequence[str] = ()) -> list[Finding]:
    """Tell the classes and how often they occur, and what is wrong with their numbers.

    Parameters
    ----------
    images
        Annotated images whose instances are the numbers of classes, non-negative integers.
    names
        Names of the classes from 1 on that somebody has given; what is odd about classes that all
        have a name is a warning and no error.

    Returns
    -------
    The findings; nothing where nothing is annotated.
    """
    counts = sum((_counted(each.annotation) for each in images), Counter[int]())
    if not counts:
        return []
    odd = [_never_seen(counts), _without_background(counts)]
    if len(counts) > MANY + 1:
        odd = [_too_many(counts)]
    level = "warning" if names and len(names) >= max(counts) else "error"
    found = [Finding(level, *told) for told in odd if told]
    if not found and not names and len(counts) > _FEW and all(map(_is_of_objects, images)):
        found = [Finding("warning", *_OBJECTS)]
    found += filter(None, map(_weightless, images))
    return [*found, Finding("info", _shares(counts, names))]


def crowd(numbers: int) -> str:
    """Return what to say of class images with so many different numbers; empty for nothing."""
    if numbers <= MANY + 1:
        return ""
    return f"The labels hold {numbers} different numbers, which are hardly all classes."


def _counted(annotation: Annotation) -> Counter[int]:
    """Return how many annotated pixels each number has."""
    numbers, which = compact_labels(annotation.instances[~annotation.ignored()])
    pixels = np.bincount(which.ravel(), minlength=len(numbers))
    return Counter(dict(zip(numbers.tolist(), pixels.tolist(), strict=True)))


def _is_of_objects(annotated: AnnotatedImage) -> bool:
    """Tell whether each number of an image is of one piece."""
    labels = np.asarray(annotated.annotation.instances)
    pieces = skimage.measure.label(  # type: ignore[no-untyped-call]
        labels, connectivity=labels.ndim, return_num=True
    )[1]
    return bool(pieces == np.count_nonzero(compact_labels(labels)[0]))


def _never_seen(counts: Mapping[int, int]) -> tuple[str, str] | None:
    seen = sorted(number for number in counts if number)
    missing = max(seen, default=0) - len(seen)
    if not missing:
        return None
    listed = ", ".join(map(str, sorted(counts)))
    verb = "is" if missing == 1 else "are"
    return (
        f"The labels hold the numbers {listed}: {missing} of the classes 1 to {seen[-1]} {verb} "
        "never seen.",
        "Number the classes 1, 2, 3 without a gap, or name every one of them.",
    )


def _without_background(counts: Mapping[int, int]) -> tuple[str, str] | None:
    if 0 in counts:
        return None
    return (
        "No pixel has the number 0, which is the background.",
        "If 1 is the background (as in ilastik's Simple Segmentation), subtract 1 from all "
        "numbers; if there is none, name every class.",
    )


def _too_many(counts: Mapping[int, int]) -> tuple[str, str]:
    return (
        crowd(len(counts)),
        "If each object has a number of its own, train on objects instead of classes; if these are "
        "shades of grey, give each class one number; if they are classes, name every one.",
    )


def _weightless(annotated: AnnotatedImage) -> Finding | None:
    """Tell areas of which a painted weight map weighs nothing."""
    annotation = annotated.annotation
    if annotation.weight is None:
        return None
    areas, count = skimage.measure.label(  # type: ignore[no-untyped-call]
        np.where(annotation.ignored(), 0, annotation.instances), return_num=True
    )
    weighed = scipy.ndimage.mean(annotation.weight > 0, areas, np.arange(1, count + 1))
    bare = np.flatnonzero(weighed < WEIGHED)
    if not len(bare):
        return None
    text, advice = WEIGHTLESS
    told = f"{counted(len(bare), 'area')} {'is' if len(bare) == 1 else 'are'} {text}."
    where = np.unravel_index(np.argmax(areas == bare[0] + 1), areas.shape)
    return Finding("warning", told, advice, annotated.name, tuple(map(int, where)))


def _shares(counts: Mapping[int, int], names: Sequence[str]) -> str:
    """Return which share of the annotated pixels each class has, in words."""
    called = {0: "background", **dict(enumerate(names, 1))}
    total = sum(counts.values())
    listed = [
        f"{number}{f' ({called[number]})' if number in called else ''} "
        f"{100 * counts[number] / total:.3g} %"
        for number in sorted(counts)[: MANY + 1]
    ]
    more = len(counts) - len(listed)
    listed += [f"and {counted(more, 'more number')}"] if more else []
    return f"Numbers in the labels, by their share of the pixels: {', '.join(listed)}."
