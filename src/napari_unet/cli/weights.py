"""``napari-unet weights``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_unet.cli.label_planes import label_planes
from napari_unet.cli.objects.files import labels_in, refuse_alike
from napari_unet.cli.options import config_from
from napari_unet.cli.progress import reporter
from napari_unet.cli.shared import each, refuse_existing, tell_notes
from napari_unet.core.config import TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.instances.looks import check_objects
from napari_unet.core.instances.masks import refuse_classes
from napari_unet.core.progress import Progress, drive
from napari_unet.core.targets.annotation_weight import WeightMapRequest, weight_steps
from napari_unet.core.targets.targets import instance_weight
from napari_unet.io.annotations.read import annotations_and_notes
from napari_unet.io.labels import read_labels
from napari_unet.io.pairs.names import stem
from napari_unet.io.tiff.write import write_tiff
from napari_unet.storage.atomic import check_folder

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.cli.progress import Reporter


def weights(arguments: Namespace) -> int:
    """Write the weight map of each label image or annotation; return the exit code."""
    config = config_from(arguments, TargetConfig(spacing=arguments.spacing or ()))
    if bool(arguments.labels) == (arguments.annotations is not None):
        raise UserError("Give either label files or, with --annotations, a folder of annotations.")
    check_folder(arguments.out)
    if arguments.annotations is not None:
        return _of_annotations(arguments, config)
    if config.class_balance:
        raise UserError("Classes are balanced for annotations only: give --annotations.")
    given = labels_in(arguments.labels)
    files = given.files
    tell_notes(given.notes)
    refuse_alike(files, stem)
    report = reporter(arguments.progress)
    written: list[Path] = []

    def one(path: Path) -> None:
        target = arguments.out / f"{stem(path.name)}_weights.tif"
        refuse_existing([target], arguments.overwrite)
        report(Progress("weighing", files.index(path), len(files)))
        labels = read_labels(path)
        tell_notes(f"{path.name}: {note}" for note in labels.notes)
        check_objects(labels.data, labels.axes, "The label image", arguments.ignore)
        refuse_classes(labels.data, labels.axes, "The label image", arguments.ignore)
        planes = label_planes(labels, arguments.ndim)
        ndim = len(planes.spatial)
        form = config.replace(spacing=config.spacing or labels.pixel.relative(ndim))
        weight = np.stack([_weight(plane, arguments.ignore, form) for plane in planes])
        shape = planes.lead + planes.spatial
        write_tiff(target, weight.reshape(shape), planes.axes, labels.grid, labels.unit)
        written.append(target)

    code = each(files, one)
    _tell(written, report, arguments)
    return code


def _of_annotations(arguments: Namespace, config: TargetConfig) -> int:
    images, notes = annotations_and_notes(arguments.annotations)
    tell_notes(notes)
    targets = [arguments.out / f"{image.name}_weights.tif" for image in images]
    refuse_existing(targets, arguments.overwrite)
    report = reporter(arguments.progress)
    for image, target in zip(images, targets, strict=True):
        axes = image.axes.replace("C", "")
        ndim = arguments.ndim or (3 if "Z" in axes else 2)
        annotation = image.annotation
        if arguments.ignore is not None:
            annotation = annotation.ignoring(arguments.ignore)
        if annotation.weight is None:
            form = config.replace(spacing=config.spacing or image.voxel(ndim))
            weight = drive(weight_steps(annotation, WeightMapRequest(axes, ndim, form)), report)
        else:
            weight = np.where(annotation.ignored(), np.float32(0), annotation.weight)
        unit = "px" if image.spacing is None else "µm"
        write_tiff(target, weight, axes, image.spacing, unit)
    _tell(targets, report, arguments)
    return 0


def _tell(written: Sequence[Path], report: Reporter, arguments: Namespace) -> None:
    """List the files that were written."""
    report.finish({"files": [str(path) for path in written]})
    if arguments.progress != "jsonl":
        print(*written, sep="\n", end="\n" if written else "")


def _weight(
    plane: NDArray[np.integer], ignore: int | None, config: TargetConfig
) -> NDArray[np.float32]:
    if ignore is None:
        return instance_weight(plane, None, config)
    ignored = plane == ignore
    return instance_weight(np.where(ignored, 0, plane).astype(plane.dtype), ignored, config)
