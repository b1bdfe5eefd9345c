"""``napari-unet segment`` and ``napari-unet demo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.util import montage

from napari_unet.cli.batch_table import BatchTable
from napari_unet.cli.options import config_from, given
from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.cli.shared import refuse_existing, tell_notes
from napari_unet.core.config import DecodeConfig, GreyConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.metrics import evaluate, pool
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.core.words import counted
from napari_unet.io.bundled import load_sample
from napari_unet.io.read import passed_over
from napari_unet.io.sources import find_sources
from napari_unet.nn.prediction.segment import segment_steps
from napari_unet.scale.batch.batch import EXTRAS, Batch, result_files
from napari_unet.scale.batch.one_image import write_results
from napari_unet.scale.batch.steps import batch_steps
from napari_unet.scale.large.cluster import workers
from napari_unet.storage.atomic import check_folder, replacing
from napari_unet.storage.model_header import AUTO, find_model, read_header

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from numpy.typing import NDArray


_DEMO = "nuclei2d"
OUTLINE = (255, 200, 0)


def segment(arguments: Namespace) -> int:
    """Segment files and folders; return the exit code."""
    batch = _batch(arguments)
    sources = find_sources(arguments.paths, batch.out, recursive=arguments.recursive)
    tell_notes(passed_over(arguments.paths, recursive=arguments.recursive))
    told = BatchTable(sources, arguments)
    shared = workers(arguments.workers, arguments.scheduler)
    with stop_on_signals() as stop_requested, shared as client:
        rows = drive(batch_steps(sources, batch, arguments.jobs, client), told, stop_requested)
    return told.end(rows, batch.out)


def demo(arguments: Namespace) -> int:
    """Segment the bundled sample and score it; return the exit code."""
    check_folder(arguments.out)
    overlay = arguments.out / f"{_DEMO}_overlay.png"
    targets = result_files(Batch(arguments.out), _DEMO)
    refuse_existing([*targets.values(), overlay], arguments.overwrite)
    source, labels = load_sample(_DEMO)
    image, truth = source.data, labels.data
    report = reporter(arguments.progress)
    with stop_on_signals() as stop_requested:
        steps = segment_steps(image, "nuclei", SegmentRequest(axes=source.axes))
        result = drive(steps, report, stop_requested)
    count = len(write_results(targets, result, source))
    write_overlay(overlay, image, result.instances)
    score = pool([evaluate(*planes) for planes in zip(result.instances, truth, strict=True)])
    precision = score.at(0.5).ap
    report.finish({"objects": count, "ap50": precision})
    if arguments.progress != "jsonl":
        print(
            f"Found {counted(count, 'nucleus', 'nuclei')} in {counted(len(image), 'image')}; "
            f"a person marked {score.truth}.\n"
            f"Average precision at an IoU of 0.5: {precision:.3f}\n"
            f"Labels, a table and a picture to look at are in {arguments.out}."
        )
    return 0


def write_overlay(path: Path, image: NDArray[Any], labels: NDArray[np.integer]) -> None:
    """Write planes side by side with the outlines of their objects, as PNG.

    Parameters
    ----------
    path
        The file to write.
    image
        Grey planes ``(N, y, x)``; each is stretched to its own range.
    labels
        Instances of the same shape.
    """
    dark, bright = image.min(axis=(1, 2), keepdims=True), image.max(axis=(1, 2), keepdims=True)
    grey = 255.0 * (image - dark) / (bright - dark)
    shown = np.repeat(grey[..., np.newaxis], 3, axis=-1).astype(np.uint8)
    for plane, found in zip(shown, labels, strict=True):
        plane[found != ndimage.minimum_filter(found, 3)] = OUTLINE
    sheet = montage(shown, channel_axis=-1, grid_shape=(-(-len(shown) // 3), 3))
    with replacing(path) as temporary:
        Image.fromarray(sheet).save(temporary, "PNG")


def _batch(arguments: Namespace) -> Batch:
    decode = None
    if given(arguments, DecodeConfig):
        if arguments.model == AUTO:
            raise UserError(
                "Each model makes objects in a way of its own: name one with --model to set "
                "--threshold, --split or --min-size."
            )
        header = read_header(find_model(arguments.model))
        decode = config_from(arguments, DecodeConfig.from_dict(header["decode"]))
    request = SegmentRequest(
        axes=arguments.axes,
        channels=arguments.channels,
        spacing=arguments.spacing,
        tiles=config_from(arguments, TileConfig()),
        decode=decode,
        size=config_from(arguments, SizeConfig()),
        grey=config_from(arguments, GreyConfig()),
        link=config_from(arguments, LinkConfig()),
    )
    return Batch(
        out=arguments.out,
        model=arguments.model,
        request=request,
        extras=tuple(extra for extra in EXTRAS if getattr(arguments, extra)),
        overwrite=arguments.overwrite,
    )
