"""``napari-unet check``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from napari_unet.cli.shared import check_file
from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.config import ModelConfig, ignored_label
from napari_unet.core.errors import UserError
from napari_unet.core.review.depth import usual_ndim
from napari_unet.core.review.finding import LEVELS, Finding
from napari_unet.core.train_config import TrainConfig
from napari_unet.io.annotations.read import annotated, annotations_and_notes
from napari_unet.io.pairs.find import find_pairs
from napari_unet.nn.training.prepare import prepare
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path


FOUND_ERRORS = 1


def check(arguments: Namespace) -> int:
    """Say what a training would learn from and what is wrong; return the exit code."""
    if arguments.json:
        check_file(arguments.json, ".json", arguments.overwrite)
    images, found = _read(arguments)
    if images:
        found = [*found, *_reviewed(images, arguments)]
    for finding in found:
        print(_words(finding))
    if arguments.json:
        _write(arguments.json, found)
    return FOUND_ERRORS if any(finding.level == "error" for finding in found) else 0


def _reviewed(images: Sequence[AnnotatedImage], arguments: Namespace) -> list[Finding]:
    """Look at the images as a training does, which chooses from them what no flag says."""
    settled = {} if arguments.patch is None else {"patch": arguments.patch}
    ndim = arguments.ndim or usual_ndim(images)
    base = RunConfig(
        ModelConfig(ndim=ndim, height=not arguments.semantic),
        train=TrainConfig(**settled),
        semantic=arguments.semantic,
        ignore=arguments.ignore,
        start_from=AUTOMATIC,
    )
    try:
        found = prepare(images, base, arguments.classes or (), settled).findings
    except UserError as error:
        return [Finding("error", str(error))]
    return sorted(found, key=lambda each: LEVELS.index(each.level))


def _read(arguments: Namespace) -> tuple[list[AnnotatedImage], list[Finding]]:
    """Read what is to be reviewed, and what was found wrong with the files."""
    files = arguments.images, arguments.labels
    others = (*files, arguments.ignore, arguments.semantic or None)
    if arguments.annotations is not None and others == (None,) * 4:
        images, notes = annotations_and_notes(arguments.annotations)
        return images, [Finding("warning", note) for note in notes]
    if arguments.annotations is not None or None in files:
        raise UserError("Give either --images and --labels, or --annotations alone.")
    report = find_pairs(*files, semantic=arguments.semantic, ignore=arguments.ignore)
    found = [
        Finding("error", problem, "Put this right, or leave the image out.")
        for problem in report.problems
    ]
    found += [Finding("warning", note) for note in report.notes]
    images = [annotated(pair) for pair in report.pairs]
    ignore = ignored_label(arguments.semantic, arguments.ignore)
    if ignore is not None:
        images = [each.ignoring(ignore) for each in images]
    return images, found


def _words(finding: Finding) -> str:
    place = "" if finding.where is None else f" (pixel {', '.join(map(str, finding.where))})"
    first = f"{finding.level:8} {finding.headline}{place}"
    return f"{first}\n{' ' * 9}{finding.advice}" if finding.advice else first


def _write(path: Path, found: Sequence[Finding]) -> None:
    text = json.dumps({"findings": [asdict(finding) for finding in found]}, indent=2)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
