"""``napari-unet segment`` and ``napari-unet demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.util import montage

from napari_unet.cli_options import config_from
from napari_unet.cli_progress import reporter, stop_on_signals
from napari_unet.commands.files import each, inputs, refuse_existing
from napari_unet.core.atomic import replacing
from napari_unet.core.axes import SPATIAL, guess_axes
from napari_unet.core.check import check_image
from napari_unet.core.config import TileConfig
from napari_unet.core.metrics import evaluate, pool
from napari_unet.core.progress import drive
from napari_unet.io.picture import Picture
from napari_unet.io.read import read_image
from napari_unet.io.samples import load_sample
from napari_unet.io.table import object_rows, write_table
from napari_unet.io.tiff import write_labels
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.segment import segment_steps

if TYPE_CHECKING:
    from argparse import Namespace

    from numpy.typing import NDArray

    from napari_unet.core.segmentation import Segmentation

_DEMO = "nuclei2d"
OUTLINE = (255, 200, 0)


def segment(arguments: Namespace) -> int:
    """Segment files and folders; return the exit code."""
    model = load_model(arguments.model)
    tiles = config_from(arguments, TileConfig())
    decode = config_from(arguments, model.decode)
    report = reporter(arguments.progress)
    files = inputs(arguments.paths, arguments.out)

    def one(path: Path) -> None:
        targets = _targets(arguments.out, path.stem)
        refuse_existing(targets.values(), arguments.overwrite)
        picture = read_image(path)
        check_image(picture.data)
        axes = arguments.axes or picture.axes
        steps = segment_steps(picture.data, model, axes=axes, tiles=tiles, decode=decode)
        report.prefix = f"{path.name}: "
        result = drive(steps, report, stop_requested)
        count = write_results(targets, result, _described(picture, axes, model))
        report.finish({"file": str(path), "objects": count})
        if arguments.progress != "jsonl":
            print(f"{path.name}: {_counted(count, 'object')}")

    with stop_on_signals() as stop_requested:
        return each(files, one)


def demo(arguments: Namespace) -> int:
    """Segment the bundled sample and score it; return the exit code."""
    overlay = arguments.out / f"{_DEMO}_overlay.png"
    targets = _targets(arguments.out, _DEMO)
    refuse_existing([*targets.values(), overlay], arguments.overwrite)
    source, labels = load_sample(_DEMO)
    image, truth = source.data, labels.data
    report = reporter(arguments.progress)
    with stop_on_signals() as stop_requested:
        result = drive(segment_steps(image, "nuclei", axes=source.axes), report, stop_requested)
    count = write_results(targets, result, source)
    write_overlay(overlay, image, result.instances)
    score = pool([evaluate(*planes) for planes in zip(result.instances, truth, strict=True)])
    precision = score.at(0.5).ap
    report.finish({"objects": count, "ap50": precision})
    if arguments.progress != "jsonl":
        print(
            f"Found {_counted(count, 'nucleus', 'nuclei')} in {len(image)} images; "
            f"a person marked {score.truth}.\n"
            f"Average precision at an IoU of 0.5: {precision:.3f}\n"
            f"Labels, a table and a picture to look at are in {arguments.out}."
        )
    return 0


def write_results(targets: dict[str, Path], result: Segmentation, source: Picture) -> int:
    """Write instances, classes and the table of objects.

    Parameters
    ----------
    targets
        The files, by ``"instances"``, ``"semantic"`` and ``"objects"``.
    result
        The segmentation.
    source
        The image with its axes known.

    Returns
    -------
    Number of objects.
    """
    axes, spacing = _result_axes(source, result.ndim)
    where: dict[str, Any] = {"axes": axes, "spacing": spacing, "unit": source.unit}
    write_labels(targets["instances"], result.instances, **where)
    write_labels(targets["semantic"], result.semantic, **where)
    rows = object_rows(result.instances, axes, result.ndim, spacing, source.unit)
    write_table(targets["objects"], rows)
    return len(rows)


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


def _targets(out: Path, name: str) -> dict[str, Path]:
    endings = {"instances": "instances.tif", "semantic": "semantic.tif", "objects": "objects.csv"}
    return {kind: out / f"{name}_{ending}" for kind, ending in endings.items()}


def _described(picture: Picture, axes: str | None, model: Model) -> Picture:
    """Return the picture with its axes known, as the model took them."""
    config = model.config
    taken = axes or guess_axes(picture.data.shape, config.ndim, config.in_channels)
    spatial = "".join(letter for letter in taken.upper() if letter in SPATIAL[3])
    stated = "".join(letter for letter in picture.axes or "" if letter in SPATIAL[3])
    spacing, unit = (picture.spacing, picture.unit) if spatial == stated else (None, "px")
    return Picture(picture.data, taken.upper(), spacing, unit, picture.name)


def _result_axes(source: Picture, ndim: int) -> tuple[str, tuple[float, ...] | None]:
    """Axes and spacing of the labels: planes first, then what the network saw at once."""
    axes = (source.axes or "").replace("C", "")
    ordered = "".join(letter for letter in axes if letter not in SPATIAL[ndim]) + SPATIAL[ndim]
    if source.spacing is None:
        return ordered, None
    sizes = dict(zip([axis for axis in axes if axis in SPATIAL[3]], source.spacing, strict=True))
    return ordered, tuple(sizes[axis] for axis in ordered if axis in sizes)


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"
