"""Which samples, or which part of one, are held out where nobody has said so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from napari_unet.core.annotation.grouping import Grouping, grouped
from napari_unet.core.annotation.hold_out import cut_in_two, kept_images, objects_missing
from napari_unet.core.instances.labels import numbers_in
from napari_unet.core.review.finding import NONE_TO_LEARN_FROM, Finding
from napari_unet.core.words import counted
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample

_PART = ", held out"
_FEW = 10
"""Objects: figures of fewer are rough."""
_SCARCE, _UNKNOWN = 0.1, 0.5
"""Share of background in what is annotated that is hardly any, where more of the image is not."""
_ANOTHER = "Annotate this class in one more image, or in an image that is held out."


def with_validation(samples: Sequence[Sample], config: RunConfig) -> list[Sample]:
    """Mark a share of the samples for validation, unless some already are.

    Whole images are taken, with all planes or frames of a stack or film, and only those in which
    there is something, whose classes are in others, too, and which are not most of all. Where there
    is none, the last planes of one are taken; where there are none, a part of a plane, see
    `hold_out`; and none if that cannot be. What shows the same pixels goes together.
    """
    if _decided(samples, config):
        return list(samples)
    return _marked(samples, config, _grouped(samples))


def _decided(samples: Sequence[Sample], config: RunConfig) -> bool:
    return not config.train.validation or any(each.validation for each in samples)


def _grouped(samples: Sequence[Sample]) -> Grouping:
    return grouped([each.image for each in samples], [each.origin for each in samples])


def _marked(samples: Sequence[Sample], config: RunConfig, groups: Grouping) -> list[Sample]:
    chance = np.random.default_rng(config.train.seed)
    order = chance.permutation(len(groups.images)).tolist()
    pictures = _held_pictures(samples, config, groups, order)
    if pictures:
        held = set(groups.samples_of(pictures))
        return [replace(each, validation=index in held) for index, each in enumerate(samples)]
    for picture in (groups.pictures[index] for each in order for index in groups.images[each]):
        for index in picture:
            parts = hold_out(samples[index], config)
            if len(parts) > 1:
                twins = [each for each in picture if each != index]
                return _cut(samples, index, parts, twins)
    return list(samples)


def _held_pictures(
    samples: Sequence[Sample], config: RunConfig, groups: Grouping, order: Sequence[int]
) -> list[int]:
    """Return which pictures are held out: those of whole images, or the last ones of one."""
    share, images = config.train.validation, groups.images
    classes = [classes_of(sample, config) for sample in samples]
    shown = [set[int]().union(*(classes[i] for i in picture)) for picture in groups.pictures]
    together = [set[int]().union(*(shown[picture] for picture in image)) for image in images]
    small = [each for each in order if 2 * len(groups.samples_of(images[each])) <= len(samples)]
    scarce = [_lacks_background(sample, config) for sample in samples]
    small.sort(key=lambda each: any(scarce[index] for index in groups.samples_of(images[each])))
    whole = kept_images(together, small, _count(share, len(images)))
    if whole:
        return [picture for each in whole for picture in images[each]]
    # neighbours look alike: at the end of a stack or film only one of them is learnt from
    last = [picture for each in order for picture in reversed(images[each])]
    return kept_images(shown, last, _count(share, len(shown)))


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


def classes_of(sample: Sample, config: RunConfig) -> set[int]:
    """Return the numbers of the classes of which a sample shows objects, or pixels."""
    return set(_class_counts(sample, config))


def _class_counts(sample: Sample, config: RunConfig) -> Counter[int]:
    """Return how many objects of each class there are; 1 of each in class images."""
    numbers = numbers_in(sample.annotated(config.ignored_label)[0])
    return Counter(numbers if config.semantic else (sample.classes.get(n, 1) for n in numbers))


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
    name = f"{sample.name}{_PART}"
    return [
        replace(sample, ignored=parts[0]),
        replace(sample, name=name, ignored=parts[1], validation=True),
    ]


def is_part(learnt: Collection[str], kept: Sequence[str]) -> bool:
    """Tell whether what is held out is a part of an image, of the names of both."""
    return any(each.endswith(_PART) and each.removesuffix(_PART) in learnt for each in kept)


def hold_out_findings(samples: Sequence[Sample], config: RunConfig) -> list[Finding]:
    """Say what is held out where that is no whole image, and which samples show the same pixels.

    An image that is chosen in two places does. What somebody has decided to hold out needs no word,
    but for what cannot be measured on it, or if nothing is left to learn from.

    Parameters
    ----------
    samples
        As they come from the images, before `with_validation`.
    config
        Of the run.
    """
    if all(each.validation for each in samples):
        return [NONE_TO_LEARN_FROM]
    groups = _grouped(samples)
    decided = _decided(samples, config)
    marked = list(samples) if decided else _marked(samples, config, groups)
    held = None if decided else _held_out(samples, marked, config, groups)
    found = held, _scarce_background(marked, config), *_unmeasured(marked, config)
    return [each for each in (*found, _twins(samples, groups)) if each]


def _held_out(
    samples: Sequence[Sample], marked: Sequence[Sample], config: RunConfig, groups: Grouping
) -> Finding | None:
    kept = [each for each in marked if each.validation]
    if not kept:
        return _nothing_held_out(samples, config)
    if all(each.ignored is not kept[0].ignored for each in samples):
        return _part_held_out(samples, marked, config, groups)
    images = [groups.samples_of(image) for image in groups.images]
    torn = [each for each in images if len({marked[index].validation for index in each}) > 1]
    if not torn:
        return None
    names = list(dict.fromkeys(_image_name(samples[index]) for index in torn[0]))
    told = f"The last planes or frames of “{names[0]}”"
    if len(names) > 1:
        told = (
            f"“{names[0]}” and {counted(len(names) - 1, 'more image')} look like one film: the last"
        )
    return Finding(
        "warning",
        f"{told} are held out, others of it are learnt from: such neighbours look alike, so the "
        "figures flatter.",
        "Annotate a second stack or film, or another image, to measure on that instead.",
    )


def _image_name(sample: Sample) -> str:
    return sample.origin[0] if sample.origin else sample.name


def _lacks_background(sample: Sample, config: RunConfig) -> bool:
    """Tell whether hardly any background is annotated, and most of the image is not."""
    labels, ignored = sample.annotated(config.ignored_label)
    known = ignored.size - np.count_nonzero(ignored)
    background = known - np.count_nonzero(labels)
    return bool(background < _SCARCE * known and known < (1 - _UNKNOWN) * ignored.size)


def _scarce_background(marked: Sequence[Sample], config: RunConfig) -> Finding | None:
    kept = [each for each in marked if each.validation]
    if not kept or not all(_lacks_background(each, config) for each in kept):
        return None
    return Finding(
        "warning",
        "Hardly any background is annotated in what is held out, so the figures say little of "
        "objects that are found where there are none.",
        "Mark more background there, between and beside the objects.",
        _image_name(kept[0]),
    )


def _unmeasured(marked: Sequence[Sample], config: RunConfig) -> list[Finding]:
    """Name the classes that are learnt, but of which nothing is held out."""
    kept = [each for each in marked if each.validation]
    learnt = [each for each in marked if not each.validation]
    names = config.model.classes
    if not kept or len(names) < 2:
        return []
    held = set[int]().union(*(classes_of(each, config) for each in kept))
    there = [_class_counts(each, config) for each in learnt]
    return [
        Finding("warning", _unmeasured_text(name, number, there, config), _ANOTHER)
        for number, name in enumerate(names, 1)
        if number not in held and any(number in each for each in there)
    ]


def _unmeasured_text(
    name: str, number: int, there: Sequence[Counter[int]], config: RunConfig
) -> str:
    images = counted(sum(number in each for each in there), "image")
    objects = counted(sum(each[number] for each in there), "object")
    amount = images if config.semantic else f"{images}, with {objects}"
    return f"“{name}” is in {amount}, and not in what is held out: it cannot be measured."


def _twins(samples: Sequence[Sample], groups: Grouping) -> Finding | None:
    twins = [[samples[index] for index in each] for each in groups.pictures if len(each) > 1]
    if not twins:
        return None
    torn = [each for each in twins if len({twin.validation for twin in each}) > 1]
    one, other = map(_image_name, (torn or twins)[0][:2])
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


def _part_held_out(
    samples: Sequence[Sample], marked: Sequence[Sample], config: RunConfig, groups: Grouping
) -> Finding:
    part = next(each for each in marked if each.validation)
    learnt = next(each for each in marked if f"{each.name}{_PART}" == part.name)
    level, amount = _amount(learnt, part, config)
    shown = [any(classes_of(samples[index], config) for index in each) for each in groups.pictures]
    if sum(shown) > 1:
        name = _image_name(part)
        return Finding(
            level,
            f"A part of “{name}” is held out to measure progress{amount}, as every image shows a "
            "class that no other shows.",
            "Annotate another image with these classes to measure on that instead.",
        )
    return Finding(
        level,
        f"Only one image is annotated: a part of it is held out to measure progress{amount}.",
        "Annotate a second image to measure on that instead.",
    )


def _amount(learnt: Sample, part: Sample, config: RunConfig) -> tuple[str, str]:
    """Return how bad it is that so little is held out, and how many of the objects are."""
    if config.semantic:
        return "info", ""
    left, held = (set(numbers_in(each.annotated(None)[0])) for each in (learnt, part))
    count = len(held - left)
    rough = ", so the figures are rough" if count < _FEW else ""
    return "warning" if rough else "info", f", {count} of its {len(left | held)} objects{rough}"
