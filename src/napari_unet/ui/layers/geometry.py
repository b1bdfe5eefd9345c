"""Where a result layer lies in the world: exactly where its source lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from napari.layers import Layer

_SKEW = 0.02
"""Cosine from which on two axes are not at right angles, those of about a degree."""


def corners_of(low: Sequence[int], high: Sequence[int]) -> list[tuple[float, float]]:
    """Return the corners of the rectangle around some pixels of a plane, in order.

    Parameters
    ----------
    low, high
        The first pixel, and the one after the last, along the last two axes.
    """
    (top, left), (bottom, right) = ((row - 0.5, column - 0.5) for row, column in (low, high))
    return [(top, left), (top, right), (bottom, right), (bottom, left)]


def geometry(layer: Layer, axes: Sequence[int] | None = None) -> dict[str, Any]:
    """Return where a layer lies in the world, as keyword arguments for a new layer.

    Parameters
    ----------
    axes
        The layer's axes that the new layer has; None for all. Axes beyond the layer's own (the
        colours of an RGB layer) are passed over.
    """
    kept = [axis for axis in (range(layer.ndim) if axes is None else axes) if axis < layer.ndim]
    block = np.ix_(kept, kept)
    corner = np.ix_([*kept, layer.ndim], [*kept, layer.ndim])
    return {
        "scale": np.asarray(layer.scale)[kept],
        "translate": np.asarray(layer.translate)[kept],
        "rotate": np.asarray(layer.rotate)[block],
        "shear": _shear_matrix(layer)[block],
        "affine": np.asarray(layer.affine.affine_matrix)[corner],
        "units": tuple(layer.units[axis] for axis in kept),
        "axis_labels": tuple(layer.axis_labels[axis] for axis in kept),
    }


def moves(layer: Layer) -> list[Any]:
    """Return the events that tell that a layer lies elsewhere in the world, or has other axes."""
    return [getattr(layer.events, name) for name in geometry(layer)]


def placed(layer: Layer, axes: Sequence[int] | None = None) -> np.ndarray:
    """Return the matrix from pixels to the world, and the first pixel's place as last column.

    Parameters
    ----------
    axes
        As for `geometry`.
    """
    place = geometry(layer, axes)
    linear = place["rotate"] @ place["shear"] @ np.diag(place["scale"])
    affine = place["affine"]
    offset = affine[:-1, :-1] @ place["translate"] + affine[:-1, -1]
    return np.column_stack([affine[:-1, :-1] @ linear, offset])


def lengths_of(layer: Layer) -> np.ndarray:
    """Return how far a pixel of a layer reaches in the world along each of the layer's axes."""
    lengths: np.ndarray = np.linalg.norm(placed(layer)[:, :-1], axis=0)
    return lengths


def is_skew(layer: Layer, axes: Sequence[int]) -> bool:
    """Return whether some axes of a layer are not at right angles in the world."""
    sides = placed(layer)[:, axes]
    sides /= np.linalg.norm(sides, axis=0)
    return bool(np.abs(sides.T @ sides - np.eye(len(axes))).max(initial=0) > _SKEW)


def places_seen(places: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return in pixels of another layer where pixels of one layer are seen.

    Parameters
    ----------
    places
        ``(places, axes)``, in pixels of the one layer.
    one, other
        Where the two layers lie, as `placed` returns it.
    """
    if np.allclose(one, other):
        return places
    seen = places @ one[:, :-1].T + one[:, -1] - other[:, -1]
    there: np.ndarray = np.linalg.solve(other[:, :-1], seen.T).T
    return there


def _shear_matrix(layer: Layer) -> np.ndarray:
    shear = np.asarray(layer.shear)
    if shear.ndim == 2:
        return shear
    matrix = np.eye(layer.ndim)
    matrix[np.triu_indices(layer.ndim, 1)] = shear
    return matrix
