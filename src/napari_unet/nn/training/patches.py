"""Training images with their targets, and the batches drawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_unet.core.config import IGNORE
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.core.image.tiles import read_window
from napari_unet.core.instances.labels import class_image
from napari_unet.core.targets.sampling import Candidates, image_shares
from napari_unet.core.targets.targets import class_factors as factors_of
from napari_unet.core.targets.targets import instance_target, semantic_target
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.augment import draw_field, resample, vary_grey
from napari_unet.nn.training.loss import Batch
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.runs.working_sample import at_working_size


@dataclass(frozen=True)
class TrainingImage:
    """One image, ready to draw patches from.

    Parameters
    ----------
    smooth
        Image channels, height and weight map, float32 ``(C + 2, *spatial)``.
    semantic
        Class numbers with `IGNORE`, uint8 ``(1, *spatial)``.
    candidates
        Pixels that a patch may be drawn around.
    painted
        Whether the weight map is used as it is, whatever the classes count.
    spacing
        Size of a pixel along each axis; empty for 1.
    replayed
        Whether it is none of the run's own images, but what the model to start from knows.
    """

    smooth: NDArray[np.float32]
    semantic: NDArray[np.uint8]
    candidates: Candidates
    painted: bool = False
    spacing: tuple[float, ...] = ()
    replayed: bool = False


def training_image(sample: Sample, config: RunConfig) -> TrainingImage:
    """Normalise a sample and make its targets, at the working size."""
    grey, targets = limits(sample.image, config.normalize), config.seen_targets
    sample = at_working_size(sample, config)
    image = normalize(sample.image, grey, config.normalize)
    labels, ignored = sample.annotated(config.ignored_label)
    if config.semantic:
        target = semantic_target(
            np.where(ignored, IGNORE, labels.astype(np.int64)), config.model.num_classes
        )
    else:
        classes = class_image(labels, sample.classes, config.model.num_classes)
        target = instance_target(labels, ignored, targets, classes)
    if sample.weight is not None:
        target = replace(target, weight=np.where(target.semantic == IGNORE, 0, sample.weight))
    smooth = np.concatenate([image, target.height[np.newaxis], target.weight[np.newaxis]])
    candidates = Candidates.of(target.semantic)
    painted = sample.weight is not None
    semantic = target.semantic[np.newaxis]
    return TrainingImage(smooth, semantic, candidates, painted, targets.spacing)


def class_factors(images: Sequence[TrainingImage], num_classes: int) -> Tensor:
    """Return how much each class counts so that all count the same: mean 1 over pixels.

    Returns
    -------
    Float32 ``(256,)``, by class number; 0 for `IGNORE`.
    """
    counts = sum(np.bincount(image.semantic.ravel(), minlength=256) for image in images)
    return torch.from_numpy(factors_of(np.asarray(counts), num_classes))


def _shares(images: Sequence[TrainingImage], replay: float) -> NDArray[np.float64]:
    """Return how often patches are drawn from each image; its own come first."""
    own = [image.candidates for image in images if not image.replayed]
    replayed = [image.candidates for image in images if image.replayed]
    if not replayed:
        return image_shares(own)
    return np.concatenate([(1 - replay) * image_shares(own), replay * image_shares(replayed)])


class Patches:
    """Draws the batch of any step; the same step always gives the same batch.

    Parameters
    ----------
    images
        Where patches are drawn from, the run's own first.
    config
        Size and number of patches, the share of those that are replayed, and their augmentation.
    size, kept
        Size of a patch in pixels, and of its centre that the network's output covers.
    factors
        How much each class counts, by class number, as from `class_factors`; None for all alike.
    """

    def __init__(
        self,
        images: Sequence[TrainingImage],
        config: TrainConfig,
        size: tuple[int, ...],
        kept: tuple[int, ...],
        factors: Tensor | None = None,
    ) -> None:
        self._images = images
        self._config = config
        self._size, self._kept = size, kept
        self._factors = factors
        self._spacing = images[0].spacing
        self._shares = _shares(images, config.replay)

    def draw(self, step: int, device: torch.device) -> Batch:
        """Return the batch of a step, on a device."""
        count, chance = self._config.batch, np.random.default_rng([self._config.seed, step])
        torch_chance = torch.Generator().manual_seed(int(chance.integers(2**62)))
        field = draw_field(count, self._size, self._config, torch_chance, self._spacing)
        smooth, semantic, positions, painted = self._read(field.numpy(), chance)
        at = torch.from_numpy(positions).to(device)
        smooth_patches = resample(torch.from_numpy(smooth).to(device), at, "bilinear")
        classes = torch.from_numpy(semantic).to(device).float()
        semantic_patches = resample(classes, at, "nearest")[:, 0].round().long()
        image, height, weight = smooth_patches[:, :-2], smooth_patches[:, -2], smooth_patches[:, -1]
        weight = weight * (semantic_patches != IGNORE)
        if self._factors is not None:
            factors = self._factors.to(device)[semantic_patches]
            weight = torch.where(torch.from_numpy(painted).to(device), weight, weight * factors)
        image = vary_grey(image, self._config, torch_chance, self._spacing)
        return Batch(image, semantic_patches, height, weight)

    def _read(
        self, field: NDArray[np.float32], chance: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.uint8], NDArray[np.float32], NDArray[np.bool_]]:
        """Read a window around every patch, all of one size, and the positions within it.

        The last array says of each patch whether its weight map was painted.
        """
        spatial = tuple(range(1, field.ndim - 1))
        lows = np.floor(field.min(axis=spatial)).astype(int) - 1
        span = (np.ceil(field.max(axis=spatial)).astype(int) + 3 - lows).max(axis=0)
        smooth, semantic, positions, painted = [], [], [], []
        for offsets, low in zip(field, lows, strict=True):
            image = self._images[int(chance.choice(len(self._images), p=self._shares))]
            centre = image.candidates.draw(self._kept, chance)
            start = np.floor(centre).astype(int) + low
            window = tuple((int(a), int(a + length)) for a, length in zip(start, span, strict=True))
            smooth.append(read_window(image.smooth, window))
            semantic.append(read_window(image.semantic, window))
            positions.append(offsets + (centre - start).astype(np.float32))
            painted.append(np.full((1,) * len(low), image.painted))
        return np.stack(smooth), np.stack(semantic), np.stack(positions), np.stack(painted)
