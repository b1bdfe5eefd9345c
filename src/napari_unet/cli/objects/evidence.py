"""What `segment` has written beside labels, and tells more of their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_unet.cli.shared import tell_notes
from napari_unet.core.measuring.request import Evidence
from napari_unet.io.pairs.names import stem
from napari_unet.io.pairs.pair import pair_of
from napari_unet.io.read import read_label_image
from napari_unet.io.zarr_folder import is_zarr_folder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from napari_unet.io.picture import Picture


LESS_DOUBT = (
    "Files keep no height, so that two of the four terms of the doubt are left out, how low an "
    "object's highest point is and how shallow the valley to a neighbour that it touches: it is "
    "lower than in napari or Python right after segmenting."
)
"""What is told where objects have a doubt that rests on files."""


def tell_less_doubt(doubted: Iterable[object]) -> None:
    """Tell on standard error, once for all files, that the doubt rests on files.

    Parameters
    ----------
    doubted
        What is true of each file whose objects have a doubt.
    """
    if any(doubted):
        tell_notes([LESS_DOUBT])


def evidence_beside(path: Path, labels: Picture) -> Evidence:
    """Read the classes, probabilities and uncertainty that lie beside labels.

    Parameters
    ----------
    path
        Where the labels lie.
    labels
        They, with their axes.

    Raises
    ------
    UserError
        If a file cannot be read, or is not of these labels.
    """
    name = stem(path.name).removesuffix("_instances")
    if name == stem(path.name):
        return Evidence()
    found = {
        kind: path.with_name(f"{name}_{kind}{path.suffix}")
        for kind in ("semantic", "probabilities", "uncertainty")
    }
    there = {kind: read_label_image(file) for kind, file in found.items() if file.exists()}
    if is_zarr_folder(path):
        return Evidence(there["semantic"].data) if "semantic" in there else Evidence()
    loaded = {
        kind: pair_of(name, picture.loaded(), labels).image for kind, picture in there.items()
    }
    return Evidence(
        classes=loaded["semantic"][0] if "semantic" in loaded else None,
        probability=1 - loaded["probabilities"][0] if "probabilities" in loaded else None,
        spread=loaded["uncertainty"][0] if "uncertainty" in loaded else None,
    )
