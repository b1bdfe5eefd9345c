"""Label layers as files that other programs open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.io.table import write_columns
from napari_unet.ui.layers.labels import LayerCopy


def export_steps(
    instances: LayerCopy | None,
    semantic: LayerCopy | None,
    folder: Path,
    name: str,
    overwrite: bool,
) -> Steps[list[Path]]:
    """Write label layers as TIFF, and a table of the instances as CSV.

    Parameters
    ----------
    instances, semantic
        What is written; None for nothing.
    folder
        Made if it is not there.
    name
        The files are called ``NAME_instances.tif``, ``NAME_objects.csv``, ``NAME_semantic.tif``.
    overwrite
        Whether files that are there may be replaced.

    Yields
    ------
    Progress with the files done.

    Returns
    -------
    The files.

    Raises
    ------
    UserError
        If there is nothing to write, or a file is there already; then none is written.
    """
    jobs: dict[Path, Any] = {}
    if instances is not None:
        jobs[folder / f"{name}_instances.tif"] = (_write_picture, instances)
        jobs[folder / f"{name}_objects.csv"] = (_write_objects, instances)
    if semantic is not None:
        jobs[folder / f"{name}_semantic.tif"] = (_write_picture, semantic)
    _check(list(jobs), overwrite)
    for done, (path, (write, copy)) in enumerate(jobs.items()):
        yield Progress("writing", done, len(jobs))
        write(path, copy.loaded())
    return list(jobs)


def _check(files: list[Path], overwrite: bool) -> None:
    if not files:
        raise UserError("There is nothing to export: choose a layer of instances or classes.")
    there = [path.name for path in files if path.exists()]
    if there and not overwrite:
        raise UserError(
            f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'} in that folder already: "
            "choose another folder or name, or tick “Replace files”."
        )


def _write_picture(path: Path, copy: LayerCopy) -> None:
    from napari_unet.io.tiff import write_labels  # noqa: PLC0415 - takes a moment

    write_labels(path, copy.values, copy.axes, copy.spacing, copy.unit)


def _write_objects(path: Path, copy: LayerCopy) -> None:
    from napari_unet.core.measuring.objects import measure_objects  # noqa: PLC0415 - takes a moment
    from napari_unet.core.measuring.request import MeasureRequest  # noqa: PLC0415

    request = MeasureRequest(copy.axes, copy.ndim, copy.spacing, copy.unit)
    write_columns(path, [measure_objects(copy.values, request=request)])
