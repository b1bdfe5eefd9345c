"""Defaults of a training, chosen from the data, the model to start from and the memory."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_unet.core.annotation.annotation import usual_class
from napari_unet.core.config import DecodeConfig, ModelConfig, NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import common_pixel, resized
from napari_unet.core.instances.measure import diameters, equivalent_size
from napari_unet.core.targets.working_size import working_size
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.device import choose_device
from napari_unet.nn.network.anisotropy import for_volumes
from napari_unet.nn.network.make import geometry_of
from napari_unet.nn.training.budget import patch_shape
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.storage.model_header import known_sizes

_DIAMETERS = {2: 5, 3: 2}
"""Median objects side by side in a patch, by number of spatial axes."""
_EDGES = {2: (96, 256), 3: (32, 96)}
"""Smallest and largest edge of a patch, in pixels."""
_MOST_PATCHES = {2: 8, 3: 2}
_BYTES = 130
"""Memory per pixel of a batch and feature of the finest level, measured in float32."""
_STEPS = 1000
"""Steps that a training by the clock has at least, if smaller batches make it so: with four images
of neurites, two minutes of one slow core hold 66 steps of 8 patches of 256 px (Dice .16) or 360 of
2 (.62); in phase contrast 322 of 8 (AP .41) or 1,560 of 2 (.53)."""
_LEARNT = 1e7
"""Pixels, times features of the finest level, that a usual CPU learns from in a second."""
_FEWEST = 2
"""Patches of a batch that are not given up for more steps."""
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
    settled: Collection[str] = (),
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
        and channels follow the samples, and in 3D the levels, see `for_volumes`.
    classes
        Names of the classes, the first of number 1; empty for those of the model. Classes that
        have none get the usual, see `usual_class`.
    settled
        Options that stay as they are in `base`: ``patch``, ``batch``, ``zoom``, and the
        percentiles ``low`` and ``high``, which else are those of the model to start from.

    Returns
    -------
    RunConfig
        `base` with working size, model, normalisation, smallest object, patch, batch and zoom
        chosen.

    Raises
    ------
    UserError
        If there are no samples, the spacing has not one number per axis, or the model cannot learn
        this.
    """
    if not samples:
        raise UserError("There is no image to learn from: choose one with its annotation.")
    base = base or RunConfig()
    base.targets.check_ndim(samples[0].labels.ndim)
    base = base.replace(model=_shape(samples[0], start, base), working=())
    base = base.replace(working=_working(samples, start, base))
    sizes = _diameters(samples, base)
    finest = _finest_sides(base.seen_targets.spacing)
    usual = float(np.median(sizes)) * finest if sizes.size else 0.0
    extents = np.array([_extent(sample, base) for sample in samples])
    model = base.model.replace(classes=_names(samples, base, classes))
    if model.program:
        model.program.check_learns(len(base.model.classes), len(model.classes))
    if model.ndim == 3 and not start:
        smallest = extents.min(axis=0).tolist()
        model = for_volumes(model, base.seen_targets.spacing, smallest, usual)
    patch, pixels = _patch(extents.max(axis=0).tolist(), model, usual)
    batch = _batch(pixels * model.features, model.ndim, memory, base.train)
    chosen = {"patch": patch, "batch": batch, "zoom": _zoom(sizes)}
    known = NormalizeConfig.from_dict(start.get("normalize", {})) if start else base.normalize
    return base.replace(
        model=model,
        train=base.train.replace(**_without(chosen, settled)),
        normalize=base.normalize.replace(**_without(known.to_dict(), {*settled, "format"})),
        decode=base.decode.replace(min_size=_smallest(sizes, model)),
        object_size=0.0 if base.semantic or not sizes.size else round(float(np.median(sizes)), 2),
    )


def _working(
    samples: Sequence[Sample], start: Mapping[str, Any] | None, base: RunConfig
) -> tuple[float, ...]:
    """Return by what the samples are resampled; thin structures keep their size, as classes do."""
    if base.semantic or base.train.working_size == "off":
        return ()
    labels = [sample.annotated(base.ignored_label)[0] for sample in samples]
    pixel = common_pixel([sample.pixel for sample in samples])
    return working_size(labels, known_sizes(start) if start else None, pixel)


