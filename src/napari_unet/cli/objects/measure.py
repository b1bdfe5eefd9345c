"""``napari-unet measure``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.cli.label_planes import (
    given_axes,
    guess_doubt,
    plain_axes,
    refuse_other_axes,
)
from napari_unet.cli.objects.evidence import evidence_beside, tell_less_doubt
from napari_unet.cli.objects.files import labels_in, partners, told_apart
from napari_unet.cli.objects.kinds import class_names, drawn_classes
from napari_unet.cli.options import config_from
from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.cli.shared import check_file, each, tell_notes
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import guess_axes
from napari_unet.core.image.spacing import Spacing, check_sizes
from napari_unet.core.instances.looks import (
    check_objects,
    image_doubt,
    numbers_doubt,
    refuse_grey,
)
from napari_unet.core.measuring.objects import measure_steps
from napari_unet.core.measuring.request import Evidence, MeasureRequest
from napari_unet.core.pairing.config import PairConfig
from napari_unet.core.pairing.measure import measure_cells_steps
from napari_unet.core.pairing.pair import cases_in_words
from napari_unet.core.progress import drive
from napari_unet.core.review.lying import place_doubt
from napari_unet.core.words import counted
from napari_unet.io.labels import read_labels
from napari_unet.io.pairs.pair import pair_of, size_note
from napari_unet.io.picture import plane_doubt
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.table import write_columns
from napari_unet.io.zarr_folder import is_zarr_folder
from napari_unet.storage.atomic import check_folder

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.picture import Picture

    Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class _Files:
    """A label image, what lies beside it, and the names of the classes in all files."""

    labels: Path
    image: Path | None
    nuclei: Path | None
    kinds: tuple[str, ...]


def measure(arguments: Namespace) -> int:
    """Write a table of the objects of label images; return the exit code."""
    check_file(arguments.out, ".csv", arguments.overwrite)
    check_folder(arguments.out.parent)
    check_sizes(arguments.spacing)
    config = _pair_config(arguments)
    labels = labels_in(arguments.labels)
    pictures, more = partners(labels, arguments.image, "image")
    labels = labels.within(pictures)
    files = labels.files
    nuclei, others = partners(labels, arguments.nuclei, "label image of nuclei")
    _refuse_same(nuclei)
    tell_notes([*labels.notes, *more, *others])
    kinds = class_names(files)
    tell = reporter(arguments.progress)
    tables: list[Columns] = []
    cases: Counter[str] = Counter()
    called = told_apart(files)

    with stop_on_signals() as stop:

        def one(path: Path) -> None:
            tell.prefix = f"{called[path]}: " if len(files) > 1 else ""
            read = _Files(path, pictures.get(path), nuclei.get(path), kinds)
            found, counts = drive(_steps(read, config, arguments), tell, stop)
            tables.append({"file": np.full(len(found["label"]), called[path]), **found})
            cases.update(counts)

        code = each(files, one)
    if tables:
        write_columns(arguments.out, tables)
    tell_less_doubt({"doubt", "cell_doubt"} & set(table) for table in tables)
    objects = sum(len(table["label"]) for table in tables)
    tell.finish({"objects": objects, **cases})
    if tables and arguments.progress != "jsonl":
        rows = counted(objects, "row")
        print(f"{arguments.out} has {rows} from {counted(len(tables), 'label image')}.")
        if config:
            print(f"Found {cases_in_words(cases)}")
    return code


def _refuse_same(nuclei: Mapping[Path, Path]) -> None:
    """Refuse labels as their own nuclei: each cell would be all nucleus."""
    same = [cells for cells, inner in nuclei.items() if cells.resolve() == inner.resolve()]
    if same:
        raise UserError(
            f"{same[0]} was given as cells and as nuclei: give the nuclei a file or folder of "
            "their own, or leave --nuclei away."
        )


def _pair_config(arguments: Namespace) -> PairConfig | None:
    """Return how nuclei and cells are paired; None where there are only objects."""
    config = config_from(arguments, PairConfig())
    if arguments.nuclei is not None and config.grow:
        raise UserError("Cells are grown where there are only nuclei: give --nuclei or --grow.")
    if arguments.nuclei is not None or config.grow:
        return config
    if config != PairConfig():
        raise UserError(
            "There are no nuclei: give --nuclei with their labels, or --grow where the labels are "
            "the nuclei."
        )
    return None


def _steps(
    read: _Files, config: PairConfig | None, arguments: Namespace
) -> Steps[tuple[Columns, Mapping[str, int]]]:
    path = read.labels
    large = is_zarr_folder(path)
    labels = _labels(path, arguments.axes)
    picture = None if read.image is None else read_image(read.image)
    nuclei = None if read.nuclei is None else _labels(read.nuclei, arguments.axes).loaded()
    stated, picture = given_axes(labels, picture, arguments.axes)
    if nuclei is not None:
        nuclei, _ = given_axes(nuclei, None, arguments.axes)
        refuse_other_axes(stated, nuclei)
        stated = stated.named_like(nuclei).fitted(nuclei)
    if picture is not None:
        refuse_other_axes(stated, picture)
        stated = stated.fitted(picture)
    labels = _described(stated, picture, arguments)
    notes = labels.notes + (picture.notes if picture else ())
    tell_notes(_about(path, notes))
    if large:
        refuse_grey(labels.data, "The label image")
    else:
        check_objects(labels.data, labels.axes, "The label image")
    asked = _request(labels, arguments)
    tell_notes(_about(path, numbers_doubt(labels.data, labels.axes or "", asked.ndim or 2)))
    pixels = None
    if picture is not None and read.image is not None:
        lazy = large or not isinstance(picture.data, np.ndarray)
        pixels = picture.data if lazy else pair_of(path.name, picture, stated).image
        if not lazy:
            tell_notes(_seen_doubts(read, labels, pixels))
        axes = (picture.axes or "") if lazy else ""
        asked = asked.replace(image_axes=axes, channels=picture.channel_names)
    evidence = _evidence(path, stated, read.kinds)
    if config is None:
        return (yield from measure_steps(labels.data, pixels, asked, evidence)), {}
    if nuclei is None:
        steps = measure_cells_steps(labels.data, None, pixels, config, asked)
    else:
        inner = _within(nuclei, stated)
        steps = measure_cells_steps(inner, labels.data, pixels, config, asked, evidence)
    found = yield from steps
    return found.table, found.pairing.counts()


def _seen_doubts(read: _Files, labels: Picture, pixels: Any) -> list[str]:
    """Return what is doubtful of an image ``(C, ...)``, and of labels that are laid on it."""
    axes = labels.axes or ""
    told = image_doubt(pixels, read.image.name) if read.image and len(pixels) == 1 else []
    lying = place_doubt(labels.data, axes, pixels, f"C{axes}")
    return [*told, *_about(read.labels, lying)]


def _about(path: Path, notes: Iterable[str]) -> list[str]:
    return [f"{path.name}: {note}" for note in notes]


def _labels(path: Path, given: str | None) -> Picture:
    if is_zarr_folder(path):
        return read_label_image(path)
    return read_labels(path, plain_axes(given))


def _within(nuclei: Picture, cells: Picture) -> Any:
    """Return the labels of nuclei as they lie on those of their cells."""
    tell_notes(f"{nuclei.name}: {note}" for note in nuclei.notes)
    check_objects(nuclei.data, nuclei.axes or cells.axes, "The nuclei image")
    nuclei = nuclei.along(cells.axes).fitted(cells)
    if nuclei.data.shape == cells.data.shape:
        return nuclei.data
    return pair_of(nuclei.name, nuclei, cells.loaded()).image[0]


def _described(labels: Picture, picture: Picture | None, arguments: Namespace) -> Picture:
    """Return labels with axes and pixel size: what is given, else their own, else the image's."""
    axes = labels.axes or ((picture and picture.axes) or "").replace("C", "")
    notes = (*labels.notes, *plane_doubt(labels))
    if len(axes) != labels.data.ndim:
        axes = guess_axes(labels.data.shape, arguments.ndim or 2, 1)
        # who says how many axes objects have knows what the planes are
        notes += () if arguments.ndim else tuple(guess_doubt(axes, labels.data.shape))
    size, given = labels.pixel, Spacing.along(axes, arguments.spacing)
    if picture is not None:
        size = size or picture.pixel
        notes += () if given else size_note(picture, labels)
    named = replace(labels, axes=axes, spacing=size.of(axes), partial=size, notes=notes)
    return named.sized(given)


def _request(labels: Picture, arguments: Namespace) -> MeasureRequest:
    axes = labels.axes or ""
    deep = "Z" in axes and labels.data.shape[axes.index("Z")] > 1
    return MeasureRequest(
        axes=axes,
        ndim=arguments.ndim or (3 if deep else 2),
        spacing=labels.pixel.listed(axes),
        unit=labels.unit,
    )


def _evidence(path: Path, labels: Picture, kinds: tuple[str, ...]) -> Evidence:
    """Return the classes that a file of outlines names; else what `segment` has written."""
    if labels.kinds:
        return Evidence(drawn_classes(labels, kinds))
    return evidence_beside(path, labels)
