"""What the network is taught: class, height and weight of each pixel, made from an annotation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from napari_unet.core.config import IGNORE, check_class_count
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import check_labels, compact_labels, part_touching
from napari_unet.core.targets.weight_map import (
    FALK_BORDER,
    FALK_BORDER_SIGMA,
    NEGLIGIBLE,
    border_weights,
    falk_weights,
    reach,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.config import TargetConfig


__all__ = ["Target", "check_labels", "instance_target", "part_touching", "semantic_target"]


@dataclass(frozen=True)
class Target:
    """What the network is taught about an image; all parts have the image's spatial shape.

    Parameters
    ----------
    semantic
        uint8, the class of each pixel, 0 = background, 255 = ignored.
    height
        float32, 1 at an object's summit, falling to 0 on background; 0 where ignored.
    weight
        float32, how much a pixel counts; 0 where ignored.
    """

    semantic: NDArray[np.uint8]
    height: NDArray[np.float32]
    weight: NDArray[np.float32]


def instance_target(
    labels: NDArray[np.integer],
    ignore: NDArray[np.bool_] | None,
    config: TargetConfig,
    classes: NDArray[np.uint8] | None = None,
) -> Target:
    """Make the target for instance labels.

    What is painted under ignored pixels is erased before anything, and touching objects are
    parted by a gap. An object's height is the distance to the nearest pixel known to be
    background, a gap included, divided by the object's largest; neither the image's edge nor
    an ignored pixel is a border, as nobody knows what lies there.

    Parameters
    ----------
    labels
        Instance labels, integer, 0 = no object.
    ignore
        True where pixels take no part; None for nowhere.
    config
        The form of the weight map and the spacing.
    classes
        The class of each pixel of an object, uint8 of the same shape, see `class_image`; None
        for 1.

    Raises
    ------
    UserError
        For labels that are no non-negative integers, and for a spacing or an ignore mask that
        does not fit.
    """
    weight = instance_weight(labels, ignore, config)
    ignored = np.zeros(labels.shape, bool) if ignore is None else ignore
    objects = part_touching(np.where(ignored, labels.dtype.type(0), labels))
    semantic = np.where(objects > 0, 1 if classes is None else classes, 0).astype(np.uint8)
    semantic[ignored] = IGNORE
    return Target(semantic, _height(objects, semantic != 0, config.spacing), weight)


def semantic_target(mask: NDArray[np.integer], num_classes: int) -> Target:
    """Make the target for an image of classes.

    Parameters
    ----------
    mask
        The class of each pixel, integer or boolean, 0 = background, `IGNORE` = ignored.
    num_classes
        Number of classes, background included.

    Returns
    -------
    The target, with height 0 everywhere and weight 1 where not ignored.

    Raises
    ------
    UserError
        For a mask that is neither integer nor boolean, or holds a class that there is not, and
        for more classes than `MOST_CLASSES`.
    """
    check_class_count(num_classes - 1)
    if mask.dtype.kind not in "iub":
        raise UserError(f"The class image holds {mask.dtype} values; save it as an integer image.")
    ignored = mask == IGNORE
    unknown = mask[~ignored & ((mask < 0) | (mask >= num_classes))]
    if unknown.size:
        raise UserError(
            f"The class image holds the value {unknown.flat[0]}, but the classes go from 0 to "
            f"{num_classes - 1} and ignored pixels are {IGNORE}."
        )
    semantic = mask.astype(np.uint8)
    semantic[ignored] = IGNORE
    return Target(semantic, np.zeros(mask.shape, np.float32), (~ignored).astype(np.float32))


def instance_weight(
    labels: NDArray[np.integer], ignore: NDArray[np.bool_] | None, config: TargetConfig
) -> NDArray[np.float32]:
    """Return the weight map of instance labels, as in `instance_target`."""
    spacing = config.spacing or None
    if config.border == "falk2019":
        return falk_weights(labels, spacing=spacing, ignore=ignore)
    w0 = config.w0 if config.border == "ronneberger2015" else 0
    return border_weights(labels, w0, config.sigma, spacing=spacing, ignore=ignore)


def weight_reach(config: TargetConfig) -> float:
    """Return how far from a pixel its weight is decided, in the unit of sigma."""
    if config.border == "falk2019":
        return reach(FALK_BORDER, FALK_BORDER_SIGMA)
    flat = config.border == "none" or config.w0 <= NEGLIGIBLE
    return 0.0 if flat else reach(config.w0, config.sigma)


def class_factors(counts: NDArray[np.integer], num_classes: int) -> NDArray[np.float32]:
    """Return how much each class counts so that all count the same: mean 1 over pixels.

    Parameters
    ----------
    counts
        Number of pixels of each class, by class number, ``(256,)``.
    num_classes
        Number of classes, background included.

    Returns
    -------
    ``(256,)``, by class number; 0 for `IGNORE` and for classes that have no pixels.
    """
    known = counts.astype(np.float64)[:num_classes]
    present = known > 0
    factors = np.zeros(256, dtype=np.float32)
    shares = known.sum() / (present.sum() * np.maximum(known, 1))
    factors[:num_classes] = np.where(present, shares, 0)
    return factors


def _height(
    objects: NDArray[np.integer], inside: NDArray[np.bool_], spacing: tuple[float, ...]
) -> NDArray[np.float32]:
    """Return the height, where `inside` is False on pixels known to be background."""
    if inside.all():
        return (objects > 0).astype(np.float32)
    distance = scipy.ndimage.distance_transform_edt(inside, sampling=spacing or None)
    numbers, which = compact_labels(objects)
    summits = np.asarray(scipy.ndimage.maximum(distance, which, np.arange(len(numbers))))
    # background has no distance at all, and must not divide by it
    height = distance / np.maximum(summits, np.finfo(np.float32).tiny)[which]
    return np.where(objects > 0, height, 0).astype(np.float32)
