"""What opens a TIFF, an OME-Zarr, the objects of another program, or what was shared in napari."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_warning

from napari_unet.core.instances.looks import look_like_labels
from napari_unet.core.words import first_of
from napari_unet.io.tiff.series import ENDINGS
from napari_unet.io.zarr_folder import is_zarr_folder
from napari_unet.storage.crate.read import is_package
from napari_unet.ui.layers.picture_layers import LayerData, image_layers, labels_layer
from napari_unet.ui.open.stack import stack_of

if TYPE_CHECKING:
    from napari_unet.io.picture import Picture

_ENDINGS = (*ENDINGS, "_seg.npy")
_FOLDERS = ("labels", "masks")
"""What folders are called in which programs keep labels."""


def get_reader(path: str | list[str]) -> Callable[[Any], list[Any]] | None:
    """Return what opens a file or folder in napari; None for what is not opened here.

    Parameters
    ----------
    path
        The file or folder, or several files that are to become one stack.
    """
    from napari_unet.io.listing import is_annotation  # noqa: PLC0415 - loads all readers

    if isinstance(path, list):
        files = all(each.lower().endswith(ENDINGS) for each in path)
        return read_stack if files else None
    file = Path(path)
    if is_package(file):
        return show_shared
    known = path.lower().endswith(_ENDINGS) or is_zarr_folder(file) or is_annotation(file)
    return read_layers if known else None


def show_shared(path: str) -> list[tuple[None]]:
    """Show what is in a package that somebody has shared; there are no layers in it."""
    from napari_unet.ui.share.commands import show  # noqa: PLC0415 - few need it

    show(Path(path))
    return [(None,)]


def read_layers(path: str) -> list[LayerData]:
    """Open a TIFF, an OME-Zarr or labels; what is large is read when it is looked at.

    Parameters
    ----------
    path
        The file or folder.

    Returns
    -------
    One layer, of labels where the file holds them, or its name, that of its folder or its pixels
    say so; of an image with several channels a coloured layer each, see `image_layers`.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    picture = _read(path)
    _tell([picture])
    return _layers(picture, Path(path))


def read_stack(paths: list[str]) -> list[LayerData]:
    """Open images or volumes of one size as one stack, in the order in which they are given.

    Parameters
    ----------
    paths
        The files.

    Raises
    ------
    UserError
        If one cannot be read, is a movie, or is not like the first.
    """
    pictures = [_read(path) for path in paths]
    _tell(pictures)
    return _layers(stack_of(pictures), Path(paths[0]))


def _read(path: str) -> Picture:
    from napari_unet.io.read import read_label_image  # noqa: PLC0415 - loads all readers

    return read_label_image(path)


def _tell(pictures: Sequence[Picture]) -> None:
    """Say what is doubtful of files, once for all of which it is."""
    from napari_unet.io.picture import plane_doubt  # noqa: PLC0415 - loads all readers

    named = defaultdict[str, list[str]](list)
    for picture in pictures:
        for note in (*picture.notes, *plane_doubt(picture)):
            named[note].append(picture.name)
    for note, names in named.items():
        show_warning(f"{first_of(names)}: {note}")


def _layers(picture: Picture, path: Path) -> list[LayerData]:
    return (
        [labels_layer(picture)] if _is_labels(picture, path) else image_layers(picture.as_meant())
    )


def _is_labels(picture: Picture, path: Path) -> bool:
    """Tell whether a picture is labels; a TIFF cannot say so, but names and pixels can."""
    from napari_unet.io.pairs.names import says_labels  # noqa: PLC0415 - loads all readers

    if not np.issubdtype(picture.data.dtype, np.integer):
        return False
    if picture.labels or "C" in (picture.axes or ""):
        return picture.labels
    named = says_labels(path.name) or path.parent.name.casefold() in _FOLDERS
    seen = isinstance(picture.data, np.ndarray) and look_like_labels(picture.data)
    return named or seen
