"""What opens a TIFF or an OME-Zarr in napari."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from napari.utils.notifications import show_warning

from napari_unet.ui.layers.picture_layers import LayerData, image_layers, labels_layer

_TIFF = (".tif", ".tiff")


def get_reader(path: str | list[str]) -> Callable[[str], list[LayerData]] | None:
    """Return what opens a file or folder in napari; None for what is not opened here.

    Parameters
    ----------
    path
        The file or folder; several that are to become one stack are left to other readers.
    """
    if isinstance(path, list):
        return None
    from napari_unet.io.read import is_zarr_folder  # noqa: PLC0415 - loads all readers

    known = Path(path).suffix.lower() in _TIFF or is_zarr_folder(Path(path))
    return read_layers if known else None


def read_layers(path: str) -> list[LayerData]:
    """Open a TIFF or an OME-Zarr; what is large is read when it is looked at.

    Parameters
    ----------
    path
        The file or folder.

    Returns
    -------
    One layer, of labels where the file holds them or its name says so; of an image with several
    channels a coloured layer each, see `image_layers`.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    from napari_unet.io.names import says_labels  # noqa: PLC0415 - loads all readers
    from napari_unet.io.read import read_label_image  # noqa: PLC0415 - loads all readers

    picture = read_label_image(path)
    for note in picture.notes:
        show_warning(f"{picture.name}: {note}")
    # a TIFF cannot say that it holds labels, but its name can
    named = says_labels(Path(path).name) and "C" not in (picture.axes or "")
    meant = picture.labels or named
    labels = meant and np.issubdtype(picture.data.dtype, np.integer)
    return [labels_layer(picture)] if labels else image_layers(picture.positive())
