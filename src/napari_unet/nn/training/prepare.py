"""The one way from annotated images to a training: cut into samples, planned, looked at.

The *Fine-tune* widget, ``napari-unet train`` and Python all go it, so that they train alike.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.annotation.class_names import named_alike
from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import check_spatial
from napari_unet.core.review.classes import review_classes
from napari_unet.core.review.finding import Finding
from napari_unet.core.review.one_image import ImageFacts, findings_of
from napari_unet.core.review.review import review
from napari_unet.core.targets.working_size import sentence
from napari_unet.core.words import counted
from napari_unet.nn.device import choose_device
from napari_unet.nn.training.plan import all_named, highest_class, plan
from napari_unet.nn.training.start.candidates import starts_finding, with_others
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.from_annotations import to_samples
from napari_unet.runs.hold_out import hold_out_findings
from napari_unet.runs.prepared import Prepared
from napari_unet.runs.replay import replay_sentence
from napari_unet.runs.sample import Sample
from napari_unet.storage.model_header import find_model, lasting_name, read_header


def prepare(
    images: Sequence[AnnotatedImage],
    base: RunConfig | None = None,
    classes: Sequence[str] = (),
    settled: Collection[str] = (),
) -> Prepared:
    """Look at what would be learnt from, and choose how.

    Parameters
    ----------
    images
        What is learnt from and validated on, as `read_annotations` gives it.
    base
        What is settled already: the model to start from or, from scratch, the network's shape;
        the length; the weight map. Pixel size and channels follow the images where it says
        nothing of them. To start from `AUTOMATIC`, which is so without a base, leaves the choice
        to a race at the start of the training, see `RunConfig.others`.
    classes
        Names of the classes, the first of number 1; empty for those of the annotations, see
        `named_alike`, or, where nobody has named any, for those of the model.
    settled
        Options that stay as they are in `base`, see `plan`.

    Returns
    -------
    Prepared
        For `create_run`; without a configuration where the findings hold an error. Of class images,
        it is looked at which numbers they hold.

    Raises
    ------
    UserError
        If there are no images, no such model or device, or a class has no name.
    """
    if not images:
        raise UserError("There is no image to learn from: choose one with its annotation.")
    base = base or RunConfig(start_from=AUTOMATIC)
    automatic = base.start_from == AUTOMATIC
    base = base.replace(start_from=None) if automatic else base
    start = None if base.start_from is None else read_header(find_model(base.start_from))
    if base.ignored_label is not None:
        images = [each.ignoring(base.ignored_label) for each in images]
    images, names = (images, tuple(classes)) if base.semantic else named_alike(images, classes)
    counting = [each for each in images if not _is_empty(each)]
    base = _fitted(base, start, (counting or images)[0])
    if base.semantic and start and not names:
        names = base.model.classes
    samples, misfits = _cut(counting, base.model, known=start is not None)
    if misfits or not samples:
        return Prepared(_why_not(misfits, _findings(images, base, names)))
    highest = highest_class(samples, base)
    if classes:
        _refuse_nameless(classes, highest)
    named = all_named(names or base.model.classes, highest)
    learnt = [sample for sample in samples if not sample.validation] or samples
    memory = choose_device(base.train.device).free_memory() / 2
    config = plan(learnt, start, memory, base=base, classes=named, settled=settled)
    if automatic:
        config = with_others(config, learnt, memory, names, settled)
    found = _with_hold_out(_findings(images, config, names), samples, config)
    if config.others:
        found = [*found, starts_finding(config)]
    elif size := sentence(config.sizes):
        found = [*found, Finding("info", size, "Labels are measured, and come back, at full size.")]
    if replayed := replay_sentence(config):
        found = [*found, Finding("info", replayed, "The share stands under the advanced options.")]
    return Prepared(tuple(found)) if _has_error(found) else Prepared(tuple(found), config, samples)


def _with_hold_out(
    found: list[Finding], samples: Sequence[Sample], config: RunConfig
) -> list[Finding]:
    """Say first what is held out, or how many objects have to be painted so that some can be."""
    if _has_error(found):
        return found
    return [*hold_out_findings(samples, config), *found]


def _is_empty(image: AnnotatedImage) -> bool:
    return bool(image.annotation.ignored().all())


def _fitted(base: RunConfig, start: Mapping[str, Any] | None, image: AnnotatedImage) -> RunConfig:
    """Return the configuration with start, channels and pixel size as they will be trained."""
    model = ModelConfig.from_dict(start["config"]) if start else base.model
    model = model.seeing(image.channels).replace(height=model.height and not base.semantic)
    targets = base.targets
    if not targets.spacing:
        targets = targets.replace(spacing=image.voxel(model.ndim))
    start_from = base.start_from and lasting_name(base.start_from)
    return base.replace(model=model, targets=targets, start_from=start_from)


def _odd_channels(image: AnnotatedImage, usual: int) -> Finding:
    return Finding(
        "error",
        f"The image has {counted(image.channels, 'channel')}, but others have {usual}.",
        "Use images with the same number of channels; in Fiji, the type 8-bit makes colours grey.",
        image.name,
    )


def _cut(
    images: Sequence[AnnotatedImage], model: ModelConfig, *, known: bool
) -> tuple[tuple[Sample, ...], list[Finding]]:
    """Cut the images into what a known or new network takes, and say which do not fit it."""
    samples, misfits = list[Sample](), list[Finding]()
    usual = model.in_channels
    follows = not known and any(image.channels == usual for image in images)
    for image in images:
        if follows and image.channels != usual:
            misfits.append(_odd_channels(image, usual))
            continue
        try:
            check_spatial(image.axes, model.ndim, "The image")
            samples += to_samples([image], model.ndim, model.in_channels)
        except UserError as error:
            text = str(error).removeprefix(f"{image.name}: ")
            misfits.append(Finding("error", text, name=image.name))
    return tuple(samples), misfits


def _findings(
    images: Sequence[AnnotatedImage], config: RunConfig, names: Sequence[str]
) -> list[Finding]:
    ndim = config.model.ndim
    patch = round(config.train.patch / max(config.working, default=1.0))
    if not config.semantic:
        return review(images, ndim, patch, names)
    empty = [ImageFacts(each, ndim) for each in images if _is_empty(each)]
    left_out = [finding for facts in empty for finding in findings_of(facts, patch, names)]
    return [*left_out, *review_classes(images, names)]


def _why_not(misfits: Sequence[Finding], found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return all that is known of images that cannot be learnt from, with at least one error."""
    told = {each.name for each in misfits}
    others = [each for each in found if each.level != "error" or each.name not in told]
    if not _has_error([*misfits, *others]):
        others = [
            Finding("error", "Nothing is annotated.", "Annotate a part of an image."),
            *others,
        ]
    return (*misfits, *others)


def _has_error(found: Sequence[Finding]) -> bool:
    return any(finding.level == "error" for finding in found)


def _refuse_nameless(names: Sequence[str], highest: int) -> None:
    if highest > len(names):
        raise UserError(
            f"The labels hold class {highest}, but only {len(names)} are named "
            f"({', '.join(names)}): name them all, or say which number does not count."
        )
