"""``napari-unet measure``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.cli.objects.files import labels_in, partners
from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.cli.shared import each, refuse_existing, tell_notes
from napari_unet.core.image.axes import guess_axes
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.instances.masks import refuse_mask
from napari_unet.core.measuring.objects import measure_steps
from napari_unet.core.measuring.request import Evidence, MeasureRequest
from napari_unet.core.progress import drive
from napari_unet.core.words import counted
from napari_unet.io.labels import read_labels
from napari_unet.io.names import stem
from napari_unet.io.pairs import pair_of
from napari_unet.io.read import is_zarr_folder, read_image, read_label_image
from napari_unet.io.table import write_columns
from napari_unet.storage.atomic import check_folder

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.picture import Picture

    Columns = dict[str, NDArray[Any]]


def measure(arguments: Namespace) -> int:
    """Write a table of the objects of label images; return the exit code."""
    refuse_existing([arguments.out], arguments.overwrite)
    check_folder(arguments.out.parent)
    files, notes = labels_in(arguments.labels)
    pictures, more = partners(files, arguments.image, "image")
    tell_notes([*notes, *more])
    tell = reporter(arguments.progress)
    tables: list[Columns] = []

    with stop_on_signals() as stop:

        def one(path: Path) -> None:
            tell.prefix = f"{path.name}: " if len(files) > 1 else ""
            found = drive(_steps(path, pictures.get(path), arguments), tell, stop)
            tables.append({"file": np.full(len(found["label"]), path.name), **found})

        code = each(files, one)
    if tables:
        write_columns(arguments.out, tables)
    objects = sum(len(table["label"]) for table in tables)
    tell.finish({"objects": objects})
    if tables and arguments.progress != "jsonl":
        rows = counted(objects, "row")
        print(f"{arguments.out} has {rows} from {counted(len(tables), 'label image')}.")
    return code


def _steps(path: Path, image: Path | None, arguments: Namespace) -> Steps[Columns]:
    large = is_zarr_folder(path)
    labels = read_label_image(path) if large else read_labels(path)
    picture = None if image is None else read_image(image)
    notes = labels.notes + (picture.notes if picture else ())
    tell_notes(f"{path.name}: {note}" for note in notes)
    labels = _described(labels, picture, arguments)
    if not large:
        refuse_mask(labels.data, labels.axes, "The label image")
    asked = _request(labels, arguments)
    pixels = None
    if picture is not None:
        picture = replace(picture, axes=arguments.axes or picture.axes)
        lazy = large or not isinstance(picture.data, np.ndarray)
        pixels = picture.data if lazy else pair_of(path.name, picture, labels).image
        names = tuple(channel.name for channel in picture.channels)
        named = all(names) and len(set(names)) == len(names)
        asked = asked.replace(
            image_axes=(picture.axes or "") if lazy else "", channels=names if named else ()
        )
    return (yield from measure_steps(labels.data, pixels, asked, _evidence(path, labels)))


def _described(labels: Picture, picture: Picture | None, arguments: Namespace) -> Picture:
    """Return labels with axes and pixel size: their own, else the image's, else what is given."""
    of_image = picture and (arguments.axes or picture.axes or "").upper().replace("C", "")
    axes = labels.axes or (arguments.axes or "").upper().replace("C", "")
    if len(axes) != labels.data.ndim and of_image:
        axes = of_image
    if len(axes) != labels.data.ndim:
        axes = guess_axes(labels.data.shape, arguments.ndim or 2, 1)
    size, unit = (labels.pixel, labels.unit) if labels.axes else (Spacing(), "px")
    if not size and picture is not None and picture.pixel:
        size, unit = picture.pixel, picture.unit
    if not size and arguments.spacing:
        size, unit = Spacing.along(axes, arguments.spacing), "µm"
    return replace(labels, axes=axes, spacing=size.of(axes), partial=size, unit=unit)


def _request(labels: Picture, arguments: Namespace) -> MeasureRequest:
    axes = labels.axes or ""
    deep = "Z" in axes and labels.data.shape[axes.index("Z")] > 1
    return MeasureRequest(
        axes=axes,
        ndim=arguments.ndim or (3 if deep else 2),
        spacing=labels.pixel.listed(axes),
        unit=labels.unit,
    )


def _evidence(path: Path, labels: Picture) -> Evidence:
    """Read what `segment` has written beside its labels: classes, probabilities, uncertainty."""
    name = stem(path.name).removesuffix("_instances")
    if name == stem(path.name):
        return Evidence()
    found = {
        kind: path.with_name(f"{name}_{kind}{path.suffix}")
        for kind in ("semantic", "probabilities", "uncertainty")
    }
    there = {kind: read_label_image(file) for kind, file in found.items() if file.exists()}
    if is_zarr_folder(path):
        return Evidence(there["semantic"].data) if "semantic" in there else Evidence()
    loaded = {
        kind: pair_of(name, picture.loaded(), labels).image for kind, picture in there.items()
    }
    return Evidence(
        classes=loaded["semantic"][0] if "semantic" in loaded else None,
        probability=1 - loaded["probabilities"][0] if "probabilities" in loaded else None,
        spread=loaded["uncertainty"][0] if "uncertainty" in loaded else None,
    )
