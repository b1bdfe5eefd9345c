"""What a label layer holds: which axes, how many of them spatial, objects or classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from napari.layers import Image, Labels

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import STACK
from napari_unet.core.image.spacing import Listed
from napari_unet.core.provenance.record import Provenance
from napari_unet.ui.layers.axes import step_of
from napari_unet.ui.layers.below import label_axes, label_spacing, saying
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.metadata import ANNOTATION, MADE
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy


@dataclass(frozen=True)
class LayerCopy:
    """A layer's array and its axes, as a worker gets them to write a file.

    Parameters
    ----------
    values
        A copy of the layer's array; one that is read or computed when asked for as it is.
    axes
        One letter per axis.
    ndim
        Along how many of the last axes objects extend, 2 or 3.
    spacing
        Size of a pixel along the Z, Y and X axes in `unit`, as `Spacing.listed`. A scale without a
        unit says nothing.
    unit
        ``"µm"``, or ``"px"`` where the size is not known.
    check
        What `objects_check` gave.
    step
        Seconds from one frame to the next; None where nobody says so.
    made
        With what a result was made; None for other layers.
    """

    values: Any
    axes: str
    ndim: int
    spacing: Listed
    unit: str
    check: Callable[[Any], None]
    step: float | None = None
    made: Provenance | None = None

    def loaded(self) -> LayerCopy:
        """Return the same with the values in memory; for a worker."""
        return replace(self, values=np.asarray(self.values))

    def objects(self) -> Any:
        """Return the values, for a worker; those that cannot be objects are refused."""
        self.check(self.values)
        return self.values


def chunked_layer_copy(layer: Labels | Image, ndim: int | None = None) -> ChunkedCopy[LayerCopy]:
    """Copy what is written of a layer, a chunk at a time, on the thread of the window.

    Parameters
    ----------
    layer
        Labels, or a weight map.
    ndim
        Along how many axes objects extend; None for `guess_ndim`.

    Raises
    ------
    UserError
        If the layer has other than two to four axes.
    """
    pixels = pixels_in(layer)
    if not 2 <= pixels.ndim <= len(STACK):
        raise UserError(
            f"“{layer.name}” has {pixels.ndim} axes, and labels have 2 to {len(STACK)}: choose "
            "those of one channel or position."
        )
    axes = label_axes(layer)
    spacing = label_spacing(layer)
    return LayerCopy(
        values=(yield from chunked_copy(pixels)),
        axes=axes,
        ndim=ndim or guess_ndim(layer),
        spacing=spacing,
        unit="µm" if spacing else "px",
        check=objects_check(layer),
        step=label_step(layer),
        made=layer.metadata.get(MADE, {}).get("made"),
    )


def guess_ndim(layer: Labels | Image) -> int:
    """Return along how many axes a layer's objects extend: as they were made, else up to 3."""
    return layer.metadata.get(MADE, {}).get("ndim", 3) if is_deep(layer) else 2


def is_deep(layer: Labels | Image) -> bool:
    """Return whether a layer's objects may extend through depth."""
    return "Z" in label_axes(layer)


def label_step(layer: Labels | Image) -> float | None:
    """Return the seconds from one frame of a layer to the next; None where nobody says so."""
    if "T" not in label_axes(layer):
        return None
    return next(filter(None, (step_of(each, axes) for each, axes in saying(layer))), None)


def objects_check(layer: Labels | Image) -> Callable[[Any], None]:
    """Return what refuses the pixels of a layer that cannot be objects; for a worker.

    Parameters
    ----------
    layer
        Any. What is being painted in an annotation may be an object of several pieces, and is
        refused nowhere.

    Returns
    -------
    A function of the pixels that raises what `check_objects` does, or `refuse_grey` of pixels that
    are read when they are looked at.
    """
    if ANNOTATION in layer.metadata:
        return lambda pixels: None
    return partial(_check_objects, f"“{layer.name}”", label_axes(layer))


def _check_objects(what: str, axes: str, pixels: Any) -> None:
    from napari_unet.core.instances import looks  # noqa: PLC0415 - in a worker

    if isinstance(pixels, np.ndarray):
        looks.check_objects(pixels, axes, what)
    else:
        looks.refuse_grey(pixels, what)
