"""Whether annotations are learnt from plane by plane, or as volumes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.image.planes import arrange
from napari_unet.core.instances.labels import numbers_in
from napari_unet.core.review.finding import Finding

_DEEP = 8
"""Planes of a stack, at least, from which a network of volumes can learn."""
_THROUGH = 3.0
"""Planes through which objects typically go, at least, for a network to gain by seeing several."""


def usual_ndim(images: Sequence[AnnotatedImage]) -> int:
    """Return what is learnt from where nobody has said so.

    Parameters
    ----------
    images
        What is learnt from and validated on.

    Returns
    -------
    3 for volumes, where all images have depth and objects go through their planes; 2 for planes.
    """
    flat = any("Z" not in each.axes for each in images)
    through = [_planes_through(each) for each in images if each.annotation.instances.any()]
    return 3 if through and not flat and min(through) >= _THROUGH else 2


def depth_finding(images: Sequence[AnnotatedImage]) -> Finding:
    """Return the line that says why volumes are learnt from, of images as of `usual_ndim`."""
    through = [_planes_through(each) for each in images if each.annotation.instances.any()]
    return Finding(
        "info",
        f"Objects typically go through {np.median(through):.0f} planes, so whole volumes are "
        "learnt from.",
        "Single planes learn faster, but do not know what lies above and below.",
    )


def _planes_through(image: AnnotatedImage) -> float:
    """Return through how many planes of a stack its objects typically go; 0 without depth."""
    axes = image.axes.replace("C", "")
    instances = image.annotation.instances
    if dict(zip(axes, instances.shape, strict=True)).get("Z", 1) < _DEEP:
        return 0.0
    volumes = (volume[0] for volume in arrange(instances, axes, 3, 1))
    counts = (Counter(n for plane in each for n in numbers_in(plane)) for each in volumes)
    return float(np.median([count for each in counts for count in each.values()]))
