"""Border weight maps: how much each pixel counts, most in narrow gaps between objects."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.spacing import one_for_each
from napari_unet.core.instances.labels import as_labels, check_labels, part_touching
from napari_unet.core.instances.looks import refuse_mixed_up
from napari_unet.core.targets.distances import nearest_objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


NEGLIGIBLE = 1e-6
"""Smaller terms are left out of the weight map."""

FALK_BACKGROUND, FALK_BORDER, FALK_BORDER_SIGMA, FALK_BALANCE_SIGMA = 0.1, 50.0, 6.0, 10.0


def border_weight_map(
    labels: NDArray[np.integer],
    w0: float = 10.0,
    sigma: float = 5.0,
    *,
    spacing: Sequence[float] | None = None,
    ignore: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Weigh background by how narrow the gap is that it lies in.

    ``1 + w0 * exp(-(d1 + d2)**2 / (2 * sigma**2))`` on background and 1 on objects, where d1
    and d2 are the Euclidean distances to the nearest and the second nearest different object
    (Ronneberger, Fischer and Brox 2015, equation 2, class weights apart). Touching objects are
    first parted by `part_touching`. A pixel's weight depends only on what lies within about
    6 sigma of it.

    Parameters
    ----------
    labels
        Instance labels, integer, of any number of axes, 0 = no object.
    w0
        Weight of the narrowest gap, at least 0.
    sigma
        How wide a gap still counts, above 0, in the unit of spacing.
    spacing
        Size of a pixel along each axis; None for 1.
    ignore
        True where pixels weigh 0; what is painted there has no effect.

    Returns
    -------
    The weight map, of the shape of labels.

    Raises
    ------
    UserError
        For labels that are no non-negative integers or look like something else, and for a w0,
        sigma, spacing or ignore that does not fit.
    """
    labels = as_labels(labels)
    refuse_mixed_up(labels, ignore=ignore)
    return border_weights(labels, w0, sigma, spacing=spacing, ignore=ignore)


def border_weights(
    labels: NDArray[np.integer],
    w0: float,
    sigma: float,
    *,
    spacing: Sequence[float] | None = None,
    ignore: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Weigh background as in `border_weight_map`, whatever the labels look like."""
    if not (0 <= w0 < math.inf and 0 < sigma < math.inf):
        raise UserError(f"w0 must be at least 0 and sigma above 0, not {w0!r} and {sigma!r}.")
    labels, sampling = _prepared(labels, spacing, ignore)
    if w0 <= NEGLIGIBLE:
        return _weight(labels, np.ones(labels.shape), ignore)
    d1, d2 = nearest_objects(labels, sampling, reach(w0, sigma))
    return _weight(labels, 1 + _bell(d1 + d2, w0, sigma), ignore)


def falk_weight_map(
    labels: NDArray[np.integer],
    *,
    spacing: Sequence[float] | None = None,
    ignore: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Weigh background as the Fiji plugin of Falk et al. 2019 does.

    ``v + 50 * exp(-(d1 + d2)**2 / (2 * 6**2)) + (1 - v) * exp(-d1**2 / (2 * 10**2))`` with
    v = 0.1 on background and 1 on objects; d1 and d2 as in `border_weight_map`. Each term is
    taken once per pixel, for its nearest objects.

    Parameters
    ----------
    labels
        Instance labels, integer, of any number of axes, 0 = no object.
    spacing
        Size of a pixel along each axis; None for 1.
    ignore
        True where pixels weigh 0; what is painted there has no effect.

    Returns
    -------
    The weight map, of the shape of labels.

    Raises
    ------
    UserError
        For labels that are no non-negative integers or look like something else, and for a
        spacing or ignore that does not fit.
    """
    labels = as_labels(labels)
    refuse_mixed_up(labels, ignore=ignore)
    return falk_weights(labels, spacing=spacing, ignore=ignore)


def falk_weights(
    labels: NDArray[np.integer],
    *,
    spacing: Sequence[float] | None = None,
    ignore: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """Weigh background as in `falk_weight_map`, whatever the labels look like."""
    labels, sampling = _prepared(labels, spacing, ignore)
    d1, d2 = nearest_objects(labels, sampling, reach(FALK_BORDER, FALK_BORDER_SIGMA))
    background = (
        FALK_BACKGROUND
        + _bell(d1 + d2, FALK_BORDER, FALK_BORDER_SIGMA)
        + _bell(d1, 1 - FALK_BACKGROUND, FALK_BALANCE_SIGMA)
    )
    return _weight(labels, background, ignore)


def _prepared(
    labels: NDArray[np.integer],
    spacing: Sequence[float] | None,
    ignore: NDArray[np.bool_] | None,
) -> tuple[NDArray[np.integer], tuple[float, ...]]:
    labels = as_labels(labels)
    check_labels(labels)
    if not labels.ndim:
        raise UserError("The label image has no axes: give a picture or a stack of pictures.")
    sampling = one_for_each(spacing, labels.ndim)
    if ignore is not None:
        if ignore.shape != labels.shape or ignore.dtype != bool:
            raise UserError(
                "The ignore mask must be a yes-or-no image of the label image's shape "
                f"{labels.shape}, not {ignore.dtype} of shape {ignore.shape}."
            )
        # before anything looks at them, so that what is painted there cannot matter
        labels = np.where(ignore, labels.dtype.type(0), labels)
    # d1 + d2 is taken on background: touching objects need some between them
    return part_touching(labels), sampling


def _weight(
    labels: NDArray[np.integer],
    background: NDArray[np.float64],
    ignore: NDArray[np.bool_] | None,
) -> NDArray[np.float32]:
    weight = np.where(labels == 0, background, 1).astype(np.float32)
    if ignore is not None:
        weight[ignore] = 0
    return weight


def _bell(distance: NDArray[np.float64], height: float, sigma: float) -> NDArray[np.float64]:
    bell: NDArray[np.float64] = height * np.exp(-((distance / sigma) ** 2) / 2)
    return bell


def reach(height: float, sigma: float) -> float:
    """Return the distance from which on a bell of this height and width is negligible."""
    return sigma * math.sqrt(2 * math.log(height / NEGLIGIBLE))
