"""Border of objects: its length or area, holes, pieces, and who touches whom."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import SphericalVoronoi

from napari_unet.core.measuring.pixels import Offset, around, faces, halves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.measuring.pixels import Pixels

    Floats = NDArray[np.float64]
    Ints = NDArray[np.integer]


def perimeter(pixels: Pixels) -> Floats:
    """Return how long the outlines of objects are, of square pixels, in pixels.

    Counted are steps along the outline, straight and diagonal, as scikit-image's ``perimeter``
    does (Benkrid and Crookes, Design and FPGA implementation of a perimeter estimator, 2000).

    Parameters
    ----------
    pixels
        Of all objects of a window, 2D.

    Returns
    -------
    float64 ``(n,)``.
    """
    border, edge = pixels.border, np.zeros(pixels.window.objects.size, bool)
    place, label = pixels.flat[border], pixels.label[border]
    edge[place] = True
    straight = faces(2)
    seen = np.ones(len(border), np.intp)
    for offset in around(2):
        on = edge[place + pixels.step(offset)] & (pixels.beside(offset, border) == label)
        seen += on * (2 if offset in straight else 10)
    return np.asarray(np.bincount(pixels.number[border], _STEPS[seen], pixels.count), np.float64)


_STEPS = np.zeros(50)
_STEPS[[5, 7, 15, 17, 25, 27]] = 1
_STEPS[[21, 33]] = math.sqrt(2)
_STEPS[[13, 23]] = (1 + math.sqrt(2)) / 2


def crofton(pixels: Pixels, voxel: tuple[float, ...]) -> Floats:
    """Return the length of outlines, or the area of surfaces, of voxels of any sides.

    Lines in all directions of a pixel's neighbours are laid through the image, and how often they
    enter an object says how large its outline or surface is (Crofton's formula). A direction counts
    as much as the share of all directions to which it is the nearest (Lehmann and Legland,
    Efficient N-dimensional surface estimation using Crofton formula and run-length encoding, 2012).

    Parameters
    ----------
    pixels
        Of all objects of a window.
    voxel
        Size of a pixel along each axis.

    Returns
    -------
    float64 ``(n,)``.
    """
    offsets = halves(len(voxel))
    steps = np.array(offsets) * voxel
    lengths = np.linalg.norm(steps, axis=1)
    # lines are so close to each other that each pixel has one step of it
    apart = math.prod(voxel) / lengths
    whole = math.pi if len(voxel) == 2 else 4.0
    weights = whole * apart * _shares(steps / lengths[:, None])
    total = np.zeros(pixels.count)
    for offset, weight in zip(offsets, weights, strict=True):
        total += weight * pixels.sums(pixels.beside(offset) != pixels.label)
    return total


def _shares(directions: Floats) -> Floats:
    """Return which share of all directions each one stands for, both ways together."""
    both = np.concatenate([directions, -directions])
    if directions.shape[1] == 3:
        parts = SphericalVoronoi(both).calculate_areas() / (4 * math.pi)
    else:
        angles = np.arctan2(both[:, 0], both[:, 1])
        order = np.argsort(angles)
        gaps = np.diff(angles[order], append=angles[order[0]] + 2 * math.pi)
        parts = np.empty(len(both))
        parts[order] = (gaps + np.roll(gaps, 1)) / (4 * math.pi)
    return np.asarray(parts[: len(directions)] + parts[len(directions) :])


def euler_number(pixels: Pixels) -> Ints:
    """Return pieces minus holes; in a volume pieces minus tunnels plus cavities.

    Corners minus edges plus faces (minus cubes) of all pixels, where each corner, edge and face
    that several pixels of an object share counts with the first of them. Pixels that touch at a
    corner are one piece.

    Parameters
    ----------
    pixels
        Of all objects of a window.

    Returns
    -------
    int64 ``(n,)``.
    """
    ndim, border = pixels.window.objects.ndim, pixels.border
    label = pixels.label[border]
    free = {offset: pixels.beside(offset, border) != label for offset in around(ndim)}
    total = np.zeros(len(border))
    for part in product((-1, 0, 1), repeat=ndim):
        own = np.ones(len(border), bool)
        for offset in _before(part):
            own &= free[offset]
        total += own * (-1) ** part.count(0)
    counted = np.bincount(pixels.number[border], total, pixels.count)
    return np.rint(counted).astype(np.int64)


def _before(part: Offset) -> list[Offset]:
    """Return the pixels that share a corner, an edge or a face with one, and lie before it."""
    sharing = product(*((0, each) if each else (0,) for each in part))
    return [offset for offset in sharing if offset < (0,) * len(part)]


def touching(pixels: Pixels) -> Ints:
    """Return how many other objects each one touches, if only at a corner.

    Parameters
    ----------
    pixels
        Of all objects of a window.

    Returns
    -------
    int64 ``(n,)``.
    """
    border, labels = pixels.border, len(pixels.window.mine)
    own, pairs = pixels.number[border].astype(np.int64), []
    for offset in around(pixels.window.objects.ndim):
        other = pixels.beside(offset, border)
        meets = (other > 0) & (other != pixels.label[border])
        pairs.append(np.unique(own[meets] * labels + other[meets]))
    return np.bincount(np.unique(np.concatenate(pairs)) // labels, minlength=pixels.count)


def pieces(pixels: Pixels) -> Ints:
    """Return of how many pieces each object is; what touches at a corner is one.

    Parameters
    ----------
    pixels
        Of all objects of a window.

    Returns
    -------
    int64 ``(n,)``.
    """
    runs = pixels.runs
    # a line and a column are free on each side, so that no run is beside one of another line
    sizes = (runs.start[:, :-1].max(axis=0) + 3).tolist()
    width = int((runs.start[:, -1] + runs.length).max()) + 2
    key = np.ravel_multi_index(
        (runs.number, *(runs.start + 1).T), (pixels.count, *sizes, width)
    ).astype(np.int64)
    order = np.argsort(key)
    first = key[order]
    last = first + runs.length[order] - 1
    strides = np.cumprod([width, *sizes[:0:-1]])[::-1]
    pairs = []
    for offset in product((-1, 0, 1), repeat=len(sizes)):
        if offset < (0,) * len(sizes):
            step = int(np.dot(offset, strides))
            begin = np.searchsorted(last, first + (step - 1))
            count = (np.searchsorted(first, last + (step + 1), "right") - begin).clip(0)
            one = np.repeat(np.arange(len(first)), count)
            within = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
            pairs.append((one, begin[one] + within))
    rows, columns = np.concatenate(pairs, axis=1)
    shape = (len(first), len(first))
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape)
    found, piece = connected_components(graph, directed=False)
    of = np.empty(found, np.int64)
    of[piece] = runs.number[order]
    return np.bincount(of, minlength=pixels.count)
