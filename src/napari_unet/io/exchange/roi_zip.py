"""Outlines as ROIs of ImageJ and Fiji, one for each object and plane, in a zip file.

Coordinates are the corners of pixels, as ImageJ's own wand traces them, so that an ROI's area is
the number of pixels. Objects with holes or in pieces are composite ROIs.
"""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
from roifile import ROI_TYPE, ImagejRoi

from napari_unet.core.instances.outlines import outlines
from napari_unet.core.progress import Progress
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content

_EVERY = 2_000
"""Objects from one progress to the next."""
_MOVE, _LINE, _CLOSE = 0, 1, 4


def roi_steps(path: Path, content: Content) -> Steps[None]:
    """Write the outlines of all objects as ROIs named ``class#number``.

    Parameters
    ----------
    path
        The zip file to write; it is there whole or not at all.
    content
        The objects. Each ROI has the position of its plane along z and t.

    Yields
    ------
    Progress with the planes done.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    total = content.plane_count
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as file:
        for done, plane in enumerate(content.planes()):
            for count, (label, pieces) in enumerate(outlines(plane.labels).objects()):
                if count % _EVERY == 0:
                    yield Progress("writing ROIs", done, total)
                roi = _roi(pieces, plane.place)
                roi.name = content.title(label)
                file.writestr(f"{_entry(roi.name, plane.place)}.roi", roi.tobytes())


def _entry(title: str, place: Mapping[str, int]) -> str:
    """Return what Fiji's ROI manager lists, which must be another name for each ROI."""
    where = "".join(f" {axis.lower()}{index + 1}" for axis, index in place.items())
    return re.sub(r'[\\/:*?"<>|]', "_", title) + where


def _roi(pieces: list[list[NDArray[np.int32]]], place: Mapping[str, int]) -> ImagejRoi:
    lines = [line[:, ::-1] for piece in pieces for line in piece]
    corners = np.concatenate(lines)
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    kind: dict[str, Any]
    if len(lines) == 1:
        kind = {
            "roitype": ROI_TYPE.TRACED,
            "n_coordinates": len(corners),
            "integer_coordinates": corners - (left, top),
        }
    else:
        path = np.concatenate([_path(line) for line in lines])
        kind = {
            "roitype": ROI_TYPE.RECT,
            "multi_coordinates": path,
            "shape_roi_size": len(path),
        }
    return ImagejRoi(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        z_position=place.get("Z", -1) + 1,
        t_position=place.get("T", -1) + 1,
        **kind,
    )


def _path(line: NDArray[np.int32]) -> NDArray[np.float32]:
    """Return a closed line as ImageJ's composite ROIs have it."""
    steps = np.insert(line.astype(np.float32), 0, _LINE, axis=1)
    steps[0, 0] = _MOVE
    return np.append(steps.reshape(-1), np.float32(_CLOSE))
