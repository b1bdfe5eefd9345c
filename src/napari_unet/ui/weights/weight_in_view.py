"""The weight map of what is in view: quick enough to follow every change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import TargetConfig
from napari_unet.core.progress import drive
from napari_unet.core.targets.annotation_weight import (
    Weighing,
    factor_steps,
    part_of,
    weight_within,
)
from napari_unet.core.targets.weight_map import FALK_BORDER
from napari_unet.ui.annotate.annotation_layers import LINK
from napari_unet.ui.annotate.rectangles import boxes_of
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.in_view import field_of_view


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
    weighing
        How it is weighed.
    factors
        How much each class counts, if that is known.
    whole
        The whole annotation, if it is not.
    """

    part: Annotation
    inner: tuple[slice, ...]
    low: tuple[int, ...]
    weighing: Weighing
    factors: np.ndarray | None
    whole: Annotation | None

    def done(self) -> ViewWeight:
        """Compute; called by the worker."""
        factors = self.factors
        if factors is None:
            factors = drive(factor_steps(self.whole or self.part, self.weighing))
        values = weight_within(self.part, self.weighing, self.inner, factors)
        background = ~self.part.ignored() & (self.part.instances == 0)
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


def view_work(
    viewer: ViewerModel, layer: Labels, weighing: Weighing, factors: np.ndarray | None
) -> ViewWork | None:
    """Copy what is in view; to be called on the thread of the window.

    Returns
    -------
    None where no plane is in view.
    """
    view = field_of_view(viewer, layer)
    if view is None:
        return None
    low, high = view
    margin = weighing.margin()
    first = np.maximum(low - margin, 0)
    after = np.minimum(high + margin, full_resolution(layer).shape)
    shared = _uncopied(layer)
    unknown = weighing.config.class_balance and factors is None
    return ViewWork(
        part_of(shared, _slices(first, after)),
        _slices(low - first, high - first),
        tuple(low.tolist()),
        weighing,
        factors if weighing.config.class_balance else None,
        part_of(shared, _slices(0 * low, shared.instances.shape)) if unknown else None,
    )


def highest_weight(config: TargetConfig, values: np.ndarray) -> float:
    """Return what burns most: the narrowest gap's weight, or the largest if that is more."""
    gap = {"ronneberger2015": 1 + config.w0, "falk2019": 1 + FALK_BORDER}.get(config.border, 2)
    return max(float(gap), 2.0, float(values.max(initial=0)))


def _uncopied(layer: Labels) -> Annotation:
    link: dict[str, Any] = layer.metadata.get(LINK) or {}
    objects = np.asarray(full_resolution(layer))
    if not link:
        return Annotation(objects)
    marks, rectangles = link["marks"], link["rectangles"]
    return Annotation(
        objects,
        None if marks is None else np.asarray(marks.data),
        np.zeros((0, 2, layer.ndim), np.int64)
        if rectangles is None
        else boxes_of(rectangles, objects.shape),
        dict(link["classes"]),
    )


def _slices(low: Any, high: Any) -> tuple[slice, ...]:
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
