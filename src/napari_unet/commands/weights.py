"""``napari-unet weights``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_unet.cli_options import config_from
from napari_unet.cli_progress import reporter
from napari_unet.commands.files import each, inputs, refuse_existing
from napari_unet.commands.planes import label_planes, read_labels
from napari_unet.core.config import TargetConfig
from napari_unet.core.progress import Progress
from napari_unet.core.targets import instance_target
from napari_unet.io.tiff import write_tiff

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from numpy.typing import NDArray


def weights(arguments: Namespace) -> int:
    """Write the weight map of each label image; return the exit code."""
    config = config_from(arguments, TargetConfig(spacing=arguments.spacing or ()))
    files = inputs(arguments.labels, arguments.out)
    report = reporter(arguments.progress)

    def one(path: Path) -> None:
        target = arguments.out / f"{path.stem}_weights.tif"
        refuse_existing([target], arguments.overwrite)
        report(Progress("weighing", files.index(path), len(files)))
        labels = read_labels(path)
        planes = label_planes(labels, arguments.ndim)
        weight = np.stack([_weight(plane, arguments.ignore, config) for plane in planes])
        shape = planes.lead + planes.spatial
        write_tiff(target, weight.reshape(shape), planes.axes, labels.spacing, labels.unit)

    code = each(files, one)
    report.finish({"files": len(files)})
    return code


def _weight(
    plane: NDArray[np.integer], ignore: int | None, config: TargetConfig
) -> NDArray[np.float32]:
    if ignore is None:
        return instance_target(plane, None, config).weight
    ignored = plane == ignore
    return instance_target(np.where(ignored, 0, plane).astype(plane.dtype), ignored, config).weight
