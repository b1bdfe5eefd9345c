"""Labels on disk as layers that fill while they are written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.core.errors import UserError
from napari_unet.ui.layers.arrays import part_of
from napari_unet.ui.layers.metadata import MADE, result_name
from napari_unet.ui.layers.source import Source

_PAUSE = 1.0
"""Seconds between two looks at the disk."""


class LargeLayers:
    """The classes and the instances of one image, in folders that fill.

    Parameters
    ----------
    viewer
        The viewer.
    source
        The image; the layers lie where it lies.
    ndim
        Number of axes along which objects extend.
    clock
        Seconds that pass.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        source: Source,
        ndim: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._viewer, self._source, self._ndim, self._clock = viewer, source, ndim, clock
        axes = source.axes.replace("C", "")
        self._laid = tuple(
            slice(None) if letter in axes else np.newaxis for letter in source.result_axes
        )
        self._layers: dict[str, Labels] = {}
        self._written: dict[str, Sequence[Any]] = {}
        self._looked = -_PAUSE

    def look(self, folder: Path) -> None:
        """Show the classes as far as they are written; looks at the disk once a second at most."""
        now = self._clock()
        if now < self._looked + _PAUSE or not folder.exists():
            return
        self._looked = now
        if "semantic" not in self._layers:
            with suppress(UserError):
                self._add("semantic", folder)
        elif self._layers["semantic"] in self._viewer.layers:
            self._read_again("semantic")

    def end(self, semantic: Path, instances: Path) -> Labels:
        """Show what was written: the classes, hidden, and above them the instances."""
        for suffix, folder in (("semantic", semantic), ("instances", instances)):
            if self._layers.get(suffix) not in self._viewer.layers:
                self._add(suffix, folder)
            else:
                self._read_again(suffix)
        from napari_unet.io.provenance.read import read_provenance  # noqa: PLC0415 - loads tifffile

        self._layers["semantic"].visible = False
        with suppress(UserError):  # jobs that an earlier version has begun do not say it
            self._layers["instances"].metadata[MADE]["made"] = read_provenance(instances)
        return self._layers["instances"]

    def _add(self, suffix: str, folder: Path) -> None:
        from napari_unet.io.ome_zarr import read_zarr  # noqa: PLC0415 - loads zarr's whole world

        levels = self._written[suffix] = read_zarr(folder, unfinished=True).levels
        for layer in [each for each in self._viewer.layers if _folder(each) == str(folder)]:
            self._viewer.layers.remove(layer)
        made = {
            "ndim": self._ndim,
            "axes": self._source.result_axes,
            "role": suffix,
            "folder": str(folder),
            "image": self._source.layer,
            "known": self._source.known,
        }
        self._layers[suffix] = Labels(
            self._data(suffix),
            multiscale=len(levels) > 1,
            name=result_name(self._source.part_name, suffix),
            metadata={MADE: made},
            **self._source.part_geometry,
        )
        self._viewer.add_layer(self._layers[suffix])

    def _data(self, suffix: str) -> Any:
        """Return the arrays of a layer, with axes for what the labels have none for."""
        levels = [part_of(level, self._laid) for level in self._written[suffix]]
        return levels if len(levels) > 1 else levels[0]

    def _read_again(self, suffix: str) -> None:
        """Show what has been written meanwhile; napari keeps the coarsest level of a picture."""
        self._layers[suffix].data = self._data(suffix)


def _folder(layer: Any) -> str | None:
    return layer.metadata.get(MADE, {}).get("folder")
