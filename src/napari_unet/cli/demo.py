"""``napari-unet demo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.util import montage

from napari_unet.cli.evaluate import table
from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.cli.shared import refuse_existing
from napari_unet.core.evaluation.metrics import evaluate, evaluate_classes
from napari_unet.core.evaluation.report import ClassReport, Report, pool
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import SAMPLE_OF, SAMPLES, load_sample
from napari_unet.nn.prediction.segment import segment_steps
from napari_unet.scale.batch.batch import Batch, result_files
from napari_unet.scale.batch.one_image import measured, write_results
from napari_unet.storage.atomic import check_folder, replacing

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps

OUTLINE = (255, 200, 0)
DEEP = 8
"""Of how many planes of a volume one is shown."""


def demo(arguments: Namespace) -> int:
    """Segment the bundled samples, each with the model for it, and score; return the exit code."""
    check_folder(arguments.out)
    files = {model: _files(arguments.out, sample) for model, sample in SAMPLE_OF.items()}
    written = [path for targets in files.values() for path in targets.values()]
    refuse_existing(written, arguments.overwrite)
    tell = reporter(arguments.progress)
    with stop_on_signals() as stop:
        scores = {model: drive(_steps(model, files[model]), tell, stop) for model in files}
    objects = {model: each for model, each in scores.items() if isinstance(each, Report)}
    classes = {model: each for model, each in scores.items() if isinstance(each, ClassReport)}
    told: dict[str, Any] = {
        model: {"objects": score.predicted, "ap50": score.at(0.5).ap}
        for model, score in objects.items()
    } | {model: {"dice": score.dice[1:]} for model, score in classes.items()}
    tell.finish(told)
    if arguments.progress != "jsonl":
        print(
            f"{table(objects)}\n\n{table(classes)}\n\n"
            "Each row is a model on a sample that it has not learnt from. Above: objects that it "
            "found, and those that a person marked; average precision (AP) at an IoU of 0.5 to "
            "0.9. Below: overlap with what a person marked (Dice), 0 the background.\n"
            f"Labels, tables and pictures to look at are in {arguments.out}."
        )
    return 0


def write_overlay(path: Path, image: NDArray[Any], labels: NDArray[np.integer]) -> None:
    """Write planes side by side with the outlines of their objects, as PNG.

    Parameters
    ----------
    path
        The file to write.
    image
        Planes ``(N, y, x)``, or ``(N, y, x, 3)`` in colour; each is stretched to its own range.
    labels
        Instances ``(N, y, x)``.
    """
    grey = image[..., np.newaxis] if image.ndim == labels.ndim else image
    dark, bright = (limit(axis=(1, 2, 3), keepdims=True) for limit in (grey.min, grey.max))
    shown = (255.0 * (grey - dark) / (bright - dark)).astype(np.uint8)
    shown = np.broadcast_to(shown, (*labels.shape, 3)).copy()
    for plane, found in zip(shown, labels, strict=True):
        plane[found != ndimage.minimum_filter(found, 3)] = OUTLINE
    columns = min(len(shown), 3)
    sheet = montage(shown, channel_axis=-1, grid_shape=(-(-len(shown) // columns), columns))
    with replacing(path) as temporary:
        Image.fromarray(sheet).save(temporary, "PNG")


def _files(out: Path, sample: str) -> dict[str, Path]:
    return {**result_files(Batch(out), sample), "overlay": out / f"{sample}_overlay.png"}


def _steps(model: str, files: dict[str, Path]) -> Steps[Report | ClassReport]:
    """Segment a model's sample, write what was found, and compare it with what a person marked."""
    sample = SAMPLE_OF[model]
    image, labels = load_sample(sample)
    result = yield from segment_steps(image.data, model, SegmentRequest(axes=image.axes))
    targets = {kind: files[kind] for kind in files if kind != "overlay"}
    write_results(targets, result, image, measured(result, image))
    axes, semantic = image.axes or "", SAMPLES[sample].semantic
    found = result.semantic if semantic else result.instances
    write_overlay(files["overlay"], _shown(image.data, axes), _shown(found, axes))
    if semantic:
        return evaluate_classes(found, labels.data, len(result.probabilities))
    apart = "T" in axes
    pairs = zip(found, labels.data, strict=True) if apart else [(found, labels.data)]
    return pool([evaluate(*pair) for pair in pairs])


def _shown(picture: NDArray[Any], axes: str) -> NDArray[Any]:
    """Return the planes that the overlay shows: all pictures, and of a volume some."""
    if "Z" in axes:
        return picture[DEEP::DEEP]
    return picture if "T" in axes else picture[np.newaxis]
