"""How much each pixel of an annotation counts in training, as training itself has it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import IGNORE, MOST_CLASSES
from napari_unet.core.image.axes import SPATIAL, check_spatial
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.instances.labels import class_image, part_touching
from napari_unet.core.progress import Progress, drive
from napari_unet.core.targets.targets import class_factors, instance_weight, weight_reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.config import TargetConfig
    from napari_unet.core.progress import Steps


STRIPS = 2
"""Parts of a plane that are computed at the same time."""
_BESIDE = 4
"""Pixels beyond the reach by whose painting touching objects are parted."""
_CLASSES = 256
"""Numbers that an 8-bit class image can hold."""


@dataclass(frozen=True)
class WeightMapRequest:
    """How an annotation is weighed.

    Parameters
    ----------
    axes
        One letter of T, Z, Y, X per axis of the annotation.
    ndim
        Number of spatial axes of the network, 2 or 3; 2 takes each plane of a stack on its own.
    config
        The form of the weight map.

    Raises
    ------
    UserError
        If the annotation has not these axes, or the spacing not a number for each.
    """

    axes: str
    ndim: int
    config: TargetConfig

    def __post_init__(self) -> None:
        check_spatial(self.axes, self.ndim, "The annotation")
        self.config.check_ndim(self.ndim)

    def margin(self) -> tuple[int, ...]:
        """Return how many pixels along each axis must be known around a part of an annotation."""
        spatial = SPATIAL[self.ndim]
        far, steps = weight_reach(self.config), Spacing.along(spatial, self.config.spacing)
        return tuple(
            ceil(far / step) + _BESIDE if letter in spatial else 0
            for letter, step in zip(self.axes, steps.filled(self.axes, 1.0), strict=True)
        )

    def planes(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return a view of an array, ``(*lead, *spatial)``: the network's axes last."""
        spatial = [self.axes.index(letter) for letter in SPATIAL[self.ndim]]
        return np.moveaxis(array, spatial, range(-self.ndim, 0))


def part_of(annotation: Annotation, where: tuple[slice, ...]) -> Annotation:
    """Copy a part of an annotation.

    Parameters
    ----------
    where
        A start and a stop along each axis.
    """
    boxes = annotation.boxes
    if boxes is not None:
        size = [side.stop - side.start for side in where]
        boxes = np.clip(boxes - [side.start for side in where], 0, size)
    return Annotation(
        np.array(annotation.instances[where]),
        None if annotation.marks is None else np.array(annotation.marks[where]),
        boxes,
        annotation.classes,
        record=annotation.record,
    )


def factor_steps(annotation: Annotation, request: WeightMapRequest) -> Steps[NDArray[np.float32]]:
    """Find out how much each class counts.

    Parameters
    ----------
    annotation
        The whole annotation.
    request
        Without class balance all count 1.

    Yields
    ------
    Progress in planes or volumes.

    Returns
    -------
    Float32 ``(256,)``, by class number.
    """
    if not request.config.class_balance:
        return np.ones(_CLASSES, np.float32)
    counts = np.zeros(_CLASSES, np.int64)
    labels, ignored = (request.planes(part) for part in _painted(annotation))
    leads = list(np.ndindex(labels.shape[: -request.ndim]))
    for done, lead in enumerate(leads):
        yield Progress("counting classes", done, len(leads))
        semantic = _semantic(labels[lead], ignored[lead], annotation)
        counts += np.bincount(semantic.ravel(), minlength=_CLASSES)
    return class_factors(counts, IGNORE)


def weight_steps(annotation: Annotation, request: WeightMapRequest) -> Steps[NDArray[np.float32]]:
    """Weigh a whole annotation.

    Yields
    ------
    Progress in planes or volumes.

    Returns
    -------
    The weight map, of the annotation's shape; 0 where pixels take no part.
    """
    factors = yield from factor_steps(annotation, request)
    return (yield from _steps_with(annotation, request, factors))


def weight_within(
    annotation: Annotation,
    request: WeightMapRequest,
    inner: tuple[slice, ...],
    factors: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Weigh a part of an annotation.

    Parameters
    ----------
    annotation
        The part, and around it as much as `WeightMapRequest.margin` says, if the whole has as much.
    inner
        Where in the annotation the part is.
    factors
        How much each class counts, float32 ``(256,)``, see `factor_steps`.

    Returns
    -------
    The weight map of the part, float32, the same as in that of the whole; but where an object of
    one pixel's thickness touches others that reach out of what is given, see `part_touching`.
    """
    row = request.axes.index("Y")
    margin, length = request.margin()[row], annotation.instances.shape[row]
    edges = np.linspace(inner[row].start, inner[row].stop, STRIPS + 1).astype(int)

    def weigh(start: int, stop: int) -> NDArray[np.float32]:
        low, high = max(0, start - margin), min(length, stop + margin)
        whole = [slice(0, size) for size in annotation.instances.shape]
        strip = part_of(annotation, (*whole[:row], slice(low, high), *whole[row + 1 :]))
        kept = (*inner[:row], slice(start - low, stop - low), *inner[row + 1 :])
        return drive(_steps_with(strip, request, factors))[kept]

    # threads suffice: numpy and scipy let go of the interpreter while they compute
    with ThreadPoolExecutor(STRIPS) as pool:
        return np.concatenate(list(pool.map(weigh, edges[:-1], edges[1:])), axis=row)


def _steps_with(
    annotation: Annotation, request: WeightMapRequest, factors: NDArray[np.float32]
) -> Steps[NDArray[np.float32]]:
    labels, ignored = (request.planes(part) for part in _painted(annotation))
    result = np.zeros(annotation.instances.shape, np.float32)
    leads = list(np.ndindex(labels.shape[: -request.ndim]))
    for done, lead in enumerate(leads):
        yield Progress("weighing", done, len(leads))
        weight = instance_weight(labels[lead], ignored[lead], request.config)
        if request.config.class_balance:
            weight *= factors[_semantic(labels[lead], ignored[lead], annotation)]
        request.planes(result)[lead] = weight
    return result


def _painted(annotation: Annotation) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    return annotation.instances, annotation.ignored()


def _semantic(
    labels: NDArray[Any], ignored: NDArray[np.bool_], annotation: Annotation
) -> NDArray[np.uint8]:
    """Return the class of each pixel as training has it, touching objects parted."""
    objects = part_touching(np.where(ignored, labels.dtype.type(0), labels))
    semantic = class_image(objects, annotation.classes, MOST_CLASSES + 1)
    semantic[ignored] = IGNORE
    return semantic
