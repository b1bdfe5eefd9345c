"""``napari-unet evaluate``."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.cli.label_planes import guess_doubt, label_planes, refuse_other_axes, renamed
from napari_unet.cli.shared import check_file, each, tell_notes
from napari_unet.core.config import IGNORE
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.metrics import compare, evaluate_classes, highest_class
from napari_unet.core.evaluation.report import ClassReport, Report, pool
from napari_unet.core.instances.looks import check_objects, numbers_doubt
from napari_unet.core.instances.masks import AS_CLASSES, refuse_classes
from napari_unet.core.review.classes import crowd
from napari_unet.io.labels import are_mask_files, read_labels
from napari_unet.io.pairs.find import WHITE_IS_ONE
from napari_unet.io.pairs.match import match_files
from napari_unet.io.picture import Picture
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Collection, Sequence
    from pathlib import Path


def evaluate(arguments: Namespace) -> int:
    """Score predictions, per image and pooled; return the exit code."""
    if arguments.json:
        check_file(arguments.json, ".json", arguments.overwrite)
    files, notes = match_files(arguments.predicted, arguments.truth, semantic=arguments.semantic)
    white = _white(files.values(), arguments)
    notes += [WHITE_IS_ONE] if any(white) else []
    tell_notes(notes)
    names = {predicted: name for name, (predicted, _) in files.items()}
    axes = (arguments.axes or "").upper()
    reports: dict[str, Any] = {}
    classes: list[str] = []

    def score(path: Path) -> None:
        found, true = map(_read, files[names[path]], white, (axes, axes))
        try:
            reports[names[path]] = _scored(found, true, arguments)
        except UserError as error:
            classes.extend([names[path]] if str(error).endswith(AS_CLASSES) else [])
            raise

    code = each([*names], score)
    if reports:
        _tell(_alike(reports), arguments.json)
        tell_notes(_like(name) for name in classes[:1])
    return code


def table(reports: dict[str, Any]) -> str:
    """Return reports of one kind as a table in plain text, a line each.

    Parameters
    ----------
    reports
        `Report` or `ClassReport`, by the name of the image.
    """
    rows = [_figures(report) for report in reports.values()]
    held = {name for row in rows for name, value in row.items() if value is not None}
    # numbers that no image holds are no classes
    columns = [
        name
        for name in max(rows, key=len)
        if name in held or not name.startswith(("Dice ", "IoU "))
    ]
    head = ["image", *columns]
    lines = [
        [name, *(_shown(row.get(column)) for column in head[1:])]
        for name, row in zip(reports, rows, strict=True)
    ]
    widths = [max(map(len, column)) for column in zip(head, *lines, strict=True)]
    return "\n".join(_aligned(line, widths) for line in [head, *lines])


def _like(name: str) -> str:
    """Say what the refusal of one image as classes means for the figures of the others."""
    return (
        f"“{name}” was refused as classes or a mask: if the other images are the same, their "
        "figures and those of all mean nothing. Score them all with --semantic."
    )


def _white(pairs: Collection[tuple[Path, Path]], arguments: Namespace) -> tuple[bool, bool]:
    """Tell of predictions and of truths whether they are masks whose white is class 1."""
    predicted, truth = zip(*pairs, strict=True)
    if not arguments.semantic:
        return False, False
    return are_mask_files(predicted), arguments.ignore is None and are_mask_files(truth)


def _read(path: Path, white: bool, axes: str) -> Picture:
    labels = read_labels(path, axes)
    tell_notes(f"{path.name}: {note}" for note in labels.notes)
    return replace(labels, data=(labels.data != 0).astype(np.uint8)) if white else labels


def _scored(predicted: Picture, truth: Picture, arguments: Namespace) -> Report | ClassReport:
    if arguments.axes:
        axes = arguments.axes.upper()
        predicted, truth = renamed(predicted, axes), renamed(truth, axes)
    refuse_other_axes(predicted, truth)
    predicted = predicted.along(truth.axes).fitted(truth)
    truth = truth.fitted(predicted).named_like(predicted)
    if predicted.data.shape != truth.data.shape:
        raise UserError(
            f"{predicted.name} has the shape {predicted.data.shape}, but its truth has "
            f"{truth.data.shape}: compare label images of the same shape."
        )
    if not arguments.semantic:
        return _of_objects(predicted, truth, arguments.ndim, arguments.ignore)
    ignore = IGNORE if arguments.ignore is None else arguments.ignore
    highest = highest_class(predicted.data, truth.data, ignore_value=ignore)
    return evaluate_classes(predicted.data, truth.data, highest + 1, ignore_value=ignore)


def _of_objects(predicted: Picture, truth: Picture, ndim: int | None, ignore: int | None) -> Report:
    # a prediction may have lost its axes on the way; those of the truth hold for both
    check_objects(truth.data, truth.axes, "The truth", ignore, classes=True)
    refuse_classes(truth.data, truth.axes, "The truth", ignore)
    check_objects(predicted.data, truth.axes, "The prediction", classes=True)
    found = label_planes(Picture(predicted.data, truth.axes), ndim)
    true = label_planes(truth, ndim)
    if not truth.axes and not ndim:
        doubts = guess_doubt(true.axes, truth.data.shape)
        tell_notes(f"{truth.name}: {doubt}" for doubt in doubts)
    for name, labels in ((truth.name, true), (predicted.name, found)):
        # frames are compared one by one, and whatever their numbers are counts for nothing
        told = {doubt for each in labels for doubt in numbers_doubt(each, "ZYX", each.ndim)}
        tell_notes(f"{name}: {doubt}" for doubt in told)
    return pool(
        [
            compare(one, other, ignore=None if ignore is None else other == ignore)
            for one, other in zip(found, true, strict=True)
        ]
    )


def _alike(reports: dict[str, Any]) -> dict[str, Any]:
    """Give reports of classes as many classes as the one with the most."""
    classes = [len(report.both) for report in reports.values() if isinstance(report, ClassReport)]
    if not classes:
        return reports
    return {name: report.padded(max(classes)) for name, report in reports.items()}


def _tell(reports: dict[str, Any], path: Path | None) -> None:
    pooled: Any = pool(list(reports.values()))
    print(table({**reports, "all": pooled}))
    if isinstance(pooled, ClassReport):
        tell_notes(filter(None, [crowd(sum(value is not None for value in pooled.dice))]))
    if path:
        _write_json(path, reports, pooled)


def _write_json(path: Path, reports: dict[str, Any], pooled: Any) -> None:
    images = {name: report.to_dict() for name, report in reports.items()}
    text = json.dumps({"images": images, "pooled": pooled.to_dict()}, indent=2)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


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
