"""One image of a batch: read, segmented, measured, and its results written."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError, about, is_out_of_memory, sentence
from napari_unet.core.image.check import check_image
from napari_unet.core.instances.looks import image_doubt
from napari_unet.core.instances.measure import SIZES
from napari_unet.core.measuring.objects import measure_steps
from napari_unet.core.measuring.request import Evidence, MeasureRequest
from napari_unet.core.progress import Progress, Stop, drive
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.table import write_columns
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.io.zarr_folder import is_zarr_folder
from napari_unet.nn.prediction.best_model import resort_advice_steps
from napari_unet.nn.prediction.segment import segment_steps
from napari_unet.nn.prediction.too_large import exceeds_memory
from napari_unet.processes.errors import show_traceback
from napari_unet.scale.batch.batch import begun_by_blocks, remove_results, result_files
from napari_unet.scale.batch.log import DONE, STAGE, Row, failed
from napari_unet.scale.large.begin import checked_steps, chosen_in_steps, described, guess_in
from napari_unet.scale.large.segment import segment_large_steps
from napari_unet.storage.digests import source_file
from napari_unet.storage.disk import free_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.config import ModelConfig
    from napari_unet.core.decoding.segmentation import Segmentation
    from napari_unet.core.progress import Steps
    from napari_unet.io.picture import Picture
    from napari_unet.io.sources import Source
    from napari_unet.nn.model import Model
    from napari_unet.scale.batch.batch import Batch
    from napari_unet.scale.batch.log import Log


_NOT_SHARED = (
    "Workers only share images that are zarr folders; others are done here, one after the other: "
    "give jobs instead of workers to do several at a time."
)


def attempt_steps(
    source: Source, batch: Batch, model: Model | str, log: Log, client: Any = None
) -> Steps[Row]:
    """Segment one image and write its results; whatever goes wrong is told in its row.

    Parameters
    ----------
    source
        The image.
    batch
        What is done with it.
    model
        The loaded model, or `AUTO`.
    log
        The record of the folder of results.
    client
        What `napari_unet.scale.large.cluster.workers` gave: who works on large images.

    Yields
    ------
    The progress of `segment_steps`, or of `segment_large_steps`.

    Raises
    ------
    Stop
        When the user wants to stop: nothing of this image is kept, but for the blocks of a large
        one that are done.
    """
    try:
        row = yield from _file_steps(source, batch, model, log, client)
    except Stop:
        raise
    except Exception as error:  # the last resort of an image: whatever it is, the others go on
        show_traceback()
        return _failed(source, error)
    return row


def write_results(
    targets: dict[str, Path],
    result: Segmentation,
    source: Picture,
    table: dict[str, NDArray[Any]],
) -> None:
    """Write labels, the table of objects and what else is wanted.

    Parameters
    ----------
    targets
        The files to write, of the kinds of `result_files`.
    result
        The segmentation, with its axes.
    source
        The image, with its axes.
    table
        The objects, as `measured` has them.
    """
    spacing = source.grid
    whole = result.made.replace(source=source_file(source.file))
    for kind, path in targets.items():
        made = whole.replace(kind=kind)
        if kind == "objects":
            write_columns(path, [table])
        elif kind == "probabilities":
            write_tiff(path, result.probabilities, f"C{result.axes}", spacing, source.unit, made)
        elif kind == "uncertainty" and result.spread is not None:
            write_tiff(path, result.spread, result.axes, spacing, source.unit, made)
        else:
            labels = getattr(result, kind)
            write_labels(path, labels, result.axes, spacing, source.unit, made)


def measured(result: Segmentation, source: Picture) -> dict[str, NDArray[Any]]:
    """Return what `measure_objects` makes of a segmentation: of linked planes, a volume each.

    Parameters
    ----------
    result
        The segmentation, with its axes.
    source
        The image, with its axes.
    """
    request = MeasureRequest(
        result.axes,
        result.ndim_of_objects,
        source.pixel.listed(result.axes),
        source.unit,
        source.axes or "",
        source.channel_names,
    )
    # whoever stops now keeps what the network has found
    return drive(measure_steps(result.instances, source.data, request, Evidence.of(result)))


def is_large(path: Path, picture: Picture, config: ModelConfig, views: str) -> bool:
    """Tell whether an image's labels are written block by block, as OME-Zarr.

    Parameters
    ----------
    path
        Where the image lies.
    picture
        The image, with its axes.
    config
        Of the model.
    views
        Over which views of the image is averaged, as in `TileConfig`.
    """
    return is_zarr_folder(path) or exceeds_memory(
        picture.data.shape, picture.axes or "", config, views
    )


def _file_steps(
    source: Source, batch: Batch, asked: Model | str, log: Log, client: Any
) -> Steps[Row]:
    start = time.monotonic()
    picture = read_image(source.path)
    check_image(picture.data, blank_allowed=True)
    chosen = yield from chosen_in_steps(picture, asked, batch.request)
    resort = yield from resort_advice_steps(picture.data, chosen)
    model = chosen.model
    batch = batch.replace(request=batch.request.replace(channels=chosen.request.channels))
    guess = guess_in(picture, model, batch.request)
    picture = described(picture, model, batch.request)
    spacing = picture.pixel.listed(picture.axes or "")
    told = batch.request.replace(axes=picture.axes, spacing=spacing)
    batch = batch.replace(request=told)
    # what was begun in one way goes on in it, however much memory is free now
    begun = None if batch.overwrite else begun_by_blocks(batch, source.name)
    large = is_large(source.path, picture, model.config, told.tiles.views)
    if large if begun is None else begun:
        row = yield from _large_steps(source, picture, batch, (model, log, client))
    else:
        if client is not None:
            yield Progress(STAGE, notice=_NOT_SHARED)
        row = yield from _small_steps(source, picture, batch, (model, log))
    if not row.about:
        row = replace(row, note=f"{row.note} {resort.told}".strip(), about=resort.about)
    note = " ".join(filter(None, [*picture.notes, *_doubt(picture), chosen.note, guess, row.note]))
    taken = round(time.monotonic() - start, 2)
    row = replace(row, seconds=taken, axes=picture.axes or "", note=note)
    log.add(source, row)
    return row


def _doubt(picture: Picture) -> list[str]:
    """Return what is doubtful about an image in memory that looks like labels."""
    grey = isinstance(picture.data, np.ndarray) and "C" not in (picture.axes or "C")
    return image_doubt(picture.data, "The image") if grey else []


def _large_steps(
    source: Source, picture: Picture, batch: Batch, means: tuple[Model, Log, Any]
) -> Steps[Row]:
    """Segment an image block by block; what an earlier time has done is not done again."""
    if batch.extras:
        raise UserError(
            f"The {' and '.join(batch.extras)} of so large an image cannot be written: leave "
            f"{'it' if batch.extras == ('uncertainty',) else 'them'} away.",
            about=", ".join(batch.extras),
        )
    model, log, client = means
    if batch.overwrite:  # what is there goes only when it is sure that the new work can begin
        yield from checked_steps(batch.out, picture, model, batch.request, client)
        remove_results(batch.out, source.name)
    log.add(source)
    named = replace(picture, name=source.name)
    found = yield from segment_large_steps(named, model, batch.out, batch.request, client=client)
    return Row(
        source.name,
        str(source.path),
        DONE,
        found.objects,
        note=found.note,
        about=found.about,
    )


def _small_steps(
    source: Source, picture: Picture, batch: Batch, means: tuple[Model, Log]
) -> Steps[Row]:
    model, log = means
    _check_room(batch.out, picture)
    result = yield from segment_steps(picture.data, model, batch.request)
    table = measured(result, picture)
    if batch.overwrite:
        remove_results(batch.out, source.name)
    targets = result_files(batch, source.name)
    _refuse_changed(targets["instances"], result)
    log.add(source)
    missing = {kind: path for kind, path in targets.items() if not path.exists()}
    write_results(missing, result, picture, table)
    return replace(_row(source, table), note=result.note, about=result.advice.about)


def _refuse_changed(path: Path, result: Segmentation) -> None:
    """Refuse to add files to labels of other objects than a segmentation has."""
    if not path.exists():
        return
    if not np.array_equal(read_label_image(path).data.squeeze(), result.instances.squeeze()):
        raise UserError(
            f"{path} holds other objects than are found now, as after a correction by hand: "
            "measure them for a table, or give another folder."
        )


def _row(source: Source, table: dict[str, NDArray[Any]]) -> Row:
    """Sum up the objects; one that is followed through time counts once."""
    ndim = 3 if SIZES[3] in table else 2
    sizes = table[SIZES[ndim]]
    return Row(
        source.name,
        str(source.path),
        DONE,
        len(np.unique(table["label"])),
        float(np.median(sizes)) if len(sizes) else None,
        f"{table['unit'][0]}{'³' if ndim == 3 else '²'}" if len(sizes) else "",
    )


def _check_room(out: Path, picture: Picture) -> None:
    """Refuse early what would fail after long work: a result takes about a byte per pixel."""
    if free_bytes(out) < picture.data.size:
        raise UserError(f"The disk of {out} is full: make room, then run this again to go on.")


def _failed(source: Source, error: Exception) -> Row:
    if is_out_of_memory(error):
        told = "Memory does not suffice: close other programs, or use fewer jobs."
        return failed(source, told, about="jobs")
    return failed(source, sentence(error), about(error))
