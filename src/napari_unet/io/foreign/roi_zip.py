"""ROIs of ImageJ and Fiji, in a zip file of the ROI Manager or one on its own."""

from __future__ import annotations

import math
import re
import zipfile
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from roifile import ROI_TYPE, ImagejRoi

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted
from napari_unet.io.foreign.drawn import Drawn, count_planes, drawn_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
    drawn = [_drawn(roi) for roi in areas]
    lost = _through(drawn)
    if lost:
        notes.append(
            f"{counted(lost, 'ROI')} without a position: drawn in every plane, as ImageJ shows "
            "them. Give each its plane with Properties in Fiji's ROI Manager if it is of one only."
        )
    counting = any(map(_counts, areas))
    again = partial(_on_stack, path.stem, areas) if counting or lost else None
    picture = drawn_picture(path.stem, drawn, notes=notes)
    return replace(picture, counted=counting, redrawn=again)


def _through(drawn: Sequence[Drawn]) -> int:
    """Count objects that lie in all planes, where others have a plane of their own."""
    deep = count_planes(each.place for each in drawn)
    return sum(each.through and not each.place.keys() >= deep.keys() for each in drawn)


def _on_stack(name: str, rois: Sequence[ImagejRoi], sizes: Mapping[str, int]) -> Picture:
    """Draw ROIs on a stack whose numbers of frames, planes and channels are known."""
    stack = tuple(sizes.get(letter, 1) for letter in "TZC")
    last = max((roi.position for roi in rois if _counts(roi)), default=0)
    if last > math.prod(stack):
        raise UserError(
            f"Objects of {name} lie on plane {last}, and the image has {math.prod(stack)}: give "
            "the image that they were drawn on."
        )
    drawn = [_drawn(roi, stack) for roi in rois]
    planes = _planes(drawn, sizes) if _through(drawn) else None
    return drawn_picture(name, drawn, planes=planes)


def _planes(drawn: Sequence[Drawn], sizes: Mapping[str, int]) -> dict[str, int]:
    """Return how many planes there are along T and Z, of which a film may have taken the other."""
    own = count_planes(each.place for each in drawn)
    there = {letter: sizes[letter] for letter in "TZ" if sizes.get(letter, 1) > 1}
    if len(own) == len(there) == 1:
        there = dict(zip(own, there.values(), strict=True))
    return {
        letter: max(own.get(letter, 1), there.get(letter, 1))
        for letter in "TZ"
        if letter in own or letter in there
    }


def _rois(path: Path) -> list[ImagejRoi]:
    if path.suffix.lower() != ".zip":
        return [ImagejRoi.frombytes(path.read_bytes())]
    with zipfile.ZipFile(path) as file:
        return [ImagejRoi.frombytes(file.read(name)) for name in _names(file)]


def _counts(roi: ImagejRoi) -> bool:
    """Tell whether an ROI only says its place in the stack, and not its plane or frame."""
    return roi.position > 0 and not (roi.t_position or roi.z_position)


def _place(roi: ImagejRoi, stack: tuple[int, ...] = ()) -> dict[str, int]:
    """Return frame and plane of an ROI; a place in a stack that is not known is taken for depth.

    Of the stack, these are the numbers of frames, planes and channels; channels count first.
    """
    if not _counts(roi):
        places = {"T": roi.t_position, "Z": roi.z_position}
        return {letter: place - 1 for letter, place in places.items() if place > 0}
    if not stack:
        return {"Z": roi.position - 1}
    frame, plane, _ = map(int, np.unravel_index(roi.position - 1, stack))
    return {"T": frame, "Z": plane}


def _drawn(roi: ImagejRoi, stack: tuple[int, ...] = ()) -> Drawn:
    return Drawn(
        lines=[line[:, ::-1] for line in roi.coordinates(multi=True)],
        name=roi.name,
        kind=roi.name.rpartition("#")[0].strip() if _NAMED.search(roi.name) else "",
        place=_place(roi, stack),
        through=not _counts(roi),
    )
