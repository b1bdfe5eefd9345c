"""Which class each object has that an annotation starts from, and what the classes are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from napari.layers import Labels, Layer

from napari_unet.core.annotation.annotation import usual_class, usual_colour
from napari_unet.core.errors import UserError
from napari_unet.core.instances.masks import class_doubt
from napari_unet.core.instances.overlaps import class_of_each
from napari_unet.ui.annotate.annotation_layers import annotation_layers
from napari_unet.ui.layers.below import label_axes
from napari_unet.ui.layers.channel_axis import pixels_in
from napari_unet.ui.layers.labels import objects_check
from napari_unet.ui.layers.metadata import has_role
from napari_unet.ui.widgets.objects.class_names import learnt_names, model_of
from napari_unet.ui.widgets.objects.one_result import of_one_result
from napari_unet.ui.work.copies import ChunkedCopy, chunked_copy
from napari_unet.ui.work.errors import LEARN_CLASSES


@dataclass(frozen=True)
class GivenClasses:
    """The classes of objects that were painted, or found by a model.

    Parameters
    ----------
    classes
        Class of each object, as far as it is known.
    names, colours
        Of the classes from 1 on, as far as they have any.
    semantic
        The class of each pixel of a result; None where there is none.
    model
        The file of the model that found the objects; empty where none did.
    """

    classes: dict[int, int] = field(default_factory=dict)
    names: Sequence[str] = ()
    colours: Sequence[str] = ()
    semantic: Any = None
    model: str = ""

    def of(self, objects: np.ndarray, numbers: Iterable[int]) -> GivenClasses:
        """Return the same with a class for each of some objects; for a worker, as it counts pixels.

        Every class has a name and a colour then.
        """
        given = dict(self.classes)
        if self.semantic is not None:
            given = class_of_each(objects, np.asarray(self.semantic))
        classes = {number: given.get(number, 1) for number in numbers}
        names = [*(self.names or learnt_names(self.model))]
        highest = max([1, len(names), *classes.values()])
        names += [usual_class(number + 1) for number in range(len(names), highest)]
        colours = [*self.colours[:highest]]
        colours += [usual_colour(number + 1) for number in range(len(colours), highest)]
        return replace(self, classes=classes, names=names, colours=colours)


def chunked_start(labels: Labels, layers: Iterable[Layer]) -> ChunkedCopy[tuple[Any, GivenClasses]]:
    """Copy objects to start from with their classes, as `chunked_classes` does."""
    pixels = yield from chunked_copy(pixels_in(labels))
    return pixels, (yield from chunked_classes(labels, layers))


def chunked_classes(labels: Labels, layers: Iterable[Layer]) -> ChunkedCopy[GivenClasses]:
    """Copy the classes of a layer's objects, a chunk at a time.

    Parameters
    ----------
    labels
        The objects of an annotation; of a result, which has its classes in another layer; or of
        a file that names them.
    layers
        Those of the viewer.
    """
    parts = annotation_layers(labels)
    if parts is not None:
        return GivenClasses(
            dict(parts.classes), tuple(parts.class_names), tuple(parts.class_colours)
        )
    semantic = _semantic(labels, layers)
    if semantic is None:
        return _told(labels)
    pixels = yield from chunked_copy(pixels_in(semantic))
    return GivenClasses(semantic=pixels, model=model_of(labels))


def _told(labels: Labels) -> GivenClasses:
    """Return the classes that the features of a layer name, as those of a file that was opened."""
    table = labels.features
    if not {"index", "class"} <= set(table):
        return GivenClasses()
    pairs = zip(table["index"].tolist(), table["class"].tolist(), strict=True)
    told = {number: name for number, name in pairs if isinstance(name, str) and name}
    names = sorted(set(told.values()))
    return GivenClasses({number: names.index(name) + 1 for number, name in told.items()}, names)


def start_check(labels: Labels) -> Callable[[Any], None] | None:
    """Return what refuses pixels that cannot be objects, or are classes; None for painted ones."""
    if annotation_layers(labels) is not None:
        return None
    return partial(_check, objects_check(labels), f"“{labels.name}”", label_axes(labels))


def _check(check: Callable[[Any], None], what: str, axes: str, pixels: np.ndarray) -> None:
    check(pixels)
    told = class_doubt(pixels, axes)
    if told:
        raise UserError(f"{what} {told} {LEARN_CLASSES}")


def _semantic(labels: Labels, layers: Iterable[Layer]) -> Labels | None:
    """Return the classes that were found with the objects of a result; None where none were."""
    if not has_role(labels, "instances"):
        return None
    found = [each for each in layers if isinstance(each, Labels) and has_role(each, "semantic")]
    shape = pixels_in(labels).shape
    alike = [each for each in found if of_one_result(each, labels)]
    return next((each for each in reversed(alike) if pixels_in(each).shape == shape), None)
