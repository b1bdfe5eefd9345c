"""``napari-unet weights``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_unet.cli_options import config_from
from napari_unet.cli_progress import reporter
from napari_unet.commands.files import each, inputs, refuse_existing
from napari_unet.core.config import TargetConfig
from napari_unet.core.progress import Progress
from napari_unet.core.targets import instance_target
from napari_unet.io.read import read_image
from napari_unet.io.tiff import write_tiff

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path


def weights(arguments: Namespace) -> int:
    """Write the weight map of each label image; return the exit code."""
    config = config_from(arguments, TargetConfig(spacing=arguments.spacing or ()))
    files = inputs(arguments.labels, arguments.out)
    report = reporter(arguments.progress)

    def one(path: Path) -> None:
        target = arguments.out / f"{path.stem}_weights.tif"
        refuse_existing([target], arguments.overwrite)
        report(Progress("weighing", files.index(path), len(files)))
        picture = read_image(path)
        labels = picture.data
        ignored = None if arguments.ignore is None else labels == arguments.ignore
        if ignored is not None:
            labels = np.where(ignored, 0, labels).astype(labels.dtype)
        weight = _per_plane(labels, ignored, config, picture.axes)
        write_tiff(target, weight, picture.axes, picture.spacing, picture.unit)

    code = each(files, one)
    report.finish({"files": len(files)})
    return code
