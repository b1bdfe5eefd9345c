"""``napari-unet train``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from napari_unet.cli_options import config_from, given
from napari_unet.cli_progress import reporter, stop_on_signals
from napari_unet.commands.planes import dimensions
from napari_unet.core.axes import arrange
from napari_unet.core.config import (
    IGNORE,
    PRESETS,
    DecodeConfig,
    ModelConfig,
    NormalizeConfig,
    TargetConfig,
    TrainConfig,
)
from napari_unet.core.errors import UserError
from napari_unet.core.model_header import find_model, read_header
from napari_unet.io.pairs import Pair, find_pairs
from napari_unet.io.picture import Picture
from napari_unet.nn.run import RunConfig, Sample, create_run
from napari_unet.nn.train import train as train_run

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from napari_unet.nn.run import Run

CONFIGS = (TrainConfig, TargetConfig, NormalizeConfig, ModelConfig)
NEW = (
    *("images", "labels", "folder", "names", "validation_names", "semantic", "ignore", "classes"),
    *("name", "start_from", "preset", "ndim", "spacing"),
)


def train(arguments: Namespace) -> int:
    """Start or continue a training; return the exit code."""
    folder = arguments.continued or _start(arguments)
    _refuse_new_options(arguments)
    report = reporter(arguments.progress)
    with stop_on_signals() as stop_requested:
        result = train_run(folder, report, stop_requested)
    shown = {"model": str(result.model), "epoch": result.epoch, "values": result.values}
    report.finish(shown | {"reason": result.reason})
    if arguments.progress != "jsonl":
        print(f"Training {result.reason} after {result.epoch} epochs; the model is {result.model}.")
    return 0


def _refuse_new_options(arguments: Namespace) -> None:
    """Refuse to change what was decided when the run was made."""
    if arguments.continued is None:
        return
    changed = any(given(arguments, config) for config in CONFIGS)
    if changed or any(getattr(arguments, name) not in (None, False) for name in NEW):
        raise UserError(
            f"A run is continued as it was begun: give only 'train {arguments.continued}', "
            "or begin another with --run."
        )


def _start(arguments: Namespace) -> Path:
    missing = [
        flag
        for flag, value in (
            ("--images", arguments.images),
            ("--labels", arguments.labels),
            ("--run", arguments.folder),
        )
        if value is None
    ]
    if missing:
        raise UserError(f"A new training needs {' and '.join(missing)}.")
    ignore = IGNORE if arguments.semantic and arguments.ignore is None else arguments.ignore
    validation = _listed(arguments.validation_names)
    pairs = _checked_pairs(arguments, ignore, validation)
    config = _run_config(arguments, pairs, ignore)
    run = create_run(arguments.folder, _samples(pairs, config.model.ndim, validation or ()), config)
    _tell(run)
    return run.folder


def _checked_pairs(
    arguments: Namespace, ignore: int | None, validation: Sequence[str] | None
) -> Sequence[Pair]:
    names = _listed(arguments.names)
    if names is not None:
        names = [*names, *(name for name in validation or () if name not in names)]
    report = find_pairs(
        arguments.images, arguments.labels, names, semantic=arguments.semantic, ignore=ignore
    )
    print(*report.notes, sep="\n", end="\n" * bool(report.notes), file=sys.stderr)
    if report.problems:
        count = len(report.problems)
        more = f" ({count - 1} more have problems, too.)" if count > 1 else ""
        raise UserError(f"{report.problems[0]}{more}")
    unknown = sorted(set(validation or ()) - {pair.name for pair in report.pairs})
    if unknown:
        raise UserError(f"{unknown[0]} is listed for validation, but there is no such pair.")
    return report.pairs


def _run_config(arguments: Namespace, pairs: Sequence[Pair], ignore: int | None) -> RunConfig:
    start = read_header(find_model(arguments.start_from)) if arguments.start_from else {}
    targets = TargetConfig(spacing=arguments.spacing or ())
    return RunConfig(
        model=_model_config(arguments, pairs, ignore, start),
        targets=config_from(arguments, targets),
        train=config_from(arguments, TrainConfig()),
        normalize=config_from(arguments, NormalizeConfig.from_dict(start.get("normalize", {}))),
        decode=DecodeConfig.from_dict(start.get("decode", {})),
        semantic=arguments.semantic,
        ignore=ignore,
        start_from=arguments.start_from and str(find_model(arguments.start_from).resolve()),
        name=arguments.name or arguments.folder.resolve().name,
    )


def _model_config(
    arguments: Namespace, pairs: Sequence[Pair], ignore: int | None, start: dict[str, Any]
) -> ModelConfig:
    if start and (arguments.preset or given(arguments, ModelConfig)):
        raise UserError("A model to start from keeps its shape: leave --preset and --network away.")
    if start:
        base = ModelConfig.from_dict(start["config"])
    else:
        preset = PRESETS[arguments.preset or "compact"]
        first = pairs[0]
        ndim = arguments.ndim or dimensions(Picture(first.labels, first.axes))
        base = preset.replace(ndim=ndim, in_channels=len(first.image))
    classes = _classes(arguments, pairs, ignore, base.classes if start else ("object",))
    height = base.height and not arguments.semantic
    return config_from(arguments, base.replace(classes=classes, height=height))


def _classes(
    arguments: Namespace, pairs: Sequence[Pair], ignore: int | None, usual: tuple[str, ...]
) -> tuple[str, ...]:
    if not arguments.semantic:
        return arguments.classes or usual
    highest = max(int(pair.labels[pair.labels != ignore].max(initial=1)) for pair in pairs)
    if arguments.classes is None and highest == len(usual):
        return usual
    names = arguments.classes or tuple(f"class {number}" for number in range(1, highest + 1))
    if highest > len(names):
        raise UserError(
            f"The labels hold class {highest}, but --classes names {len(names)}: "
            "name them all, or say with --ignore which number does not count."
        )
    return names


def _samples(pairs: Sequence[Pair], ndim: int, validation: Sequence[str]) -> Iterator[Sample]:
    """Cut pairs into what the network takes; all planes of a validation pair validate."""
    for pair in pairs:
        axes = pair.axes or "TZYX"[-pair.labels.ndim :]
        images = arrange(pair.image, f"C{axes}", ndim, len(pair.image))
        labels = arrange(pair.labels, axes, ndim, 1)
        for index, (image, label) in enumerate(zip(images, labels, strict=True)):
            name = pair.name if len(labels) == 1 else f"{pair.name} {index}"
            yield Sample(name, image, label[0], pair.name in validation)


def _tell(run: Run) -> None:
    kept = {True: list[str](), False: list[str]()}
    for sample in run.samples():
        kept[sample.validation].append(sample.name)
    names = f" ({', '.join(kept[True][:8])}{', ...' if len(kept[True]) > 8 else ''})"
    print(
        f"Learning from {len(kept[False])} images, validating on {len(kept[True])}"
        f"{names if kept[True] else ''}.",
        file=sys.stderr,
    )


def _listed(path: Path | None) -> list[str] | None:
    if path is None:
        return None
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise UserError(f"The list {path} cannot be read: {error}.") from error
    return [line.strip() for line in lines if line.strip()]
