"""Which samples, or which part of one, are held out where nobody has said so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from napari_unet.core.annotation.hold_out import cut_in_two, kept_images, objects_missing
from napari_unet.core.instances.labels import numbers_in
from napari_unet.core.review.finding import Finding
from napari_unet.core.words import counted
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample


def with_validation(samples: Sequence[Sample], config: RunConfig) -> list[Sample]:
    """Mark a share of the samples for validation, unless some already are.

    Whole images are taken, with all planes or frames of a stack or film, and only those in which
    there is something, whose classes are in others, too, and which are not most of all. Where there
    is none, the last planes of one are taken; where there are none, a part of a plane, see
    `hold_out`; and none if that cannot be. What shows the same pixels goes together.
    """
    share = config.train.validation
    if any(sample.validation for sample in samples) or not share:
        return list(samples)
    pictures = _pictures(samples)
    images = _images(samples, pictures)
    order = np.random.default_rng(config.train.seed).permutation(len(images)).tolist()
    classes = [_classes(sample, config) for sample in samples]
    shown = [set[int]().union(*(classes[index] for index in picture)) for picture in pictures]
    together = [set[int]().union(*(shown[index] for index in image)) for image in images]
    size = [sum(len(pictures[index]) for index in image) for image in images]
    small = [each for each in order if 2 * size[each] <= len(samples)]
    whole = kept_images(together, small, _count(share, len(images)))
    kept = [index for each in whole for index in images[each]]
    if not kept:
        # neighbours look alike: at the end of a stack or film only one of them is learnt from
        last = [index for each in order for index in reversed(images[each])]
        kept = kept_images(shown, last, _count(share, len(pictures)))
    if kept:
        held = {index for each in kept for index in pictures[each]}
        return [replace(each, validation=index in held) for index, each in enumerate(samples)]
    for picture in (pictures[index] for each in order for index in images[each]):
        for index in picture:
            parts = hold_out(samples[index], config)
            if len(parts) > 1:
                twins = [each for each in picture if each != index]
                return _cut(samples, index, parts, twins)
    return list(samples)


def _cut(
    samples: Sequence[Sample], index: int, parts: Sequence[Sample], twins: Sequence[int]
) -> list[Sample]:
    """Put two parts in a sample's place; what is held out is not learnt from its twins either."""
    held = ~parts[1].annotated(None)[1]
    learnt = [
        replace(each, ignored=each.annotated(None)[1] | held) if place in twins else each
        for place, each in enumerate(samples)
    ]
    learnt[index : index + 1] = parts
    return [each for each in learnt if each.ignored is None or not each.ignored.all()]


def _count(share: float, of: int) -> int:
    return min(max(1, round(share * of)), of - 1)


def _pictures(samples: Sequence[Sample]) -> list[list[int]]:
    """Return the indices of the samples that show the same pixels, whatever is painted on each.

    Blank ones show nothing and are no twins.
    """
    pictures: dict[object, list[int]] = {}
    for index, sample in enumerate(samples):
        image = np.ascontiguousarray(sample.image)
        digest = hashlib.sha256(image.data).digest() if image.min() < image.max() else index
        pictures.setdefault((image.shape, image.dtype.str, digest), []).append(index)
    return list(pictures.values())


