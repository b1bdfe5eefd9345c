"""The weight map of what is in view: quick enough to follow every change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.instances.masks import refuse_classes
from napari_unet.core.progress import drive
from napari_unet.core.targets.annotation_weight import WeightMapRequest, factor_steps, weight_within
from napari_unet.ui.annotate.annotation_copies import chunked_annotation
from napari_unet.ui.layers.below import label_axes
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in, place_in_pixels
from napari_unet.ui.layers.in_view import field_of_view
from napari_unet.ui.layers.labels import objects_check
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.copies import ChunkedCopy


@dataclass(frozen=True)
class ViewWork:
    """What a worker needs; nothing in here is shared with a layer.

    Parameters
    ----------
    part
        The annotation in view, and around it as much as is needed.
    inner
        Where in `part` the view is.
    low
        The view's first pixel in the whole annotation.
    request
        How it is weighed.
    factors
        How much each class counts, if that is known.
    whole
        The whole annotation, if it is not.
    check
        What `weighable` gave, where the view and what is around it are all there is: of a
        part nobody can tell whether what it shows is one object.
    """

    part: Annotation
    inner: tuple[slice, ...]
    low: tuple[int, ...]
    request: WeightMapRequest
    factors: np.ndarray | None
    whole: Annotation | None
    check: Callable[[Any], None] | None

    def done(self) -> ViewWeight:
        """Compute; called by the worker."""
        part, factors = self.part.loaded(), self.factors
        if self.check is not None:
            self.check(part.instances)
        if factors is None:
            whole = part if self.whole is None else self.whole.loaded()
            factors = drive(factor_steps(whole, self.request))
        values = weight_within(part, self.request, self.inner, factors)
        background = ~part.ignored() & (part.instances == 0)
        return ViewWeight(values, self.low, factors, bool(background.any()))


@dataclass(frozen=True)
class ViewWeight:
    """The weight map of the view.

    Parameters
    ----------
    values
        Float32, one axis per axis of the annotation.
    low
        The first pixel of their place.
    factors
        How much each class counts.
    background
        Whether any background counts in and around the view.
    """

    values: np.ndarray
    low: tuple[int, ...]
    factors: np.ndarray
    background: bool


def chunked_view(
    viewer: ViewerModel, layer: Labels, request: WeightMapRequest, factors: np.ndarray | None
) -> ChunkedCopy[ViewWork | None]:
    """Copy what is in view, a chunk at a time, on the thread of the window.

    Returns
    -------
    None where no plane is in view.
    """
    view = field_of_view(viewer, layer)
    if view is None:
        return None
    channel, shape = channel_axis(layer), pixels_in(layer).shape
    low, high = place_in_pixels(view, channel)
    margin = request.margin()
    first = np.maximum(low - margin, 0)
    after = np.minimum(high + margin, shape)
    unknown = request.config.class_balance and factors is None
    return ViewWork(
        (yield from chunked_annotation(layer, _slices(first, after))),
        _slices(low - first, high - first),
        tuple(low.tolist()),
        request,
        factors if request.config.class_balance else None,
        (yield from chunked_annotation(layer)) if unknown else None,
        weighable(layer) if np.array_equal(after - first, shape) else None,
    )


def weighable(layer: Labels) -> Callable[[Any], None]:
    """Return what refuses pixels that have no borders to weigh; for a worker.

    Where a layer is no annotation that is being painted, it also refuses the numbers of classes.
    """
    check = objects_check(layer)
    if ANNOTATION in layer.metadata:
        return check
    return partial(_check, check, label_axes(layer), f"“{layer.name}”")


def _check(check: Callable[[Any], None], axes: str, what: str, pixels: Any) -> None:
    check(pixels)
    refuse_classes(pixels, axes, what)


def _slices(low: Any, high: Any) -> tuple[slice, ...]:
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
