"""``napari-unet evaluate``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from napari_unet.commands.files import refuse_existing
from napari_unet.commands.planes import label_planes, read_labels
from napari_unet.core.atomic import replacing
from napari_unet.core.config import IGNORE
from napari_unet.core.errors import UserError
from napari_unet.core.metrics import evaluate as evaluate_instances
from napari_unet.core.metrics import evaluate_classes
from napari_unet.core.report import ClassReport, Report, pool
from napari_unet.io.pairs import match_files
from napari_unet.io.picture import Picture

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path


Pictures = tuple[Picture, Picture]


def evaluate(arguments: Namespace) -> int:
    """Score predictions, per image and pooled; return the exit code."""
    if arguments.json:
        refuse_existing([arguments.json], arguments.overwrite)
    files, notes = match_files(arguments.predicted, arguments.truth, semantic=arguments.semantic)
    pictures = {
        name: (read_labels(predicted), read_labels(truth))
        for name, (predicted, truth) in files.items()
    }
    for pair in pictures.values():
        _same_shape(*pair)
    reports: dict[str, Any]
    if arguments.semantic:
        reports = _of_classes(pictures, IGNORE if arguments.ignore is None else arguments.ignore)
    else:
        reports = {
            name: _of_objects(*pair, arguments.ndim, arguments.ignore)
            for name, pair in pictures.items()
        }
    pooled: Any = pool(list(reports.values()))
    print(*notes, table({**reports, "all": pooled}), sep="\n")
    if arguments.json:
        _write_json(arguments.json, reports, pooled)
    return 0


def table(reports: dict[str, Any]) -> str:
    """Return reports of one kind as a table in plain text, a line each.

    Parameters
    ----------
    reports
        `Report` or `ClassReport`, by the name of the image.
    """
    rows = [_figures(report) for report in reports.values()]
    head = ["image", *max(rows, key=len)]
    lines = [
        [name, *(_shown(row.get(column)) for column in head[1:])]
        for name, row in zip(reports, rows, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    return "\n".join(_aligned(line, widths) for line in [head, *lines])


def _of_objects(predicted: Picture, truth: Picture, ndim: int | None, ignore: int | None) -> Report:
    # a prediction may have lost its axes on the way; those of the truth hold for both
    found = label_planes(Picture(predicted.data, truth.axes), ndim)
    return pool(
        [
            evaluate_instances(plane, true, ignore=None if ignore is None else true == ignore)
            for plane, true in zip(found, label_planes(truth, ndim), strict=True)
        ]
    )


def _of_classes(pictures: dict[str, Pictures], ignore: int) -> dict[str, ClassReport]:
    highest = max(
        int(picture.data[truth.data != ignore].max(initial=1))
        for predicted, truth in pictures.values()
        for picture in (predicted, truth)
    )
    return {
        name: evaluate_classes(predicted.data, truth.data, highest + 1, ignore_value=ignore)
        for name, (predicted, truth) in pictures.items()
    }


def _write_json(path: Path, reports: dict[str, Any], pooled: Any) -> None:
    images = {name: report.to_dict() for name, report in reports.items()}
    text = json.dumps({"images": images, "pooled": pooled.to_dict()}, indent=2)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _same_shape(predicted: Picture, truth: Picture) -> None:
    if predicted.data.shape != truth.data.shape:
        raise UserError(
            f"{predicted.name} has the shape {predicted.data.shape}, but its truth has "
            f"{truth.data.shape}: compare label images of the same shape."
        )


def _figures(report: Report | ClassReport) -> dict[str, float | None]:
    if isinstance(report, ClassReport):
        return {
            f"{name} {number}": value
            for name, values in (("Dice", report.dice), ("IoU", report.iou))
            for number, value in enumerate(values)
        }
    at_half = report.matchings[0]
    return {
        "found": report.predicted,
        "true": report.truth,
        **{f"AP{100 * each.threshold:.0f}": each.ap for each in report.matchings},
        "precision": at_half.precision,
        "recall": at_half.recall,
        "F1": at_half.f1,
        "PQ": at_half.pq,
        "splits": report.splits,
        "merges": report.merges,
    }


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = line
    cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *cells])
