"""Where to paint next: the places where a model is least sure.

It looks at an image at the size at which it segments it: of objects as large as it has never seen
it is unsure everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.planes import Planes, arrange
from napari_unet.core.image.resample import nearest
from napari_unet.core.progress import Steps, stop_point
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.device import memory_reused
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.prediction.match_size import matched_steps
from napari_unet.nn.prediction.predict import PlaneReader, predictor_for, tile_outputs

_EDGES = {2: 128, 3: 48}
"""Edge of a place in pixels that the network sees, by number of spatial axes."""
_NEAR = 4
"""Pixels around the foreground that count: unsure pixels far from any object are noise."""
_LEAST = 0.02
"""Share of a place that must be foreground; less is taken for this much."""


@dataclass(frozen=True)
class Place:
    """A part of an image that is worth annotating.

    Parameters
    ----------
    plane
        Position along each of the axes that the model does not work in, such as time.
    box
        First pixel and the one after the last along each spatial axis.
    score
        How unsure the model is there, on average over the foreground, 0 to about 1.
    """

    plane: tuple[int, ...]
    box: tuple[tuple[int, int], ...]
    score: float


def suggest_steps(
    image: Any,
    model: str | Path | Model,
    request: SegmentRequest,
    annotation: Annotation | None = None,
    count: int = 5,
) -> Steps[list[Place]]:
    """Find the places where a model is least sure, step by step.

    Parameters
    ----------
    image
        numpy, dask or zarr array, as for `segment`.
    model
        Name, path or a loaded model.
    request
        How it would be segmented.
    annotation
        What is annotated already; it is left out. In a label image without marks and rectangles
        these are the planes with objects.
    count
        Number of places.

    Yields
    ------
    Progress of the quick pass, and with the tiles done.

    Returns
    -------
    At most `count` places that do not overlap, least sure first.
    """
    model = model if isinstance(model, Model) else load_model(model)
    axes, planes = request.arranged(image, model.config)
    pixel = request.pixel(axes).of(SPATIAL[model.config.ndim])
    matched = yield from matched_steps(planes, model, request.size, pixel, request.tiles)
    planes = matched.planes
    predictor = predictor_for(planes, model, request.tiles)
    known = _annotated(annotation, planes, axes, model.config.ndim)
    # of one plane only: a stack may be larger than the memory
    foreground = np.empty(planes.spatial, np.float32)
    best: list[Place] = []
    with memory_reused():
        for progress, outputs in tile_outputs(PlaneReader(planes, model), predictor):
            for tile, output in outputs:
                foreground[tuple(slice(*axis) for axis in tile.region)] = 1 - output[0]
                if tile.is_last(planes.spatial):
                    places = _places(tile.plane, planes, foreground, next(known))
                    best = sorted([*best, *places], key=lambda place: -place.score)[:count]
            yield progress
    return best


def _annotated(
    annotation: Annotation | None, planes: Planes, axes: str, ndim: int
) -> Iterator[NDArray[np.bool_]]:
    """Yield where each plane is annotated, at the size at which the network sees it."""
    if annotation is None:
        yield from (np.zeros(planes.spatial, bool) for _ in range(len(planes)))
        return
    letters = axes.upper().replace("C", "")
    parts = (annotation.instances > 0, ~annotation.ignored())
    for objects, counted in zip(*(arrange(p, letters, ndim, 1) for p in parts), strict=True):
        seen = nearest(counted[0], planes.spatial)
        yield seen if annotation.sparse or objects.any() else np.zeros_like(seen)


def _places(
    index: int, planes: Planes, foreground: NDArray[np.float32], known: NDArray[np.bool_]
) -> Iterator[Place]:
    """Yield the places of one plane that do not overlap, least sure first."""
    plane = tuple(int(i) for i in np.unravel_index(index, planes.lead)) if planes.lead else ()
    edge = _EDGES[foreground.ndim]
    scores, step = _scores(foreground, known, edge), _step(edge)
    while scores.size and scores.max() > 0:
        at = np.unravel_index(int(scores.argmax()), scores.shape)
        ends = ((int(i) * step, int(i) * step + edge) for i in at)
        box = tuple(
            (low * own // size, min(high, size) * own // size)
            for (low, high), own, size in zip(
                ends, planes.original.spatial, foreground.shape, strict=True
            )
        )
        yield Place(plane, box, float(scores[at]))
        scores[tuple(slice(max(0, i - 1), i + 2) for i in at)] = 0


def _scores(
    foreground: NDArray[np.float32], known: NDArray[np.bool_], edge: int
) -> NDArray[np.float64]:
    """Return how unsure the model is in each window of a grid of overlapping ones."""
    stop_point()
    near = ndimage.grey_dilation(foreground, size=2 * _NEAR + 1) > 0.5
    unsure = np.where(near & ~known, 1 - np.abs(2 * foreground - 1), 0)
    stop_point()
    sums = [_window_sums(part, edge) for part in (unsure, np.where(known, 0, foreground), ~known)]
    area = edge**foreground.ndim
    scores = sums[0] / np.maximum(sums[1], _LEAST * area)
    return np.where(sums[2] > area / 8, scores, 0)


def _window_sums(values: NDArray[Any], edge: int) -> NDArray[np.float64]:
    """Sum over windows that begin at every half edge."""
    step = _step(edge)
    sums = values.astype(np.float64)
    for axis in range(values.ndim):
        starts = np.arange(0, values.shape[axis], step)
        sums = np.add.reduceat(sums, starts, axis=axis)
        shifted = np.roll(sums, -1, axis=axis)
        shifted[(slice(None),) * axis + (slice(-1, None),)] = 0
        sums = sums + shifted
    return sums


def _step(edge: int) -> int:
    return edge // 2
