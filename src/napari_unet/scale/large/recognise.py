"""By which pixels an image is recognised when a job on it is taken up again.

An image of up to 2**24 pixels is looked at whole. Of a larger one there are at most 16 planes, from
the first to the last, and 256 windows of at most 2**16 pixels, from edge to edge of these: far
fewer than the work itself reads, and as few of a terabyte.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.image.sampled import sample_windows

if TYPE_CHECKING:
    from napari_unet.core.image.planes import Planes
    from napari_unet.core.image.tiles import Region

_PLANES = 16
_WINDOWS, _WINDOW_PIXELS = 256, 2**16


def digest_of(planes: Planes) -> str:
    """Return a digest of pixels from all over an image, by which it is told from another.

    Parameters
    ----------
    planes
        The image; little of it is read where it is large.
    """
    digest = hashlib.sha256()
    for index, region in _looked_at(planes):
        digest.update(np.ascontiguousarray(planes.window(index, region)).tobytes())
    return digest.hexdigest()


def _looked_at(planes: Planes) -> Iterator[tuple[int, Region]]:
    """Yield which windows of which planes are read; a volume is read plane by plane, too."""
    through, flat = planes.spatial[:-2], planes.spatial[-2:]
    thick = math.prod(through)
    count = len(planes) * thick
    windows: list[Region] = [tuple((0, size) for size in flat)]
    chosen: Sequence[int] = range(count)
    if count * math.prod(flat) > _WINDOWS * _WINDOW_PIXELS:
        number = min(count, _PLANES)
        windows = sample_windows(flat, _WINDOWS // number, _WINDOW_PIXELS)
        chosen = [round(each) for each in np.linspace(0, count - 1, number)]
    for index, place in (divmod(each, thick) for each in chosen):
        at = np.unravel_index(place, through) if through else ()
        thin = tuple((int(start), int(start) + 1) for start in at)
        yield from ((index, (*thin, *window)) for window in windows)
