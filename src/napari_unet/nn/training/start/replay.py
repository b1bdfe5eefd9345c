"""What the start of a training knows, among what it learns; and what it has forgotten."""

from __future__ import annotations

from dataclasses import replace

from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.progress import Steps
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.training.patches import TrainingImage, training_image
from napari_unet.nn.training.validate import pooled_figures, score_sample
from napari_unet.runs.config import RunConfig
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample


def replayed_images(run: Run, config: RunConfig) -> list[TrainingImage]:
    """Return what is replayed, at its own size; nothing where that is off."""
    if not config.train.replay:
        return []
    samples = run.replayed(config.start_from, validation=False)
    images = (training_image(sample, _own_size(config, sample)) for sample in samples)
    return [replace(image, replayed=True) for image in images]


def remembered_steps(run: Run, config: RunConfig, trained: Model) -> Steps[str]:
    """Say how well a model finds what its start knew, and how well that did.

    Returns
    -------
    A sentence; empty where there are no samples of it that were not learnt from.
    """
    samples = list(run.replayed(config.start_from, validation=True))
    if not samples or config.start_from is None:
        return ""
    figures = []
    for model in (load_model(config.start_from), trained):
        figures.append((yield from _figure(model, samples, config)))
    before, after = figures
    return (
        f"{'Dice' if config.semantic else 'AP at 0.5'} on samples of what {config.start_from} "
        f"knows: {before:.2f} before, {after:.2f} after."
    )


def _figure(model: Model, samples: list[Sample], config: RunConfig) -> Steps[float]:
    """Return AP at .5, or the Dice of the one class."""
    scores = []
    for sample in samples:
        scores.append((yield from score_sample(model, sample, _own_size(config, sample))))
    figures = pooled_figures(scores)
    return float(figures["dice"][1] if config.semantic else figures["ap50"])


def _own_size(config: RunConfig, sample: Sample) -> RunConfig:
    """Return a configuration that takes a sample as it is."""
    sides = Spacing.along(SPATIAL[config.model.ndim], sample.pixel).relative(config.model.ndim)
    return config.replace(working=(), ignore=None, targets=config.targets.replace(spacing=sides))
