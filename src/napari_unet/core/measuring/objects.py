"""`measure_objects`: a table of all objects of an image, with everything that is asked of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from scipy.spatial import cKDTree

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import LETTERS, SPATIAL
from napari_unet.core.image.check import check_image, check_values
from napari_unet.core.image.planes import Planes
from napari_unet.core.instances.labels import as_labels
from napari_unet.core.instances.looks import refuse_mixed_up
from napari_unet.core.measuring import outline
from napari_unet.core.measuring.doubt import class_of, doubt_of
from napari_unet.core.measuring.greys import Greys
from napari_unet.core.measuring.hull import solidity
from napari_unet.core.measuring.pixels import Pixels
from napari_unet.core.measuring.request import Evidence, MeasureFields, MeasureRequest
from napari_unet.core.measuring.shape import size_and_place
from napari_unet.core.measuring.windows import Boxes, Window, blocks, boxes_in, groups, joined
from napari_unet.core.progress import Progress, Steps, drive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = dict[str, NDArray[Any]]

_ROUNDED = 1e-3
"""Sides of a pixel that differ by less, relatively, are the same: TIFF rounds them."""


def measure_objects(
    instances: Any,
    image: Any = None,
    request: MeasureRequest | None = None,
    evidence: Evidence | None = None,
    **fields: Unpack[MeasureFields],
) -> dict[str, NDArray[Any]]:
    """Measure each object of an image, in each plane or volume of it.

    What scikit-image's ``regionprops`` has under the same name has the same value.

    Parameters
    ----------
    instances
        Labels of planes or volumes, integer, 0 = no object: numpy, dask or zarr.
    image
        What the microscope saw: the same axes in any order, and channels if it has some.
    request
        How the axes are to be read, and the size of a pixel; see `MeasureRequest`.
    evidence
        Class, probability, height and spread of each pixel, where they are known.
    **fields
        Fields of a `MeasureRequest` by their names, in place of a request or to change it.

    Returns
    -------
    Columns by name, each ``(objects,)``, a row for each object and plane, in order of planes and
    labels: ``t`` and ``z``, the number of the plane where there are several; ``label``; ``class``;
    ``pixels``; ``area`` or ``volume``; ``centroid_y`` and so on, from the centre of the first
    pixel; lengths and shape; ``touching``, how many others each one touches;
    ``nearest_distance``, from its centroid to the nearest other one's, NaN where there is none;
    ``probability`` and ``doubt`` from 0 to 1; ``intensity_mean`` and so on, with the channel's
    name behind where there are several; ``unit``. Angles are in radians.

    Raises
    ------
    UserError
        For labels or images that cannot be measured, or that do not fit each other.

    Examples
    --------
    >>> from napari_unet import load_sample, measure_objects
    >>> image, truth = load_sample("nuclei2d")
    >>> table = measure_objects(truth.data, image.data, axes="TYX")
    >>> table["area"], table["intensity_mean"]
    """
    if not hasattr(instances, "shape") or isinstance(instances, np.ndarray):
        instances = as_labels(instances)
    refuse_mixed_up(instances)
    if 0 in instances.shape:
        raise UserError("The label image is empty: it has no pixels.")
    asked = (request or MeasureRequest()).replace(**fields)
    return drive(measure_steps(instances, image, asked, evidence))


def measure_steps(
    instances: Any,
    image: Any = None,
    request: MeasureRequest | None = None,
    evidence: Evidence | None = None,
) -> Steps[dict[str, NDArray[Any]]]:
    """Measure objects as `measure_objects` does, step by step and whatever they look like.

    Yields
    ------
    Progress with the objects that are done.

    Returns
    -------
    As in `measure_objects`.
    """
    asked = (request or MeasureRequest()).named(instances)
    labels = asked.planes(instances)
    others = _others(labels, image, asked, evidence or Evidence())
    voxel, unit = asked.voxel()
    letters = labels.axes[: len(labels.lead)]
    order = sorted(range(len(letters)), key=lambda axis: LETTERS.index(letters[axis]))
    tables = []
    for place in product(*(range(labels.lead[axis]) for axis in order)):
        index = _index(place, order, labels.lead)
        table = yield from _plane_steps(labels, index, others, voxel)
        count = len(table["label"])
        lead = {
            letters[axis].lower(): np.full(count, at) for axis, at in zip(order, place, strict=True)
        }
        tables.append(lead | table | {"unit": np.full(count, unit)})
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def _index(place: tuple[int, ...], order: list[int], lead: tuple[int, ...]) -> int:
    """Return the number of a plane, of the axes in their usual order."""
    own = [place[order.index(axis)] for axis in range(len(lead))]
    return int(np.ravel_multi_index(own, lead)) if own else 0


@dataclass(frozen=True)
class _Others:
    """What is measured beside the labels, as planes that lie on theirs."""

    image: Planes | None
    names: list[str]
    told: dict[str, Planes]


def _others(labels: Planes, image: Any, asked: MeasureRequest, evidence: Evidence) -> _Others:
    told = {name: asked.planes(array) for name, array in evidence.arrays().items()}
    names: list[str] = []
    pictures = None
    if image is not None:
        check_image(image, blank_allowed=True)
        pictures = asked.image_planes(image).led_by(labels.axes)
        count = _channels(pictures)
        names = [f"_{name}" for name in asked.channels] or [f"_c{each}" for each in range(count)]
        if len(names) != count:
            raise UserError(f"There are {count} channels, but {len(names)} names for them.")
        names = names if count > 1 else [""]
    for what, planes in {"image": pictures, **told}.items():
        if planes is not None and (_sizes(planes) != _sizes(labels) or planes.axes != labels.axes):
            raise UserError(
                f"The {what} ({_told(planes)}) does not lie on the labels ({_told(labels)}): "
                "choose those that belong together."
            )
    return _Others(pictures, names, told)


def _channels(planes: Planes) -> int:
    axis = planes.order[len(planes.lead)]
    return int(planes.image.shape[axis]) if axis >= 0 else 1


def _sizes(planes: Planes) -> tuple[int, ...]:
    return planes.lead + planes.spatial


def _told(planes: Planes) -> str:
    sizes = " x ".join(map(str, _sizes(planes)))
    return f"{planes.axes}, {sizes} pixels"


def _plane_steps(
    labels: Planes, index: int, others: _Others, voxel: tuple[float, ...]
) -> Steps[Columns]:
    found = []
    for block in blocks(labels.spatial):
        yield Progress("looking for objects", index, len(labels))
        found.append(boxes_in(labels, index, block))
    boxes = joined(found, len(voxel))
    done, parts, order = 0, [], []
    for group in groups(boxes):
        yield Progress("measuring objects", done, len(boxes))
        window = Window.read(labels, index, boxes, group)
        parts.append(_window_columns(window, index, others, voxel))
        order.append(group)
        done += len(group)
    if not parts:
        return (yield from _empty(others, voxel))
    place = np.argsort(np.concatenate(order))
    table = {name: np.concatenate([part[name] for part in parts])[place] for name in parts[0]}
    return _with_neighbours(table, boxes, labels.spatial)


def _window_columns(
    window: Window, index: int, others: _Others, voxel: tuple[float, ...]
) -> Columns:
    """Measure the objects of a window by themselves."""
    pixels = Pixels(window)
    told: dict[str, Any] = {
        name: next(window.values(planes, index)) for name, planes in others.told.items()
    }
    columns: Columns = {"label": window.boxes.labels}
    if "classes" in told:
        columns["class"] = class_of(pixels, told["classes"])
    columns |= size_and_place(pixels, voxel)
    columns |= _outlines(pixels, voxel)
    columns["touching"] = outline.touching(pixels)
    columns |= doubt_of(pixels, told)
    if others.image is not None:
        greys = Greys(pixels, voxel)
        for name, channel in zip(others.names, window.values(others.image, index), strict=True):
            check_values(channel, blank_allowed=True)  # of a file nothing was read before
            measured = greys.measured(channel).items()
            columns |= {f"intensity_{key}{name}": column for key, column in measured}
    return columns


def _outlines(pixels: Pixels, voxel: tuple[float, ...]) -> Columns:
    flat = len(voxel) == 2
    square = flat and math.isclose(*voxel, rel_tol=_ROUNDED)
    side = sum(voxel) / len(voxel)
    length = outline.perimeter(pixels) * side if square else outline.crofton(pixels, voxel)
    euler, pieces = outline.euler_number(pixels), outline.pieces(pixels)
    columns = {
        "perimeter" if flat else "surface": length,
        "solidity": solidity(pixels),
        "euler_number": euler,
        "pieces": pieces,
    }
    return columns | ({"holes": pieces - euler} if flat else {})


def _with_neighbours(table: Columns, boxes: Boxes, spatial: tuple[int, ...]) -> Columns:
    """Add what is known once all objects of a plane are."""
    places = np.stack([table[f"centroid_{axis}"] for axis in SPATIAL[len(spatial)].lower()], axis=1)
    distance = np.full(len(places), np.nan)
    if len(places) > 1:
        distance = cKDTree(places).query(places, k=2)[0][:, 1]
    added = {
        "on_border": ((boxes.low == 0) | (boxes.high == spatial)).any(axis=1),
        "nearest_distance": distance,
    }
    before = list(table).index("touching")
    items = list(table.items())
    return dict([*items[:before], *added.items(), *items[before:]])


def _empty(others: _Others, voxel: tuple[float, ...]) -> Steps[Columns]:
    """Return the table of a plane without objects: that of a single pixel, less its row."""
    one = _single((), len(voxel))
    image = others.image and _single((_channels(others.image),), len(voxel))
    told = dict.fromkeys(others.told, one)
    table = yield from _plane_steps(one, 0, _Others(image, others.names, told), voxel)
    return {name: column[:0] for name, column in table.items()}


def _single(channels: tuple[int, ...], ndim: int) -> Planes:
    order = (0 if channels else -1, *range(len(channels), len(channels) + ndim))
    return Planes(np.ones(channels + (1,) * ndim, np.uint8), order, (), SPATIAL[ndim])
