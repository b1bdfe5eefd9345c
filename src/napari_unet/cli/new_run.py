"""The run that the flags of ``napari-unet train`` ask for."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_unet.cli.options import config_from, given
from napari_unet.cli.shared import refuse_all, tell_notes
from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.config import (
    PRESETS,
    ModelConfig,
    NormalizeConfig,
    TargetConfig,
    ignored_label,
)
from napari_unet.core.errors import UserError
from napari_unet.core.review.depth import usual_ndim
from napari_unet.core.targets.working_size import sentence
from napari_unet.core.train_config import TrainConfig
from napari_unet.core.words import counted
from napari_unet.io.annotations.read import annotated, annotations_and_notes
from napari_unet.io.pairs.find import find_pairs
from napari_unet.io.pairs.names import short_name, stem
from napari_unet.nn.training.distributed import check_share
from napari_unet.nn.training.prepare import prepare
from napari_unet.nn.training.start.candidates import starts_finding
from napari_unet.processes.launch import ranks
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.replay import replay_sentence

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Collection, Sequence
    from pathlib import Path


SCRATCH = "scratch"


def new_run(arguments: Namespace) -> Run:
    """Make the run that the flags ask for, and say what is learnt from.

    Raises
    ------
    UserError
        If a flag is missing, the images cannot be read or learnt from, or the folder is in use.
    """
    _refuse_incomplete(arguments)
    ignore = ignored_label(arguments.semantic, arguments.ignore)
    images = _annotated(arguments)
    settled = given(arguments, TrainConfig) | given(arguments, NormalizeConfig)
    ready = prepare(images, _base(arguments, images, ignore), arguments.classes or (), settled)
    config = ready.settled()
    told = ("warning", "info") if arguments.semantic else ("warning",)
    tell_notes(finding.in_words() for finding in ready.findings if finding.level in told)
    config = config.replace(train=_shared_out(arguments, config.train))
    run = create_run(arguments.folder, ready.samples, config)
    _tell(run)
    return run


def _base(arguments: Namespace, images: Sequence[AnnotatedImage], ignore: int | None) -> RunConfig:
    """Return what the flags settle; the rest follows from the images."""
    return RunConfig(
        model=_shape(arguments, images, ignore),
        targets=config_from(arguments, TargetConfig(spacing=arguments.spacing or ())),
        train=config_from(arguments, TrainConfig()),
        normalize=config_from(arguments, NormalizeConfig()),
        semantic=arguments.semantic,
        ignore=ignore,
        start_from=_start(arguments),
        name=arguments.name or arguments.folder.resolve().name,
    )


def _start(arguments: Namespace) -> str | None:
    """Return what the training starts from; who gives the network's shape wants a new network."""
    shaped = arguments.preset or given(arguments, ModelConfig)
    named: str = arguments.start_from or (SCRATCH if shaped else AUTOMATIC)
    return None if named == SCRATCH else named


def _shape(
    arguments: Namespace, images: Sequence[AnnotatedImage], ignore: int | None
) -> ModelConfig:
    """Return the shape of a network from scratch."""
    shaped = arguments.preset or given(arguments, ModelConfig)
    if shaped and arguments.start_from not in (None, SCRATCH, AUTOMATIC):
        raise UserError("A model to start from keeps its shape: leave --preset and --network away.")
    preset = PRESETS[arguments.preset or "compact"]
    if ignore is not None:
        images = [each.ignoring(ignore) for each in images]
    ndim = arguments.ndim or usual_ndim(images)
    shape = preset.replace(ndim=ndim, height=preset.height and not arguments.semantic)
    return config_from(arguments, shape)


def _shared_out(arguments: Namespace, train: TrainConfig) -> TrainConfig:
    """See to it that the processes get equal shares of a batch."""
    count = max(arguments.devices, ranks())
    if "batch" in given(arguments, TrainConfig):
        check_share(train.batch, count)
    return train.replace(batch=-(-train.batch // count) * count)


def _refuse_incomplete(arguments: Namespace) -> None:
    given_folder = arguments.annotations is not None
    needed = {"--run": arguments.folder}
    if not given_folder:
        needed |= {"--images": arguments.images, "--labels": arguments.labels}
    missing = [flag for flag, value in needed.items() if value is None]
    if missing:
        raise UserError(f"A new training needs {' and '.join(sorted(missing))}.")
    if given_folder and (arguments.images or arguments.labels or arguments.semantic):
        raise UserError(
            "A folder of annotations holds images and objects: "
            "leave --images, --labels and --semantic away."
        )


def _annotated(arguments: Namespace) -> list[AnnotatedImage]:
    """Read everything that is learnt from or validated on."""
    validation = _listed(arguments.validation_names) or []
    names = _listed(arguments.names)
    if names is not None:
        names = [*names, *(name for name in validation if name not in names)]
    if arguments.annotations is not None:
        images, notes = annotations_and_notes(arguments.annotations, names)
        tell_notes(notes)
        problems = list[str]()
    else:
        images, problems = _pairs(arguments, names)
    refuse_all([*problems, *_odd_channels(images)], len(images) + len(problems))
    there = {image.name for image in images}
    validation = [_meant(name, there) for name in validation]
    unknown = sorted(set(validation) - there)
    if unknown:
        raise UserError(f"{unknown[0]} is listed for validation, but there is no such pair.")
    return [replace(image, validation=image.name in validation) for image in images]


def _meant(listed: str, there: Collection[str]) -> str:
    """Return the image that a name in a list means, which may have the ending of its file."""
    ways = (listed, stem(listed), short_name(listed))
    return next((name for name in ways if name in there), listed)


def _pairs(
    arguments: Namespace, names: Sequence[str] | None
) -> tuple[list[AnnotatedImage], list[str]]:
    """Read two folders, and return what is fit for training and what is wrong with the rest."""
    report = find_pairs(
        arguments.images,
        arguments.labels,
        names,
        semantic=arguments.semantic,
        ignore=arguments.ignore,
    )
    tell_notes([*report.notes, *report.blank])
    return [annotated(pair) for pair in report.pairs], list(report.problems)


def _odd_channels(images: Sequence[AnnotatedImage]) -> list[str]:
    """Return a sentence for each image of other channels than most have."""
    counts = Counter(image.channels for image in images)
    usual = max(counts, key=counts.__getitem__, default=1)
    return [
        f"{image.name}: the image has {counted(image.channels, 'channel')}, but others have "
        f"{usual}: give images with the same number of channels."
        for image in images
        if image.channels != usual
    ]


def _tell(run: Run) -> None:
    learnt, kept = (run.sample_names(validation=kept) for kept in (False, True))
    names = f" ({', '.join(kept[:8])}{', ...' if len(kept) > 8 else ''})" if kept else ""
    images = counted(len(learnt), "image")
    print(f"Learning from {images}, validating on {len(kept)}{names}.", file=sys.stderr)
    config = run.config()
    told = [starts_finding(config).in_words() if config.others else sentence(config.sizes)]
    for each in filter(None, (*told, replay_sentence(config))):
        print(each, file=sys.stderr)


def _listed(path: Path | None) -> list[str] | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise UserError(f"The list {path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise UserError(f"The list {path} is no text: write a name on each line.") from error
    names = [line.strip() for line in lines if line.strip()]
    if not names:
        raise UserError(f"The list {path} is empty: write the name of an image on each line.")
    return names
