"""A button that reads a saved annotation of the chosen image."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QFileDialog, QPushButton

from napari_unet.core.errors import UserError
from napari_unet.io.annotations import find_annotation
from napari_unet.io.drafts import Draft, new_draft_path
from napari_unet.storage.folders import autosave_folder
from napari_unet.ui.annotate.annotation_layers import COLOURS, numbers_in, usual_class
from napari_unet.ui.annotate.rectangles import outlines
from napari_unet.ui.layers.arrays import full_resolution
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.threads import Latest, report_user_errors


class OpenButton(QPushButton):
    """Asks for a folder when clicked, and reads in a worker.

    Parameters
    ----------
    image
        Where the image is chosen; when another one is, what is being read is forgotten.

    Attributes
    ----------
    opened
        Brings what was saved as a draft, and where a copy of it may be kept.
    reads
        What runs beside the window.
    """

    opened = Signal(object, object)

    def __init__(self, image: LayerBox) -> None:
        super().__init__("Open…")
        self.setToolTip("Bring back an annotation of this image that was saved in a folder.")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._image = image
        self.reads = Latest(self)
        self.reads.returned.connect(self._bring)
        self.clicked.connect(partial(report_user_errors, self._open))
        image.changed.connect(self.reads.quit)

    def _open(self) -> None:
        image = self._image.layer()
        if image is None:
            raise UserError("There is no image: open the image first, then its annotation.")
        folder = QFileDialog.getExistingDirectory(self, "Open the annotation in")
        if folder:
            pixels = full_resolution(image)
            self.reads.submit(partial(_read, Path(folder), image.name, pixels))

    def _bring(self, draft: Draft) -> None:
        self.opened.emit(draft, new_draft_path(autosave_folder(), draft.image))


def _read(folder: Path, name: str, pixels: Any) -> Draft:
    """Read a saved annotation; the pixels are only looked at."""
    image = np.asarray(pixels)
    annotated, looks = find_annotation(folder, name, image)
    annotation = annotated.annotation
    objects = annotation.instances.astype(np.uint32)
    classes = dict.fromkeys(numbers_in(objects), 1) | dict(annotation.classes)
    for number in range(len(looks), max(classes.values(), default=1)):
        looks.append((usual_class(number + 1), COLOURS[number % len(COLOURS)]))
    boxes = () if annotation.boxes is None else annotation.boxes
    return Draft(
        image=name,
        image_shape=image.shape,
        objects=objects,
        marks=annotation.marks,
        rectangles=[each for box in boxes for each in outlines(box)],
        classes=classes,
        class_names=[look[0] for look in looks],
        class_colours=[look[1] for look in looks],
    )
