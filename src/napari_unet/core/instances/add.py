"""The object under a click: what stands out there, brighter or darker, or a ridge encloses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from napari_unet.core.config import DecodeConfig
from napari_unet.core.decoding.decode import instances_from_height
from napari_unet.core.errors import UserError
from napari_unet.core.instances.flood import Flooded, Mask, Picture, flood
from napari_unet.core.instances.measure import equivalent_diameter, equivalent_size
from napari_unet.core.instances.ridge import enclosed, rise, step

UNKNOWN = 20.0
"""Pixels across an object for which the picture is smoothed where none is painted yet."""
REACHES = {2: (100, 200), 3: (32, 48)}
"""How far to look from the click where no object is painted yet, by number of axes."""
MARGIN = 5.0
"""By how many standard deviations of the smoothed noise an object stands out."""
HILL = 0.3
"""How high the height or probability of an object is at least; below, the image is looked at."""
FOOT = 0.1
"""At which part of its summit a height ends."""
NEAR, FAR = 0.3, 1.2
"""What surely belongs to the object and what surely does not: distances in diameters."""
RIDGE = 0.04
"""By how much of a picture's range a ridge stands out."""
STEEP = 0.2
"""Which part of the step across an edge a ridge is at least; an edge alone makes almost none."""
NOTHING = "No object stands out here: point at the middle of one, or paint it."


@dataclass(frozen=True)
class Click:
    """What lies around a click.

    Parameters
    ----------
    image
        Numbers, ``(C, *window)``.
    labels
        Instance labels, integer, ``(*window)``.
    point
        The pixel that was clicked.
    goes_on
        Whether the image goes on beyond the first and the last plane of the window, per axis.
    spacing
        Size of a pixel along each axis, relative to the smallest.
    """

    image: NDArray[Any]
    labels: NDArray[np.integer[Any]]
    point: tuple[int, ...]
    goes_on: tuple[tuple[bool, bool], ...]
    spacing: tuple[float, ...]

    def within(self, reach: float) -> tuple[Click, tuple[slice, ...]]:
        """Return a smaller window around the click, and where in this one it lies."""
        box = window(self.labels.shape, self.point, reach, self.spacing)
        sides = zip(box, self.labels.shape, self.goes_on, strict=True)
        goes_on = tuple(
            (each.start > 0 or before, each.stop < size or after)
            for each, size, (before, after) in sides
        )
        point = tuple(at - side.start for at, side in zip(self.point, box, strict=True))
        image = self.image[(slice(None), *box)]
        return Click(image, self.labels[box], point, goes_on, self.spacing), box


def window(
    shape: Sequence[int], point: Sequence[int], reach: float, spacing: Sequence[float]
) -> tuple[slice, ...]:
    """Return the part of an array within reach of a pixel, in sizes of the smallest pixel."""
    steps = [math.ceil(reach / size) for size in spacing]
    sides = zip(shape, point, steps, strict=True)
    return tuple(slice(max(at - step, 0), min(at + step + 1, size)) for size, at, step in sides)


def usual_diameter(labels: NDArray[np.integer[Any]], spacing: Sequence[float]) -> float | None:
    """Return the diameter of a disk or ball as large as the median object; None without any.

    Parameters
    ----------
    labels
        Instance labels, integer, of any shape.
    spacing
        As for `Click`.
    """
    counts = np.unique(labels[labels > 0], return_counts=True)[1]
    if not counts.size:
        return None
    volume = float(np.median(counts)) * math.prod(spacing)
    return float(equivalent_diameter(volume, labels.ndim))


def object_at(click: Click, diameter: float | None = None, *, hills: bool = False) -> Mask:
    """Return the object under a click; nothing that is painted is part of it.

    Parameters
    ----------
    click
        What lies around.
    diameter
        How wide objects usually are, in sizes of the smallest pixel; None if that is not known.
    hills
        Whether the image is what a network says: between 0 and 1, and high inside objects.

    Returns
    -------
    True in the object, of the window's shape.

    Raises
    ------
    UserError
        If no object stands out, or one is painted there already.
    """
    there = int(click.labels[click.point])
    if there:
        raise UserError(f"Object {there} is here already: point at what is not painted yet.")
    ndim = len(click.point)
    reaches = REACHES[ndim] if diameter is None else ((2.5 - 0.5 * (ndim - 2)) * diameter,)
    whole = np.zeros(click.labels.shape, bool)
    for reach in reaches:
        part, box = click.within(reach)
        found = _found(part, diameter, hills)
        if found is not None:
            whole[box] = found
            return whole
    raise UserError(NOTHING)


def _found(click: Click, diameter: float | None, hills: bool) -> Mask | None:
    """Return the object; where objects have a known width a ridge around it counts, too."""
    across, free = diameter or UNKNOWN, click.labels == 0
    if hills:
        return _basin(click, free, across)
    found = _flooded(click, free, diameter)
    if diameter is not None:
        found = _ridged(click, free, diameter, found)
    return None if found is None else _neat(found, free, click, across)


