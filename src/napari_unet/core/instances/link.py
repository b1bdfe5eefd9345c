"""Objects of neighbouring planes or frames that are one: joined by how much they overlap.

All rests on a table of overlaps, which is sparse and can be added up block by block.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import (
    FEW,
    SPATIAL,
    check_count,
    check_letters,
    check_spatial,
)
from napari_unet.core.instances.labels import as_labels, check_labels, compact_labels
from napari_unet.core.instances.overlaps import Overlaps, overlap_table, run_lengths
from napari_unet.core.progress import stop_point

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_unet.core.config import LinkConfig
    from napari_unet.core.instances.overlaps import Integers

    Found = Mapping[str, Any]
    Longs = NDArray[np.int64]

_ASKED = {
    "Z": "Planes are to be joined into 3D objects",
    "T": "Objects are to be followed through time",
}
_MEANT = {"Z": "depth", "T": "time"}
_GO_ON = 0.5
"""Share of the objects that go on in the next frame where they are followed: of cells that move by
a quarter of their size 3 in 4, by half of it 1 in 4, and of pictures of other cells 1 in 6."""


def link(instances: Integers, axes: str, ndim: int, config: LinkConfig) -> NDArray[np.int32]:
    """Give the objects of neighbouring planes and frames that are one the same number.

    Two objects of neighbouring planes are one if they share at least ``config.overlap`` of the
    smaller one's pixels and each is the other's best partner: of all with which it shares as much,
    that of the largest intersection over union (IoU), of equals the lowest number. The share is of
    the smaller one because a cell's last planes shrink fast; the best partner is by IoU because a
    small object may lie in several. So an object has at most one partner in the plane before and
    one in the plane after: two cells that lie above one are never bridged, and a joined object is
    connected. Frames are linked in the same way, after the planes: objects keep their number as
    long as they are found again, of two daughters at most one gets the mother's, and what is lost
    and comes back is new.

    Parameters
    ----------
    instances
        Labels, integer, of any shape, 0 = no object. What has one number in one plane or volume
        is one object there; numbers of different planes mean nothing to each other.
    axes
        One of the letters T, Z, Y and X per axis.
    ndim
        Number of spatial axes that were segmented at once, 2 or 3.
    config
        What to link, `settled`, and from which overlap. An axis that is not there is not linked.

    Returns
    -------
    int32 of the same shape, numbered 1..N in scan order of their first pixels.

    Raises
    ------
    UserError
        For what cannot be labels, and for axes that are not theirs.
    """
    instances, axes = as_labels(instances), axes.upper()
    check_labels(instances)
    check_letters(axes)
    check_count(axes, instances.shape)
    check_spatial(axes, ndim, "The label image")
    spatial = [axes.index(letter) for letter in SPATIAL[ndim]]
    labels = _with_numbers_of_their_own(instances, spatial)
    if config.planes and ndim == 2 and "Z" in axes:
        _join(np.moveaxis(labels, axes.index("Z"), 0), config.overlap)
    if config.frames and "T" in axes:
        _join(np.moveaxis(labels, axes.index("T"), 0), config.overlap)
    return _in_scan_order(labels)


def partners(overlaps: Overlaps, least: float) -> NDArray[np.int64]:
    """Return who is one: pairs of labels ``(n, 2)``, no label twice on a side.

    Parameters
    ----------
    overlaps
        Of two whole images.
    least
        What they share at least, of the smaller one's pixels. Of those that do, partners are each
        other's best by IoU, as in `link`.
    """
    iou = overlaps.iou()
    enough = (iou > 0) & (overlaps.shared >= least * np.minimum(*overlaps.sizes()))
    pairs = np.stack([overlaps.first, overlaps.second], axis=1)[enough]
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0], -iou[enough]))]
    one, other = (np.unique(side, return_index=True)[1] for side in pairs.T)
    return pairs[np.intersect1d(one, other)]


def joined(pairs: Sequence[NDArray[np.int64]], count: int) -> NDArray[np.int32]:
    """Return the new number of each label from 0 to `count`, the same for all that are one.

    Parameters
    ----------
    pairs
        As from `partners`, int64 ``(n, 2)`` each, of any number of images, whose labels all differ.
    count
        The highest label; 0 stays 0.

    Returns
    -------
    int32 ``(count + 1,)``.
    """
    ends = np.concatenate([np.empty((0, 2), np.int64), *pairs])
    joined = np.ones(len(ends), bool)
    edges = scipy.sparse.coo_array((joined, tuple(ends.T)), shape=(count + 1, count + 1))
    number = scipy.sparse.csgraph.connected_components(edges, directed=False)[1]
    return np.asarray(number, np.int32)


def _with_numbers_of_their_own(instances: Integers, spatial: Sequence[int]) -> NDArray[np.int32]:
    """Return a copy in which no number is used in two planes, numbered from 1 without gaps."""
    result = np.empty(instances.shape, np.int32)
    planes, copies = (
        np.moveaxis(array, spatial, range(-len(spatial), 0)) for array in (instances, result)
    )
    count = 0
    for index in np.ndindex(planes.shape[: -len(spatial)]):
        stop_point()
        plane = np.ravel(planes[index])
        starts, lengths = run_lengths(plane)
        numbers, which = np.unique(plane[starts], return_inverse=True)
        fresh = np.where(numbers > 0, np.cumsum(numbers > 0) + count, 0)
        copies[index] = np.repeat(fresh[which], lengths).reshape(copies[index].shape)
        count = int(fresh.max(initial=count))
    return result


def _join(slices: NDArray[np.int32], least: float) -> None:
    """Join the objects of slices that follow each other, in place; no two share a number."""
    pairs = [_partners_in(one, other, least) for one, other in pairwise(slices)]
    number = joined(pairs, int(slices.max(initial=0)))
    for each in slices:
        each[...] = number[each]


def _partners_in(
    one: NDArray[np.int32], other: NDArray[np.int32], least: float
) -> NDArray[np.int64]:
    stop_point()
    return partners(overlap_table(one, other), least)


def _in_scan_order(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the same objects numbered from 1 without gaps, in the order of their first pixels."""
    flat = labels.ravel()
    starts, lengths = run_lengths(flat)
    numbers, first, which = np.unique(flat[starts], return_index=True, return_inverse=True)
    first[numbers == 0] = -1
    rank = np.argsort(np.argsort(first)) + (not (numbers == 0).any())
    return np.repeat(rank.astype(np.int32)[which], lengths).reshape(labels.shape)


