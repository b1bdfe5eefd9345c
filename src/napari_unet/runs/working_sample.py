"""A sample at the size at which it is learnt from; in the run's folder it has its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.pixel_size import resized
from napari_unet.core.image.resample import nearest, resampled
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample


def at_working_size(sample: Sample, config: RunConfig) -> Sample:
    """Return a sample as the network sees it; with all ignored pixels in `ignored`.

    Labels and ignored pixels are those in the middle of each new pixel, so that nothing of what
    is painted under ignored pixels is left.
    """
    if not config.working:
        return sample
    labels, ignored = sample.annotated(config.ignored_label)
    spatial = resized(labels.shape, config.working)
    weight = None if sample.weight is None else _averaged(sample.weight, ~ignored, spatial)
    return replace(
        sample,
        image=resampled(sample.image, spatial),
        labels=nearest(labels, spatial),
        ignored=nearest(ignored, spatial),
        weight=weight,
    )


def is_seen(sample: Sample, config: RunConfig) -> bool:
    """Tell whether anything that is annotated is left of a sample as the network sees it."""
    ignored = sample.annotated(config.ignored_label)[1]
    if config.working:
        ignored = nearest(ignored, resized(ignored.shape, config.working))
    return not ignored.all()


def _averaged(
    weight: NDArray[np.float32], counting: NDArray[np.bool_], spatial: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return a weight map at another size, to which pixels that do not count add nothing."""
    total = resampled(np.where(counting, weight, 0), spatial)
    share = np.maximum(resampled(counting, spatial), np.finfo(np.float32).eps)
    return np.asarray(total / share, np.float32)
