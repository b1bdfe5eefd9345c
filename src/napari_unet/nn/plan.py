"""Defaults of a training, chosen from the data, the model to start from and the memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from napari_unet.core.config import DecodeConfig, ModelConfig, NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.nn.run import RunConfig, Sample
from napari_unet.nn.unet import UNet

_DIAMETERS = 5
"""Median objects side by side in a patch."""
_EDGES = {2: (96, 256), 3: (32, 128)}
"""Smallest and largest edge of a patch, in pixels, by number of spatial axes."""
_MOST_PATCHES = 8
_BYTES = 130
"""Memory per pixel of a batch and feature of the finest level, measured in float32."""
_ZOOMS = 1.2, 1.6
_SHARE_OF_USUAL = 0.08
"""Size of the smallest object that is kept, as a share of the median's; measured to be good."""


def plan(
    samples: Sequence[Sample],
    start: Mapping[str, Any] | None = None,
    memory: float = 4e9,
    *,
    base: RunConfig | None = None,
    classes: Sequence[str] = (),
) -> RunConfig:
    """Choose how to train.

    Parameters
    ----------
    samples
        What is learnt from.
    start
        Header of the model to start from, see `read_header`; None to start from scratch.
    memory
        Bytes that the training may use.
    base
        What is settled already; from scratch also the network's shape, of which number of axes
        and channels follow the samples.
    classes
        Names of the classes, the first of number 1; empty for those of the model.

    Returns
    -------
    RunConfig
        `base` with model, normalisation, smallest object, patch, batch and zoom chosen.

    Raises
    ------
    UserError
        If there are no samples, or an object has a class without a name.
    """
    if not samples:
        raise UserError("There is no image to learn from: choose one with its annotation.")
    base = base or RunConfig()
    model = _model(samples, start, base, classes)
    sizes = _diameters(samples, base)
    edge = _patch(samples, model, sizes)
    train = base.train.replace(
        patch=edge,
        batch=_batch(edge, model, memory),
        zoom=_zoom(sizes),
    )
    known = start or {}
    return base.replace(
        model=model,
        train=train,
        normalize=NormalizeConfig.from_dict(known.get("normalize", base.normalize.to_dict())),
        decode=base.decode.replace(min_size=_smallest(sizes, model)),
    )


def _model(
    samples: Sequence[Sample],
    start: Mapping[str, Any] | None,
    base: RunConfig,
    classes: Sequence[str],
) -> ModelConfig:
    if start:
        config = ModelConfig.from_dict(start["config"]).seeing(len(samples[0].image))
    else:
        channels, *spatial = samples[0].image.shape
        config = base.model.replace(in_channels=channels, ndim=len(spatial), pool=())
        config = config.replace(pool=_pooling(base.targets.spacing, config))
    names = tuple(classes) or config.classes
    most = max(max(sample.classes.values(), default=1) for sample in samples)
    unnamed = range(len(names) + 1, most + 1)
    return config.replace(classes=(*names, *(f"class {number}" for number in unnamed)))


def _pooling(spacing: Sequence[float], config: ModelConfig) -> tuple[tuple[int, ...], ...]:
    """Halve only the axes with the finest pixels until all are about as coarse; () if all are."""
    if not spacing:
        return ()
    step = np.asarray(spacing, dtype=float)
    pool = []
    for _ in range(config.depth):
        factors = np.where(step < 1.5 * step.min(), 2, 1)
        pool.append(tuple(factors.tolist()))
        step = step * factors
    return () if all(min(level) == 2 for level in pool) else tuple(pool)


def _diameters(samples: Sequence[Sample], base: RunConfig) -> NDArray[np.float64]:
    """Return the diameter of the disc or ball as large as each object, in pixels."""
    found = []
    for sample in samples:
        labels, _ = sample.annotated(base.ignored_label)
        if base.semantic:
            labels = ndimage.label(labels)[0]
        sizes = np.bincount(np.unique(labels[labels > 0], return_inverse=True)[1].ravel())
        found.append((sizes * (4 / np.pi if labels.ndim == 2 else 6 / np.pi)) ** (1 / labels.ndim))
    return np.concatenate(found)


def _patch(samples: Sequence[Sample], model: ModelConfig, sizes: NDArray[np.float64]) -> int:
    """Return the edge of a patch: what the network takes, and keeps some objects whole."""
    low, high = _EDGES[model.ndim]
    wanted = _DIAMETERS * float(np.median(sizes)) if sizes.size else float(low)
    largest = max(max(sample.image.shape[1:]) for sample in samples)
    kept = min(int(np.clip(wanted, low, high)), largest)
    with torch.device("meta"):
        geometry = UNet(model).geometry
    return max(axis.input_size(kept) for axis in geometry)


def _batch(edge: int, model: ModelConfig, memory: float) -> int:
    needed = _BYTES * model.features * float(edge) ** model.ndim
    return int(np.clip(memory / needed, 1, _MOST_PATCHES))


def _smallest(sizes: NDArray[np.float64], model: ModelConfig) -> int:
    """Return how small an object may be: what is far below the usual is dust or noise."""
    if not sizes.size:
        return DecodeConfig().min_size
    usual = float(np.median(sizes)) ** model.ndim * (np.pi / 4 if model.ndim == 2 else np.pi / 6)
    return round(_SHARE_OF_USUAL * usual)


def _zoom(sizes: NDArray[np.float64]) -> float:
    """Return how far sizes are varied: as far as they differ among the objects."""
    if sizes.size < 2:
        return _ZOOMS[0]
    small, large = np.quantile(sizes, (0.1, 0.9))
    return round(float(np.clip(np.sqrt(large / small), *_ZOOMS)), 2)