def _images(samples: Sequence[Sample], pictures: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return the indices of the pictures of each image, whose samples follow one another.

    Images that have a picture in common are one.
    """
    picture_of = {index: which for which, picture in enumerate(pictures) for index in picture}
    images: list[list[int]] = []
    for index, sample in enumerate(samples):
        before = samples[index - 1].origin if index else None
        here = sample.origin
        if before and here and before[0] == here[0] and before[1] < here[1]:
            images[-1].append(picture_of[index])
        else:
            images.append([picture_of[index]])
    return reduce(_merged, images, list[list[int]]())


def _merged(images: list[list[int]], image: list[int]) -> list[list[int]]:
    """Add an image to others, together with those that have a picture in common with it."""
    apart = [each for each in images if not {*each} & {*image}]
    common = [which for each in images if each not in apart for which in each]
    return [*apart, list(dict.fromkeys([*common, *image]))]


def _classes(sample: Sample, config: RunConfig) -> set[int]:
    """Return the classes of which there are objects, or pixels."""
    labels, _ = sample.annotated(config.ignored_label)
    numbers = set(numbers_in(labels))
    return numbers if config.semantic else {sample.classes.get(each, 1) for each in numbers}


def hold_out(sample: Sample, config: RunConfig) -> list[Sample]:
    """Cut a sample in two, one part to learn from and one to validate on.

    Returns
    -------
    The same image twice, with the other part ignored in each; or the sample alone where a part
    would be left with fewer than two whole objects, or without one of the classes.
    """
    labels, ignored = sample.annotated(config.ignored_label)
    parts = cut_in_two(labels, ignored, semantic=config.semantic)
    if parts is None:
        return [sample]
    name = f"{sample.name}, held out"
    return [
        replace(sample, ignored=parts[0]),
        replace(sample, name=name, ignored=parts[1], validation=True),
    ]


def hold_out_finding(samples: Sequence[Sample], config: RunConfig) -> Finding | None:
    """Say what is held out where that is no whole image; None where somebody has decided it.

    Parameters
    ----------
    samples
        As they come from the images, before `with_validation`.
    config
        Of the run.
    """
    if not config.train.validation or any(each.validation for each in samples):
        return None
    marked = with_validation(samples, config)
    kept = [each for each in marked if each.validation]
    if not kept:
        return _nothing_held_out(samples, config)
    if all(each.ignored is not kept[0].ignored for each in samples):
        return _part_held_out(samples, kept[0], config)
    pictures = _pictures(samples)
    planes = [
        [index for which in image for index in pictures[which]]
        for image in _images(samples, pictures)
    ]
    torn = [each for each in planes if len({marked[index].validation for index in each}) > 1]
    origin = samples[torn[0][0]].origin if torn else None
    if origin is None:
        return None
    return Finding(
        "warning",
        f"The last planes or frames of “{origin[0]}” are held out, others of it are learnt from: "
        "such neighbours look alike, so the figures flatter.",
        "Annotate a second stack or film, or another image, to measure on that instead.",
    )


def twins_finding(samples: Sequence[Sample]) -> Finding | None:
    """Say which samples show the same pixels, as an image does that is chosen in two places.

    Parameters
    ----------
    samples
        As they come from the images, before `with_validation`.
    """
    twins = [[samples[i] for i in each] for each in _pictures(samples) if len(each) > 1]
    if not twins:
        return None
    torn = [each for each in twins if len({twin.validation for twin in each}) > 1]
    one, other = [each.origin[0] if each.origin else each.name for each in (torn or twins)[0][:2]]
    text = f"“{one}” and “{other}” show the same pixels"
    if one == other:
        text = f"“{one}” is there twice, with the same pixels"
    if torn:
        text = f"{text}, one to learn from and one kept for validation, so the figures flatter."
        return Finding("warning", text, "Remove one of them.", other)
    text = f"{text}: what is held out of one is not learnt from the other either."
    return Finding("warning", text, "Remove one, unless other parts are annotated in each.", other)


def _nothing_held_out(samples: Sequence[Sample], config: RunConfig) -> Finding:
    annotated = (each.annotated(config.ignored_label) for each in samples)
    missing = min(objects_missing(*each, semantic=config.semantic) for each in annotated)
    more = "every class at both ends" if config.semantic else counted(missing, "more object")
    return Finding(
        "info",
        f"Paint {more}, so that a part can be held out: else nobody can say how good it gets.",
        "A quarter of what is painted is held out, if two whole objects or more lie in it.",
    )


def _part_held_out(samples: Sequence[Sample], part: Sample, config: RunConfig) -> Finding:
    shown = [any(_classes(samples[i], config) for i in each) for each in _pictures(samples)]
    if sum(shown) > 1:
        name = part.origin[0] if part.origin else part.name
        return Finding(
            "info",
            f"A part of “{name}” is held out to measure progress, as every image shows a class "
            "that no other shows.",
            "Annotate another image with these classes to measure on that instead.",
        )
    return Finding(
        "info",
        "Only one image is annotated: a part of it is held out to measure progress.",
        "Annotate a second image to measure on that instead.",
    )