def _basin(click: Click, free: Mask, across: float) -> Mask | None:
    """Return what belongs to the summit that is clicked, as objects are made of a height."""
    height = click.image[0].astype(np.float32)
    top = float(height[_near(click, across / 10) & free].max(initial=0))
    if top < HILL:
        return None
    parts = instances_from_height(height, (height > FOOT * top) & free, DecodeConfig(min_size=1))
    basin: Mask = (parts == parts[click.point]) & (parts > 0)
    return basin if basin.any() and not (basin & _leaks(click)).any() else None


def _flooded(click: Click, free: Mask, diameter: float | None) -> Mask | None:
    """Return the object by the picture, and the sign, in which its outline is steepest."""
    across, usual = diameter or UNKNOWN, None
    if diameter is not None:
        usual = equivalent_size(diameter, len(click.point)) / math.prod(click.spacing)
    near, leaks = _near(click, across / 10) & free, _leaks(click)
    found: list[tuple[float, Flooded]] = []
    for channel, sign in product(click.image, (1, -1)):
        picture, noise = _smoothed(sign * channel.astype(np.float32), across, click.spacing)
        top = np.unravel_index(np.where(near, picture, -np.inf).argmax(), picture.shape)
        part = flood(picture, free, (tuple(map(int, top)), click.point), leaks, usual)
        if part is not None and _stands_out(picture, part.mask, MARGIN * noise):
            found.append((part.steepness / (float(np.ptp(picture)) or 1.0), part))
    return max(found, key=lambda each: each[0])[1].mask if found else None


def _ridged(click: Click, free: Mask, across: float, edge: Mask | None) -> Mask | None:
    """Return what a ridge encloses, bright or dark, where there is one; else what an edge does."""
    near = _near(click, NEAR * across) & free
    far, width = ~_near(click, FAR * across) | ~free, max(across / 16, 1.0)
    best, highest = edge, RIDGE
    for channel, sign in product(click.image, (1, -1)):
        picture, noise = _smoothed(sign * channel.astype(np.float32), across, click.spacing)
        least = MARGIN * noise
        if edge is not None:
            least = max(least, STEEP * step(picture, edge, width, click.spacing))
        mask = enclosed(picture, near, far) & free
        height = rise(picture, mask, width, click.spacing)
        if height > max(least, highest * float(np.ptp(picture))):
            best, highest = mask, height / float(np.ptp(picture))
    return best


def _smoothed(picture: Picture, across: float, spacing: Sequence[float]) -> tuple[Picture, float]:
    """Smooth a picture by a small part of an object's width; return what is left of its noise."""
    width = np.clip(across / 16, 0.7, 3.0) / np.array(spacing)
    smooth = scipy.ndimage.gaussian_filter(picture, width)
    rest = 1.48 * float(np.median(np.abs(picture - smooth)))
    left = float(np.prod(np.maximum(2 * width * math.sqrt(math.pi), 1) ** 0.5))
    return smooth, rest / left


def _stands_out(picture: Picture, mask: Mask, least: float) -> bool:
    """Return whether a part is brighter than a ring around it, by more than so much."""
    ring = scipy.ndimage.binary_dilation(mask, iterations=3) & ~scipy.ndimage.binary_dilation(mask)
    if not ring.any():
        return True
    return float(picture[mask].mean() - picture[ring].mean()) > least


def _neat(mask: Mask, free: Mask, click: Click, across: float) -> Mask:
    """Fill holes, cut off thin tails and what is another object behind a narrow neck."""
    filled = scipy.ndimage.binary_fill_holes(mask) & free
    depth = scipy.ndimage.distance_transform_edt(np.pad(filled, 1), sampling=click.spacing)
    depth = depth[(slice(1, -1),) * mask.ndim]
    thick = depth > across / 10
    away = scipy.ndimage.distance_transform_edt(~thick, sampling=click.spacing)
    opened = filled & (away <= across / 10) if thick.any() else filled
    piece = _piece(opened, click.point)
    smooth = scipy.ndimage.gaussian_filter(depth, across / 20 / np.array(click.spacing))
    summits = skimage.morphology.h_maxima(np.where(piece, smooth, 0), across / 20)  # type: ignore[no-untyped-call]
    peaks, count = scipy.ndimage.label(summits & piece)
    if count < 2:
        return piece
    parts = skimage.segmentation.watershed(-smooth, peaks, mask=piece)  # type: ignore[no-untyped-call]
    return _piece(parts, click.point)


def _piece(parts: NDArray[Any], point: tuple[int, ...]) -> Mask:
    """Return the connected part that holds a pixel, or the largest if none does."""
    pieces = scipy.ndimage.label(parts)[0] if parts.dtype == bool else parts
    at = int(pieces[point]) or int(np.bincount(pieces[pieces > 0]).argmax())
    piece: Mask = pieces == at
    return piece


def _near(click: Click, radius: float) -> Mask:
    away = [
        (np.arange(size) - at) * step
        for size, at, step in zip(click.labels.shape, click.point, click.spacing, strict=True)
    ]
    squares = sum(each**2 for each in np.ix_(*away))
    near: Mask = np.asarray(squares) <= max(radius, 1) ** 2
    return near


def _leaks(click: Click) -> Mask:
    leaks = np.zeros(click.labels.shape, bool)
    for axis, (before, after) in enumerate(click.goes_on):
        ends = np.moveaxis(leaks, axis, 0)
        ends[0] |= before
        ends[-1] |= after
    return leaks
