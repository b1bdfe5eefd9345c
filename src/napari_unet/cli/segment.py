"""``napari-unet segment``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_unet.cli.batch_table import BatchTable
from napari_unet.cli.options import config_from, given
from napari_unet.cli.progress import stop_on_signals
from napari_unet.cli.shared import tell_notes
from napari_unet.core.config import DecodeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.provenance.settings import Settings
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.provenance.settings import read_settings
from napari_unet.io.sources import find_sources, left_out
from napari_unet.scale.batch.batch import EXTRAS, Batch
from napari_unet.scale.batch.steps import batch_steps
from napari_unet.scale.large.cluster import workers
from napari_unet.storage.model_header import AUTO, find_model, read_header

if TYPE_CHECKING:
    from argparse import Namespace


def segment(arguments: Namespace) -> int:
    """Segment files and folders; return the exit code."""
    batch = batch_of(arguments)
    sources = find_sources(arguments.paths, batch.out, recursive=arguments.recursive)
    tell_notes(left_out(arguments.paths, batch.out, recursive=arguments.recursive))
    if batch.request.size.diameter and not batch.request.size.by_object:
        match = batch.request.size.match.replace(" ", "-")
        tell_notes([f"With --match {match} the diameter of the objects does not count."])
    told = BatchTable(sources, arguments)
    shared = workers(arguments.workers, arguments.scheduler)
    with stop_on_signals() as stop_requested, shared as client:
        rows = drive(batch_steps(sources, batch, arguments.jobs, client), told, stop_requested)
    return told.end(rows, batch.out)


def batch_of(arguments: Namespace) -> Batch:
    """Return what is asked for with every image, from the flags of the command."""
    used = read_settings(arguments.settings) if arguments.settings else Settings()
    model = arguments.model or used.model.file or Batch.model
    decode = used.request.decode
    if model == AUTO and (decode or given(arguments, DecodeConfig)):
        raise UserError(
            "Each model makes objects in a way of its own: name one with --model to set "
            "--threshold, --split or --min-size, or to take them from --settings."
        )
    if given(arguments, DecodeConfig):
        own = DecodeConfig.from_dict(read_header(find_model(model))["decode"])
        decode = config_from(arguments, decode or own)
    return Batch(
        out=arguments.out,
        model=model,
        request=_request(arguments, used.request).replace(decode=decode),
        extras=tuple(extra for extra in EXTRAS if getattr(arguments, extra)),
        overwrite=arguments.overwrite,
    )


def _request(arguments: Namespace, used: SegmentRequest) -> SegmentRequest:
    """Return how images are segmented: as before, where no flag says otherwise."""
    return used.replace(
        axes=arguments.axes,
        channels=arguments.channels or used.channels,
        spacing=arguments.spacing,
        tiles=config_from(arguments, used.tiles),
        size=config_from(arguments, used.size),
        grey=config_from(arguments, used.grey),
        link=config_from(arguments, used.link),
    )
