"""Labels that belong to another image, or are mirrored or turned: they lie on nothing.

Outlines of objects lie where grey values change, or on bright or dark membranes between them. So
the outlines that are painted see another slope or other grey values than the same outlines mirrored
or moved do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.image.planes import arrange
from napari_unet.core.instances.labels import numbers_in
from napari_unet.core.instances.looks import middle
from napari_unet.core.review.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.review.one_image import ImageFacts

FEWEST = 8
"""Objects below which outlines lie badly by chance: of stained tissue 3 % with 5, none with 8."""
PLANES = 8
"""About so many planes of a stack are looked at."""
_WINDOW = 512
"""Pixels along Y and X of the middle of a plane, of objects that are only laid on an image."""
_BLUR = 1.5
_BEYOND, _APART = 0.05, 0.12
"""By how much the mean rank, 0 to 1, of slopes or of grey values on outlines that lie on something
is beyond all those of the moved ones, and how far it is from these on average.

Of 730 right pairs (nuclei in fluorescence and in stained tissue, phase contrast, electron
microscopy, volumes of nuclei, and a volume of membranes with ten of its planes at five sizes) none
is taken for wrong. Of wrong ones it finds 99 % that are mirrored, 92 % that are transposed, 99 %
that are turned by 90 degrees, and 96 % with the labels of another image of their set.
"""
_SAME = 0.4
"""Share of moved outlines that may lie on outlines."""
_PARTS = (2, 0), (0, 2), (2, 2), (3, 3), (4, 0), (0, 4)
"""Outlines are moved by these parts of an image's height and width; 0 for not at all."""


def lie_elsewhere(image: NDArray[Any], instances: NDArray[Any], counts: NDArray[np.bool_]) -> bool:
    """Tell whether labels lie no better on an image than the same labels mirrored or moved.

    Parameters
    ----------
    image
        ``(C, *spatial)``, any real dtype.
    instances
        Integer ``(*spatial)``, with some objects.
    counts
        Which of their pixels do, ``(*spatial)``.
    """
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    window: tuple[Any, ...] = (..., *map(middle, instances.shape[-2:]))
    outlines = outlines_of(instances[window]) & counts[window]
    if not outlines.any():
        return False
    every = _moved(np.nonzero(outlines), outlines.shape)
    # those of objects in rows and columns may come to lie on themselves
    moved = [places for places in every if outlines[places].mean() < _SAME]
    if not moved:
        return False
    spread = [spread_greys(channel) for channel in image[window]]
    slopes = [ndimage.gaussian_gradient_magnitude(channel, _BLUR) for channel in spread]
    greys = [ndimage.gaussian_filter(channel, _BLUR) for channel in spread]
    seen = (np.sum(each, axis=0) for each in (slopes, greys))
    return not any(_differs(ranks(each), outlines, moved) for each in seen)