def settled(config: LinkConfig, axes: str, lead: Sequence[int]) -> LinkConfig:
    """Return what is joined, with yes or no where it says automatic.

    Parameters
    ----------
    config
        What to join. Automatic is yes for a stack along Z whose planes are segmented one by one.
    axes
        Letters of the axes of planes, then of those that are segmented at once.
    lead
        Sizes of the axes of planes.
    """
    deep = any(letter == "Z" and size > 1 for letter, size in zip(axes, lead, strict=False))
    return config.replace(planes=deep) if config.planes is None else config


def depth_doubt(axes: str, shape: Sequence[int], therefore: str = "") -> str:
    """Return a sentence where an axis is depth by a guess only; otherwise nothing.

    Parameters
    ----------
    axes
        The guessed axes, one letter of TZCYX per array axis.
    shape
        The array's shape.
    therefore
        What is done as they are, with a comma before it.
    """
    if _depth(axes, shape) == 1:
        return ""
    told = f"The axes {axes} are a guess{therefore}"
    if "T" in axes:
        return f"{told}: if they are others, say which."
    return f"{told}: for a film, give the axes {axes.replace('Z', 'T')}."


def note_on_guess(axes: str, shape: Sequence[int], ndim: int, config: LinkConfig) -> str:
    """Return a sentence where objects are joined along an axis that is depth by a guess only.

    Parameters
    ----------
    axes, shape
        As for `depth_doubt`.
    ndim
        Number of spatial axes that are segmented at once.
    config
        What to join, as it was asked for: who asks for it knows that there is depth.
    """
    if ndim > 2 or config.planes is not None:
        return ""
    told = depth_doubt(axes, shape, ", and objects are joined through the planes")
    if not told or "T" in axes:
        return told
    few = "C" not in axes and _depth(axes, shape) <= FEW
    channels = f", for channels {axes.replace('Z', 'C')}" * few
    better = "A volume is seen better by a model of volumes, such as nuclei-3d."
    return f"{told.removesuffix('.')}{channels}. {better}"


def _depth(axes: str, shape: Sequence[int]) -> int:
    return dict(zip(axes, shape, strict=True)).get("Z", 1)


def went_on(labels: Integers, axes: str) -> tuple[int, int]:
    """Count the objects of all frames but the last, and those of them that the next has, too.

    Parameters
    ----------
    labels
        Integer, 0 = no object, as from `link`.
    axes
        One of the letters T, Z, Y and X per axis, T among them.

    Returns
    -------
    How many go on, and how many there are.
    """
    frames = np.moveaxis(labels, axes.upper().index("T"), 0)
    numbers = [compact_labels(frame[frame > 0])[0] for frame in frames]
    kept = sum(len(np.intersect1d(one, other)) for one, other in pairwise(numbers))
    return kept, sum(map(len, numbers[:-1]))


def note_on_lost(kept: int, count: int) -> str:
    """Return a sentence where so few of so many objects go on in the next frame; else nothing."""
    if kept >= _GO_ON * count:
        return ""
    return (
        "Most objects were not found again in the next frame, and those that were may be others: "
        "the cells or the stage move too far between frames. Align the frames before, or take them "
        "at a shorter interval."
    )


def linked_axes(axes: str, ndim: int, config: LinkConfig) -> str:
    """Return the axes along which objects are joined, in this order.

    Parameters
    ----------
    axes
        Letters of the planes' axes.
    ndim
        Number of spatial axes that are segmented at once.
    config
        What to join.
    """
    planes = "Z" if config.planes and ndim == 2 and "Z" in axes else ""
    return planes + ("T" if config.frames and "T" in axes else "")


def check_link(axes: str, ndim: int, config: LinkConfig) -> None:
    """Refuse to join along an axis that a stack does not have, for it may go by another name.

    Parameters
    ----------
    axes
        One letter of TZCYX per array axis.
    ndim
        Number of spatial axes that are segmented at once.
    config
        What to join.

    Raises
    ------
    UserError
        If nothing can be joined, though there are several planes or frames.
    """
    asked = "Z" * (bool(config.planes) and ndim == 2) + "T" * config.frames
    lead = [letter for letter in axes.upper() if letter not in SPATIAL[ndim] + "C"]
    if not asked or not lead or linked_axes(axes.upper(), ndim, config):
        return
    wanted, other = asked[0], lead[0]
    raise UserError(
        f"{_ASKED[wanted]}, but the image (axes {axes.upper()}) has no {wanted} axis: if its "
        f"{other} axis is {_MEANT[wanted]}, give the axes {axes.upper().replace(other, wanted)}.",
        about="axes",
    )
