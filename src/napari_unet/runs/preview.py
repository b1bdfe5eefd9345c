"""A small picture of how far a training is: image, truth and what the network finds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.storage.atomic import replacing
from napari_unet.storage.npz import BROKEN, opened

_EDGE, _PLANES = 512, 32
"""Most pixels along the last two axes, and along any before them."""


def part_of(sample: Sample, config: RunConfig) -> Sample:
    """Return the part of a sample that is worth segmenting for a preview.

    Parameters
    ----------
    sample
        An image and its labels.
    config
        Says which label is ignored.
    """
    most = [_PLANES] * (sample.labels.ndim - 2) + [_EDGE] * 2
    window = _around(~sample.annotated(config.ignored_label)[1], most)
    return replace(
        sample,
        image=sample.image[(slice(None), *window)],
        labels=sample.labels[window],
        ignored=None if sample.ignored is None else sample.ignored[window],
        weight=None,
    )


def write_preview(path: Path, sample: Sample, found: NDArray[Any], config: RunConfig) -> None:
    """Write the middle plane of a sample, or 512 x 512 pixels of it, in one step.

    Parameters
    ----------
    path
        The ``.npz`` file: ``image`` float32, ``truth`` and ``prediction`` int32, all ``(y, x)``.
    sample
        Its first channel is shown.
    found
        Instances or classes, as in the sample, ``(*spatial)``.
    config
        Says which label is ignored.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    labels, ignored = sample.annotated(config.ignored_label)
    most = [1] * (labels.ndim - 2) + [_EDGE] * 2
    window = _around(~ignored, most)
    planes = {
        "image": sample.image[0][window].astype(np.float32),
        "truth": labels[window].astype(np.int32),
        "prediction": found[window].astype(np.int32),
    }
    flat = {name: plane.reshape(plane.shape[-2:]) for name, plane in planes.items()}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **flat)


def read_preview(path: Path) -> dict[str, NDArray[Any]] | None:
    """Read what `write_preview` wrote; None where there is nothing, or it cannot be read."""
    try:
        with opened(path) as stored:
            return dict(stored)
    except BROKEN:
        return None


def _around(counted: NDArray[np.bool_], most: list[int]) -> tuple[slice, ...]:
    """Return a window of at most some pixels around the middle of what counts."""
    window = []
    for axis, length in enumerate(most):
        size = counted.shape[axis]
        others = tuple(other for other in range(counted.ndim) if other != axis)
        places = np.flatnonzero(counted.any(axis=others))
        middle = int(np.median(places)) if places.size else size // 2
        start = int(np.clip(middle - length // 2, 0, max(0, size - length)))
        window.append(slice(start, start + length))
    return tuple(window)
