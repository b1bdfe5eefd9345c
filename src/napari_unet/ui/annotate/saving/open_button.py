"""A button that reads a saved annotation of the chosen image."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFileDialog, QPushButton

from napari_unet.core.annotation.annotation import usual_class, usual_colour
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import numbers_in
from napari_unet.io.annotations.drafts import Draft
from napari_unet.ui.annotate.annotation_copies import chunked_image
from napari_unet.ui.annotate.rectangles import outlines
from napari_unet.ui.layers.channel_group import channels_of, group_of, whole_image
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.copies import ChunkedCopier
from napari_unet.ui.work.error_line import ErrorLine
from napari_unet.ui.work.threads import LatestOnly


class OpenButton(QPushButton):
    """Asks for a folder when clicked, and reads in a worker.

    Parameters
    ----------
    image
        Where the image is chosen; when another one is, what is being read is forgotten.
    line
        Where it is said what went wrong.

    Attributes
    ----------
    opened
        Brings what was saved, as a draft.
    reads
        What runs beside the window.
    """

    opened = Signal(object)

    def __init__(self, image: LayerBox, line: ErrorLine) -> None:
        super().__init__("Open…")
        self.setToolTip("Bring back an annotation of this image that was saved in a folder.")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image, self._line = image, line
        self._copier, self.reads = ChunkedCopier(self), LatestOnly(self, failed=line.show_error)
        self.reads.returned.connect(self.opened)
        self.clicked.connect(lambda: line.run(self._open))
        image.changed.connect(self._forget)

    def _open(self) -> None:
        image = self._image.value
        if image is None:
            raise UserError("There is no image: open the image first, then its annotation.")
        folder = QFileDialog.getExistingDirectory(self, "Open the annotation in")
        if folder:
            read = partial(_read, Path(folder), image)
            whole = whole_image(image) or image
            copy, submit = partial(chunked_image, whole), partial(self._submit, read)
            self._copier.begin(copy, submit, self._line.show_error)

    def _submit(self, read: Callable[[Any], Draft], pixels: Any) -> None:
        self.reads.submit(partial(read, pixels))

    def _forget(self, _: Any = None) -> None:
        self._copier.quit()
        self.reads.quit()


def _read(folder: Path, layer: Image, pixels: Any) -> Draft:
    """Read a saved annotation; the pixels, of all channels, are only looked at."""
    from napari_unet.io.annotations.find import find_annotation  # noqa: PLC0415 - loads all readers

    (name, image), *others = _alike(layer, np.asarray(pixels))
    annotated, looks = find_annotation(folder, name, image, others)
    annotation = annotated.annotation
    objects = annotation.instances.astype(np.uint32)
    numbers = numbers_in(objects)
    classes = dict.fromkeys(numbers, 1) | dict(annotation.classes)
    for number in range(len(looks), max(classes.values(), default=1)):
        looks.append((usual_class(number + 1), usual_colour(number + 1)))
    boxes = () if annotation.boxes is None else annotation.boxes
    return Draft(
        image=name,
        image_shape=image.shape,
        objects=objects,
        highest=max(numbers, default=0),
        marks=annotation.marks,
        rectangles=[each for box in boxes for each in outlines(box)],
        classes=classes,
        class_names=[look[0] for look in looks],
        class_colours=[look[1] for look in looks],
        record=annotation.record,
    )


def _alike(layer: Image, pixels: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """Return an image and all that its annotation may be saved with: each channel of its file."""
    group = group_of(layer)
    if group is None:
        return [(layer.name, pixels)]
    channels = zip(group.channels, pixels, strict=True)
    every = [(group.name, pixels), *((f"{group.name} {name}", each) for name, each in channels)]
    own = every.pop(next((1 + number for number in channels_of(layer)), 0))
    return [(layer.name, own[1]), *every]
