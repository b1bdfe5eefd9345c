"""ROIs of ImageJ and Fiji, in a zip file of the ROI Manager or one on its own."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from roifile import ROI_TYPE, ImagejRoi

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted
from napari_unet.io.foreign.drawn import Drawn, drawn_picture

if TYPE_CHECKING:
    from pathlib import Path

    from napari_unet.io.picture import Picture

_NAMED = re.compile(r"#\d{1,10}( [tz]\d+)*$")
"""How names end that give a class and a number, such as ``neuron#12``, or ``neuron#12 z3``."""
_AREAS = (
    *(ROI_TYPE.POLYGON, ROI_TYPE.RECT, ROI_TYPE.OVAL),
    *(ROI_TYPE.FREEHAND, ROI_TYPE.TRACED),
)


def holds_rois(path: Path) -> bool:
    """Tell whether a zip file holds ROIs of ImageJ."""
    try:
        with zipfile.ZipFile(path) as file:
            return bool(_names(file))
    except (OSError, zipfile.BadZipFile):
        return False


def _names(file: zipfile.ZipFile) -> list[str]:
    """Return the entries that are ROIs; a Mac puts one that is none beside each, ``._a.roi``."""
    return [
        name
        for name in file.namelist()
        if name.lower().endswith(".roi") and not PurePosixPath(name).name.startswith("._")
    ]


def read_rois(path: Path) -> Picture:
    """Read ROIs as labels; those that enclose nothing are left out.

    Parameters
    ----------
    path
        A ``.zip`` or ``.roi`` file.

    Raises
    ------
    UserError
        If it holds no ROI that encloses an area.
    """
    if path.suffix.lower() == ".zip" and not holds_rois(path):
        raise UserError(
            f"{path.name} holds no ROIs: save them with More » Save in Fiji's ROI Manager."
        )
    rois = _rois(path)
    areas = [roi for roi in rois if roi.roitype in _AREAS]
    others = Counter(roi.roitype.name.lower() for roi in rois if roi.roitype not in _AREAS)
    notes = [
        f"{counted(count, f'{kind} ROI')} left out: no area." for kind, count in others.items()
    ]
    picture = drawn_picture(path.stem, [_drawn(roi) for roi in areas], notes=notes)
    return replace(picture, counted="Z" in (picture.axes or "") and not any(map(_placed, areas)))


def _rois(path: Path) -> list[ImagejRoi]:
    if path.suffix.lower() != ".zip":
        return [ImagejRoi.frombytes(path.read_bytes())]
    with zipfile.ZipFile(path) as file:
        return [ImagejRoi.frombytes(file.read(name)) for name in _names(file)]


def _placed(roi: ImagejRoi) -> bool:
    """Tell whether an ROI says its plane or frame, and not only its place in the stack."""
    return bool(roi.t_position or roi.z_position)


def _drawn(roi: ImagejRoi) -> Drawn:
    places = {"T": roi.t_position, "Z": roi.z_position} if _placed(roi) else {"Z": roi.position}
    return Drawn(
        lines=[line[:, ::-1] for line in roi.coordinates(multi=True)],
        name=roi.name,
        kind=roi.name.rpartition("#")[0].strip() if _NAMED.search(roi.name) else "",
        place={letter: place - 1 for letter, place in places.items() if place > 0},
    )
