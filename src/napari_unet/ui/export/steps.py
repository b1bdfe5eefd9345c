"""Label layers as files that other programs open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.io.exchange.content import Content
from napari_unet.ui.layers.labels import LayerCopy
from napari_unet.ui.widgets.objects.evidence import EvidenceCopies


@dataclass(frozen=True)
class Target:
    """What is written, and where.

    Parameters
    ----------
    folder
        Made if it is not there.
    name
        The files are called ``NAME_instances.tif`` and so on.
    formats
        Words of `FORMATS`.
    overwrite
        Whether files that are there may be replaced.
    class_names
        Names of the classes from 1 on.
    """

    folder: Path
    name: str
    formats: Sequence[str]
    overwrite: bool
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Copies:
    """What is exported, as a worker gets it.

    Parameters
    ----------
    instances, semantic, nuclei
        None for nothing.
    image
        Array and axes, one letter of TZCYX each; None for nothing.
    channels
        Names of the image's channels; empty where they have none of their own.
    shown
        Number of the plane that pictures show, along the axes of the objects but Y and X; None
        for the middle.
    known
        What is known of the objects beside their labels, where a format says it.
    read
        Which objects a person has accepted or changed; None where they are not proof-read.
    """

    instances: LayerCopy | None
    semantic: LayerCopy | None
    image: tuple[Any, str] | None = None
    channels: tuple[str, ...] = ()
    shown: tuple[int, ...] | None = None
    nuclei: LayerCopy | None = None
    known: EvidenceCopies = field(default_factory=EvidenceCopies)
    read: Record | None = None


def layer_steps(copies: Copies, target: Target) -> Steps[list[Path]]:
    """Write label layers in the formats that were chosen.

    Parameters
    ----------
    copies
        What is written.
    target
        How, and where.

    Yields
    ------
    Progress with the files done.

    Returns
    -------
    The files.

    Raises
    ------
    UserError
        If there is nothing to write, a file is there already, or classes do not fit the objects;
        then none is written.
    """
    from napari_unet.io.exchange.export import Export, export_steps  # noqa: PLC0415 - in a worker

    layer = copies.instances or copies.semantic
    if layer is None:
        raise UserError("There is nothing to export: choose a layer of instances or classes.")
    loaded = layer.loaded()
    content = Content(
        loaded.objects() if copies.instances else loaded.values,
        loaded.axes,
        target.name,
        loaded.ndim,
        loaded.spacing,
        loaded.unit,
        role="instances" if copies.instances else "semantic",
        semantic=_values(copies.semantic) if copies.instances else None,
        nuclei=_values(copies.nuclei),
        class_names=target.class_names,
        image=_channels_first(*copies.image) if copies.image else None,
        channels=copies.channels,
        shown=copies.shown,
        evidence=copies.known.evidence(),
        made=loaded.made,
        step=loaded.step,
        read=copies.read,
    )
    export = Export(content, target.formats, target.folder)
    return (yield from export_steps(export, target.overwrite))


def _values(copy: LayerCopy | None) -> Any:
    return None if copy is None else copy.loaded().values


def _channels_first(image: Any, axes: str) -> Any:
    pixels = np.asarray(image)
    return np.moveaxis(pixels, axes.index("C"), 0) if "C" in axes else pixels[np.newaxis]
