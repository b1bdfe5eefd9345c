"""The classes of objects that other programs have drawn, numbered alike in all files."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from napari_unet.cli.shared import tell_notes
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import class_image
from napari_unet.io.labels import read_labels
from napari_unet.io.picture import numbered
from napari_unet.io.read import ANNOTATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_unet.io.picture import Picture


def class_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of the classes in files of outlines, in the order in which they come.

    They are told in one sentence, as a class is no more than a number in labels and in tables.

    Parameters
    ----------
    files
        Label images of any kind; what cannot be read says nothing here.
    """
    names: dict[str, None] = {}
    for path in files:
        if path.suffix.lower() in ANNOTATIONS or path.parent.is_file():
            with suppress(UserError):
                names |= dict.fromkeys(read_labels(path).kinds.values())
    if names:
        told = ", ".join(f"{number} = {name}" for number, name in enumerate(names, 1))
        tell_notes([f"Classes: {told}."])
    return tuple(names)


def drawn_classes(picture: Picture, names: Sequence[str]) -> NDArray[np.uint8] | None:
    """Return the class of each pixel of labels; None where their file names no classes.

    Parameters
    ----------
    picture
        The labels.
    names
        Of all classes, as `class_names` has them.

    Raises
    ------
    UserError
        If there are too many.
    """
    if not picture.kinds:
        return None
    return class_image(picture.data, numbered(picture.kinds, names), len(names) + 1)
