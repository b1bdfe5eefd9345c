"""Which samples, or which part of one, are held out where nobody has said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

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
    `hold_out`; and none if that cannot be.
    """
    share = config.train.validation
    if any(sample.validation for sample in samples) or not share:
        return list(samples)
    images = _images(samples)
    order = np.random.default_rng(config.train.seed).permutation(len(images)).tolist()
    shown = [_classes(sample, config) for sample in samples]
    together = [set[int]().union(*(shown[index] for index in image)) for image in images]
    small = [each for each in order if 2 * len(images[each]) <= len(samples)]
    whole = kept_images(together, small, _count(share, len(images)))
    kept = [index for each in whole for index in images[each]]
    if not kept:
        # neighbours look alike: at the end of a stack or film only one of them is learnt from
        last = [index for each in order for index in reversed(images[each])]
        kept = kept_images(shown, last, _count(share, len(samples)))
    if kept:
        return [replace(each, validation=index in kept) for index, each in enumerate(samples)]
    for index in (index for each in order for index in images[each]):
        parts = hold_out(samples[index], config)
        if len(parts) > 1:
            return [*samples[:index], *parts, *samples[index + 1 :]]
    return list(samples)


def _count(share: float, of: int) -> int:
    return min(max(1, round(share * of)), of - 1)


def _images(samples: Sequence[Sample]) -> list[list[int]]:
    """Return the indices of the samples of each image, which follow one another."""
    images: list[list[int]] = []
    for index, sample in enumerate(samples):
        before = samples[index - 1].origin if index else None
        here = sample.origin
        if before and here and before[0] == here[0] and before[1] < here[1]:
            images[-1].append(index)
        else:
            images.append([index])
    return images


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
    if len(marked) > len(samples):
        return _part_held_out(samples, kept[0], config)
    torn = [each for each in _images(samples) if len({marked[i].validation for i in each}) > 1]
    origin = samples[torn[0][0]].origin if torn else None
    if origin is None:
        return None
    return Finding(
        "warning",
        f"The last planes or frames of “{origin[0]}” are held out, others of it are learnt from: "
        "such neighbours look alike, so the figures flatter.",
        "Annotate a second stack or film, or another image, to measure on that instead.",
    )


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
    if sum(bool(_classes(each, config)) for each in samples) > 1:
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