def place_doubt(labels: NDArray[Any], axes: str, image: NDArray[Any], image_axes: str) -> list[str]:
    """Return a sentence where hardly anything can be seen of objects in an image.

    A channel in which few of them shine is such an image, too, so that this is no more than a hint.

    Parameters
    ----------
    labels
        Integer ``(*lead, Y, X)``, 0 = no object.
    axes
        One letter of T, Z, Y, X per axis of the labels.
    image
        ``(*lead, Y, X)`` as the labels, with an axis of channels if there are several; any real
        dtype. The middle of some of its planes is looked at, see `PLANES`.
    image_axes
        One letter of T, Z, C, Y, X per axis of the image.
    """
    channels = dict(zip(image_axes, image.shape, strict=True)).get("C", 1)
    objects = arrange(labels, axes, 2, 1)
    seen = arrange(image, image_axes, 2, channels).led_by(objects.axes)
    if len(objects) != len(seen):
        return []
    step = -(-len(objects) // PLANES)
    told = [_lies_nowhere(seen[at], objects[at][0]) for at in range(step // 2, len(objects), step)]
    judged = [each for each in told if each is not None]
    if 2 * sum(judged) <= len(judged):
        return []
    return [
        "Hardly anything can be seen of the objects in the image: so it is in a channel in which "
        "few of them shine, but also in another image, or one that is mirrored, turned or shifted."
    ]


def _lies_nowhere(image: NDArray[Any], labels: NDArray[Any]) -> bool | None:
    """Tell it of the middle of a plane; None where there are too few objects, or no grey values."""
    firsts = [max(0, (size - _WINDOW) // 2) for size in labels.shape]
    part: tuple[Any, ...] = (..., *(slice(first, first + _WINDOW) for first in firsts))
    image, labels = image[part], labels[part]
    if len(numbers_in(labels)) < FEWEST or not np.isfinite(image).all():
        return None
    return lie_elsewhere(image, labels, np.ones(labels.shape, bool))


def astray(facts: Sequence[ImageFacts]) -> list[Finding]:
    """Warn of images most of whose labels lie on nothing."""
    known = [each for each in facts if any(plane.astray is not None for plane in each.planes)]
    names = [each.annotated.name for each in known if _is_astray(each)]
    if not names:
        return []
    advice = (
        "Look at image and labels together: are they of another image, mirrored, turned or shifted?"
    )
    if len(names) == 1:
        text = "The labels do not lie on what can be seen in the image."
        return [Finding("warning", text, advice, names[0])]
    text = (
        f"The labels of {len(names)} of {len(known)} images do not lie on what can be seen in "
        f"them, such as those of {names[0]}."
    )
    return [Finding("warning", text, advice)]


def _is_astray(facts: ImageFacts) -> bool:
    told = [plane.astray for plane in facts.planes if plane.astray is not None]
    return 2 * sum(told) > len(told)


def outlines_of(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which pixels of labels of any shape have another number beside them, bool."""
    found = np.zeros(labels.shape, bool)
    for axis in range(labels.ndim):
        differ = np.diff(labels, axis=axis) != 0
        size = labels.shape[axis]
        for first in (0, 1):
            where = (slice(None),) * axis + (slice(first, size - 1 + first),)
            found[where] |= differ
    return found


def _differs(
    seen: NDArray[np.float64],
    outlines: NDArray[np.bool_],
    moved: Sequence[tuple[NDArray[np.intp], ...]],
) -> bool:
    """Tell whether outlines have other ranks than all of the moved ones have."""
    here, there = seen[outlines].mean(), np.array([seen[places].mean() for places in moved])
    beyond = max(here - there.max(), there.min() - here)
    return bool(beyond > _BEYOND and abs(here - there.mean()) > _APART)


def spread_greys(channel: NDArray[Any]) -> NDArray[np.float32]:
    """Return grey values of any shape, 0 to 1, dim ones not much darker than bright ones."""
    values = channel.astype(np.float32)
    low, high = np.percentile(values, [1, 99.8])
    even = (values - low) / max(high - low, np.finfo(np.float32).tiny)
    spread: NDArray[np.float32] = np.sqrt(np.clip(even, 0, 1))
    return spread


def ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return which share of values of any shape is lower, those that are the same counted half."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    shares = (np.cumsum(counts) - counts / 2) / values.size
    return shares[which.reshape(values.shape)]


def _moved(
    places: tuple[NDArray[np.intp], ...], shape: tuple[int, ...]
) -> Iterator[tuple[NDArray[np.intp], ...]]:
    """Yield places mirrored and moved along Y and X."""
    *deep, y, x = places
    height, width = shape[-2:]
    across, over = height - 1 - y, width - 1 - x
    yield from ((*deep, across, x), (*deep, y, over), (*deep, across, over))
    for down, right in _PARTS:
        yield (
            *deep,
            (y + (height // down if down else 0)) % height,
            (x + (width // right if right else 0)) % width,
        )
