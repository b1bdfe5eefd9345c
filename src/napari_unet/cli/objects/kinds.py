"""What the classes of objects are called: by other programs that drew them, and by models."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from napari_unet.cli.shared import tell_notes
from napari_unet.core.errors import FORESEEN, UserError
from napari_unet.core.instances.labels import class_image
from napari_unet.io.labels import read_labels
from napari_unet.io.listing import is_drawn
from napari_unet.io.picture import numbered
from napari_unet.storage.digests import file_digest
from napari_unet.storage.model_header import find_model, read_header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from napari_unet.core.provenance.record import Provenance
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
        if is_drawn(path):
            with suppress(*FORESEEN):
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


def model_classes(made: Provenance | None, highest: int | None) -> tuple[str, ...]:
    """Return what the model that made objects calls their classes; empty where nobody knows.

    Parameters
    ----------
    made
        With what they were made; None for unknown.
    highest
        The highest class among them; None where their classes are not known, and names are only
        sure of a model of one class.
    """
    names = _names_in(made.model.file, made.model.sha256) if made else ()
    return names if len(names) == 1 or (highest is not None and highest <= len(names)) else ()


@lru_cache(maxsize=16)
def _names_in(model: str, sha256: str) -> tuple[str, ...]:
    """Return the names of the classes in a model's file, if that is still the same."""
    with suppress(UserError, OSError):
        path = find_model(model)
        if model and file_digest(path) == sha256:
            return tuple(map(str, read_header(path)["config"].get("classes", ())))
    return ()
