"""``napari-unet export``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.cli.label_planes import (
    dimensions,
    given_axes,
    guess_doubt,
    label_planes,
    plain_axes,
)
from napari_unet.cli.objects.evidence import evidence_beside, tell_less_doubt
from napari_unet.cli.objects.files import labels_in, partners, refuse_alike
from napari_unet.cli.objects.kinds import class_names, drawn_classes, model_classes
from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.cli.shared import each, refuse_existing, tell_notes
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import guess_axes
from napari_unet.core.instances.looks import check_objects, numbers_doubt
from napari_unet.core.measuring.request import Evidence
from napari_unet.core.progress import drive
from napari_unet.core.review.classes import crowd
from napari_unet.io.exchange.content import Content
from napari_unet.io.exchange.export import Export, export_steps
from napari_unet.io.exchange.formats import FORMATS
from napari_unet.io.labels import read_labels
from napari_unet.io.pairs.names import short_name
from napari_unet.io.pairs.pair import pair_of, size_note
from napari_unet.io.picture import numbered, plane_doubt
from napari_unet.io.provenance.read import known_provenance
from napari_unet.io.read import read_image
from napari_unet.storage.atomic import check_folder

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from napari_unet.io.picture import Picture


def export(arguments: Namespace) -> int:
    """Write label images in other formats; return the exit code."""
    _refuse_unknown(arguments.to)
    if arguments.classes and arguments.semantic is None:
        raise UserError(
            "--classes names the classes of the objects: give --semantic with the label images "
            "that hold them."
        )
    check_folder(arguments.out)
    labels = labels_in(arguments.labels)
    pictures, more = partners(labels, arguments.image, "image")
    labels = labels.within(pictures)
    refuse_alike(labels.files, short_name)
    classes, of_classes = partners(
        labels, arguments.semantic, "label image of classes", semantic=True
    )
    nuclei, of_nuclei = partners(labels, arguments.nuclei, "label image of nuclei")
    tell_notes([*labels.notes, *more, *of_classes, *of_nuclei])
    beside = {"image": pictures, "classes": classes, "nuclei": nuclei}
    names, report = class_names(labels.files), reporter(arguments.progress)
    written, doubted = list[Path](), list[bool]()

    def write(path: Path) -> None:
        report.prefix = f"{path.name}: "
        there = {what: found[path] for what, found in beside.items() if path in found}
        content = _all_of(path, there, names, arguments)
        exported = Export(content, arguments.to, arguments.out)
        refuse_existing(exported.files(), arguments.overwrite)
        written.extend(drive(export_steps(exported, overwrite=True), report, stop))
        doubted.append(bool({"probability", "spread"} & set(content.evidence.arrays())))

    with stop_on_signals() as stop:
        code = each(labels.files, write)
    tell_less_doubt(doubted)
    report.finish({"files": [str(path) for path in written]})
    if arguments.progress != "jsonl":
        print(*written, sep="\n")
    return code


def _refuse_unknown(formats: Sequence[str]) -> None:
    unknown = [word for word in formats if word not in FORMATS]
    if unknown or not formats:
        told = f"There is no format {unknown[0]!r}" if unknown else "No format is named"
        raise UserError(f"{told}: give --to some of {', '.join(FORMATS)}, with commas between.")


def _all_of(
    path: Path, beside: Mapping[str, Path], names: tuple[str, ...], arguments: Namespace
) -> Content:
    """Return the objects of a file with what belongs to them: image, classes, nuclei."""
    below = read_image(beside["image"]).loaded() if "image" in beside else None
    others = {
        what: _labels(file, None, arguments)[0] for what, file in beside.items() if what != "image"
    }
    content = _content(path, below, [*others.values()], names, arguments)
    if "classes" in others:
        semantic = others["classes"].along(content.axes).data
        tell_notes(filter(None, [crowd(len(np.unique(semantic)))]))
        called = arguments.classes or model_classes(content.made, int(semantic.max(initial=0)))
        content = replace(content, semantic=semantic, class_names=called)
    if "nuclei" in others:
        content = replace(content, nuclei=others["nuclei"].along(content.axes).data)
    return replace(content, picture=beside["image"].name if "image" in beside else "")


def _labels(
    path: Path, below: Picture | None, arguments: Namespace
) -> tuple[Picture, Picture | None]:
    labels = read_labels(path, plain_axes(arguments.axes))
    return given_axes(labels, below, arguments.axes)


def _content(
    path: Path,
    below: Picture | None,
    beside: Sequence[Picture],
    names: tuple[str, ...],
    arguments: Namespace,
) -> Content:
    picture, below = _labels(path, below, arguments)
    for other in beside:
        picture = picture.named_like(other).fitted(other)
    picture = picture if below is None else picture.fitted(below)
    notes = picture.notes + (size_note(below, picture) if below else ())
    tell_notes(f"{path.name}: {note}" for note in notes)
    pair = None if below is None else pair_of(picture.name, below, picture)
    if pair and picture.axes is None:
        picture = replace(picture, axes=pair.axes)
    label_planes(picture, arguments.ndim)
    check_objects(picture.data, picture.axes, "The label image")
    ndim = arguments.ndim or dimensions(picture)
    made = known_provenance(path)
    axes = picture.axes or guess_axes(picture.data.shape, ndim, 1)
    guess = [] if picture.axes or arguments.ndim else guess_doubt(axes, picture.data.shape)
    doubts = [*guess, *plane_doubt(picture), *numbers_doubt(picture.data, axes, ndim)]
    tell_notes(f"{path.name}: {doubt}" for doubt in doubts)
    content = Content(
        picture.data,
        axes,
        short_name(path.name),
        ndim,
        picture.pixel.listed(axes),
        picture.unit,
        semantic=drawn_classes(picture, names),
        classes=numbered(picture.kinds, names),
        class_names=names if picture.kinds else model_classes(made, None),
        image=None if pair is None else pair.image,
        channels=() if below is None else below.channel_names,
        evidence=_evidence(path, picture, arguments.to),
        made=made,
        step=picture.step or (below.step if below else None),
    )
    if content.spacing or not pair or not pair.spacing:
        return content
    return replace(content, spacing=pair.spacing, unit="µm")


def _evidence(path: Path, labels: Picture, formats: Sequence[str]) -> Evidence:
    """Return what lies beside labels, where a format has the numbers that `measure` has."""
    measured = any(FORMATS[word].measured for word in formats)
    return evidence_beside(path, labels) if measured else Evidence()
