"""What a new annotation starts from: a copy of the objects in other labels, with their classes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
from napari.layers import Image, Labels, Layer
from qtpy.QtCore import QObject, Signal

from napari_unet.core.annotation.annotation import usual_class, usual_colour
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import numbers_in
from napari_unet.io.annotations.drafts import Draft
from napari_unet.ui.annotate.tools.given_classes import GivenClasses, chunked_start, start_check
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.layers.below import axes_below, lie_on
from napari_unet.ui.layers.place_note import tell_place
from napari_unet.ui.work.copies import ChunkedCopier
from napari_unet.ui.work.threads import LatestOnly

LAST = 2**32 - 1
"""No number at all."""


class Start(QObject):
    """Copies the objects of a label layer, and counts them in a worker.

    Parameters
    ----------
    parent
        What it belongs to.
    failed, layers
        Gets what goes wrong; and those of the viewer, among which are the classes of a result.

    Attributes
    ----------
    ready
        Brings the image, an annotation of it that has these objects, and the layer they are of.
    """

    ready = Signal(object, object, object)

    def __init__(
        self, parent: QObject, failed: Callable[[Exception], None], layers: Iterable[Layer]
    ) -> None:
        super().__init__(parent)
        self._failed, self._layers = failed, layers
        self._from: tuple[ReferenceType[Image], ReferenceType[Labels]] | None = None
        self._copier, self._counts = ChunkedCopier(self), LatestOnly(self, failed)
        self._counts.returned.connect(self._bring)

    def begin(self, image: Image, labels: Labels) -> None:
        """Copy the objects of a layer, which may be read or computed when asked for.

        Raises
        ------
        UserError
            If they do not fit the image.
        """
        self.quit()
        shape = full_resolution(image).shape
        lie_on(labels, image)
        axes_below(image, labels)
        tell_place(labels, image)
        self._from = ref(image), ref(labels)
        count = partial(draft_of, image.name, shape, check=start_check(labels))
        self._copier.begin(
            partial(chunked_start, labels, self._layers), partial(self._count, count), self._failed
        )

    def quit(self) -> None:
        """Forget what is being copied."""
        self._copier.quit()
        self._counts.quit()

    def _count(self, count: Any, copied: tuple[Any, GivenClasses]) -> None:
        self._counts.submit(partial(count, *copied))

    def _bring(self, draft: Draft) -> None:
        image, labels = (None, None) if self._from is None else (each() for each in self._from)
        if image is not None:
            self.ready.emit(image, draft, labels)


def draft_of(
    name: str,
    image_shape: tuple[int, ...],
    labels: Any,
    classes: GivenClasses | None = None,
    check: Callable[[Any], None] | None = None,
) -> Draft:
    """Return an annotation that starts from labels; for a worker, as it looks at all pixels.

    Parameters
    ----------
    name, image_shape
        Of the image.
    labels, classes
        Integers, of the image's shape without its channel axis; read here if they are not yet. And
        the classes of the objects, None where all are of the first one.
    check
        Refuses pixels that cannot be objects; None for known objects.

    Raises
    ------
    UserError
        If the labels cannot be objects, or have numbers from `LAST` on.
    """
    objects = np.asarray(labels)
    if check is not None:
        check(objects)
    if objects.max(initial=0) >= LAST:
        raise UserError(f"The labels have numbers from {LAST:,} on: number them anew, from 1 on.")
    numbers = numbers_in(objects)
    given = (classes or GivenClasses()).of(objects, numbers)
    return Draft(
        image=name,
        image_shape=image_shape,
        objects=objects.astype(np.uint32, copy=False),
        highest=max(numbers, default=0),
        classes=given.classes,
        class_names=list(given.names),
        class_colours=list(given.colours),
    )


def empty_draft(name: str, image_shape: tuple[int, ...], axes: str) -> Draft:
    """Return an annotation of which nothing is painted yet.

    Parameters
    ----------
    name, image_shape
        Of the image.
    axes
        One letter of TZCYX per axis of the image.
    """
    sizes = zip(axes, image_shape, strict=True)
    shape = tuple(size for letter, size in sizes if letter != "C")
    return Draft(
        image=name,
        image_shape=image_shape,
        objects=np.zeros(shape, np.uint32),
        highest=0,
        class_names=[usual_class(1)],
        class_colours=[usual_colour(1)],
    )
