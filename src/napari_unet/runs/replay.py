"""What a bundled model knows, shown to it again while it learns other images.

A network forgets what it no longer sees; some examples of it among the new ones are enough to
remember (*rehearsal*, Robins, Connection Science 7, 1995). The package ships a sample of the kind
that a bundled model knows, which no bundled model has learnt from: every other plane of it is
learnt from, or half of a single one, and what is left tells how much was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from napari_unet.core.image.planes import arrange
from napari_unet.core.words import counted
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.storage.bundled_samples import SAMPLE_OF, SAMPLES, sample_files
from napari_unet.storage.model_header import bundled_models


def why_none(config: RunConfig) -> str:
    """Return why nothing of the start can be replayed, as words after a colon; empty if it can."""
    if config.start_from not in SAMPLE_OF:
        return "the package has no sample of it"
    sample, model = SAMPLES[SAMPLE_OF[config.start_from]], config.model
    if config.semantic != sample.semantic:
        kinds = ("classes", "objects") if sample.semantic else ("objects", "classes")
        return f"its samples are of {kinds[0]}, and here {kinds[1]} are learnt"
    if model.num_classes > 2:
        return f"its samples are of one class, and here {model.num_classes - 1} are learnt"
    if model.ndim != sample.ndim:
        return f"its samples have {sample.ndim} axes, and these images {model.ndim}"
    if model.in_channels != sample.channels:
        return f"its samples have {counted(sample.channels, 'channel')}, and these images more"
    return ""


def replay_sentence(config: RunConfig) -> str:
    """Say what is replayed, or why nothing is; empty where the start is none of the package."""
    share, name = config.train.replay, config.start_from
    if not share or name not in bundled_models():
        return ""
    if reason := why_none(config):
        return f"Nothing that {name} knows is replayed: {reason}."
    return f"Of the patches, {share:.0%} show samples of what {name} knows, so that it remembers."


def replayed_samples(config: RunConfig, others: Sequence[Sample]) -> list[Sample]:
    """Return samples of what the start of a run knows; those that are judged on are `validation`.

    Parameters
    ----------
    config
        The run's.
    others
        Its own samples: a plane that is among them is neither learnt from once more, perhaps with
        what was held out, nor judged on.
    """
    if config.start_from is None or why_none(config):
        return []
    planes = [plane for plane in _planes(SAMPLE_OF[config.start_from]) if not _among(plane, others)]
    parts = _halves(planes[0]) if len(planes) == 1 else planes
    return [replace(part, validation=bool(index % 2)) for index, part in enumerate(parts)]


def _planes(name: str) -> Iterator[Sample]:
    import tifffile  # noqa: PLC0415 - too slow for the thread of the window, which imports this

    sample = SAMPLES[name]
    image, labels = map(tifffile.imread, sample_files(name))
    images = arrange(image, sample.axes, sample.ndim, sample.channels)
    truths = arrange(labels, sample.axes.replace("C", ""), sample.ndim, 1)
    for index in range(len(truths)):
        plane = np.asarray(images[index]), np.asarray(truths[index][0])
        yield Sample(f"{name} {index}", *plane, pixel=sample.spacing)


def _among(plane: Sample, others: Sequence[Sample]) -> bool:
    return any(np.array_equal(plane.image, other.image) for other in others)


def _halves(plane: Sample) -> list[Sample]:
    axis = int(np.argmax(plane.labels.shape))
    images = np.array_split(plane.image, 2, axis + 1)
    labels = np.array_split(plane.labels, 2, axis)
    return [
        replace(plane, name=f"{plane.name}, half {index}", image=image, labels=half)
        for index, (image, half) in enumerate(zip(images, labels, strict=True), 1)
    ]
