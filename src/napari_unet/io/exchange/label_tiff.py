"""Labels as a TIFF with scale, units and axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_unet.core.progress import Progress
from napari_unet.io.tiff.write import write_labels

if TYPE_CHECKING:
    from pathlib import Path

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content


def tiff_steps(path: Path, content: Content) -> Steps[None]:
    """Write labels with the smallest integers that hold them; see `write_labels`.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        Objects, or classes.

    Yields
    ------
    Progress before it is written.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    yield Progress("writing TIFF")
    write_labels(path, content.labels, content.axes, content.grid, content.unit, content.record)