def _extent(sample: Sample, base: RunConfig) -> tuple[int, ...]:
    return resized(sample.labels.shape, base.working) if base.working else sample.labels.shape


def _shape(sample: Sample, start: Mapping[str, Any] | None, base: RunConfig) -> ModelConfig:
    """Return the network's shape but for classes and, from scratch, the levels in 3D."""
    channels, *spatial = sample.image.shape
    if start:
        config = ModelConfig.from_dict(start["config"]).seeing(channels)
        return config.replace(height=config.height and not base.semantic)
    return base.model.replace(in_channels=channels, ndim=len(spatial), pool=(), kernel=())


def _names(samples: Sequence[Sample], base: RunConfig, classes: Sequence[str]) -> tuple[str, ...]:
    return all_named(classes or base.model.classes, highest_class(samples, base))


def all_named(names: Sequence[str], highest: int) -> tuple[str, ...]:
    """Return the names of all classes; those that have none get the usual."""
    return (*names, *map(usual_class, range(len(names) + 1, highest + 1)))


def highest_class(samples: Iterable[Sample], base: RunConfig) -> int:
    """Return the highest number of a class that there is, at least 1."""
    if not base.semantic:
        return max(max(sample.classes.values(), default=1) for sample in samples)
    labels = (sample.annotated(base.ignored_label)[0] for sample in samples)
    return max(int(each.max(initial=1)) for each in labels)


def _without(values: Mapping[str, Any], settled: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in settled}


def _diameters(samples: Sequence[Sample], base: RunConfig) -> NDArray[np.float64]:
    """Return the diameter of the disc or ball as large as each object, in working pixels."""
    found = []
    for sample in samples:
        labels, _ = sample.annotated(base.ignored_label)
        found.append(diameters(ndimage.label(labels)[0] if base.semantic else labels, specks=False))
    by = float(np.prod(base.working)) ** (1 / base.model.ndim) if base.working else 1.0
    return by * np.concatenate(found)


def _finest_sides(spacing: Sequence[float]) -> float:
    """Return how many finest sides of a pixel an edge of the same size is long that is cubic."""
    return float(np.exp(np.log(spacing).mean()) / min(spacing)) if spacing else 1.0


def _patch(largest: Sequence[int], model: ModelConfig, diameter: float) -> tuple[int, int]:
    """Return the edge of a patch, which keeps some objects whole, and how many pixels it has."""
    geometry = geometry_of(model)
    kept = min(int(np.clip(_DIAMETERS[model.ndim] * diameter, *_EDGES[model.ndim])), max(largest))
    edge = max(axis.input_size(kept) for axis in geometry)
    return edge, math.prod(patch_shape(geometry, edge, largest)[0])


def _batch(size: int, ndim: int, memory: float, train: TrainConfig) -> int:
    """Return how many patches fit the memory and, on a CPU, leave time for steps.

    Parameters
    ----------
    size
        Of a patch, in pixels times features of the finest level.
    ndim
        Number of spatial axes.
    memory
        Bytes that the training may use.
    train
        How long it is, and on what it runs.
    """
    fitting = memory / (_BYTES * size)
    if train.minutes and choose_device(train.device).kind == "cpu":
        fitting = min(fitting, max(_FEWEST, 60 * train.minutes * _LEARNT / (_STEPS * size)))
    return int(np.clip(fitting, 1, _MOST_PATCHES[ndim]))


def _smallest(sizes: NDArray[np.float64], model: ModelConfig) -> int:
    """Return how small an object may be: what is far below the usual is dust or noise."""
    if not sizes.size:
        return DecodeConfig().min_size
    return round(_SHARE_OF_USUAL * equivalent_size(float(np.median(sizes)), model.ndim))


def _zoom(sizes: NDArray[np.float64]) -> float:
    """Return how far sizes are varied: as far as they differ among the objects."""
    if sizes.size < 2:
        return _ZOOMS[0]
    small, large = np.quantile(sizes, (0.1, 0.9))
    return round(float(np.clip(np.sqrt(large / small), *_ZOOMS)), 2)
