"""How large a training is: its patches, by memory, and its epochs, by time."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence

import numpy as np
import torch

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.train_config import TrainConfig
from napari_unet.core.words import counted
from napari_unet.nn.device import Device
from napari_unet.nn.network.geometry import Geometry
from napari_unet.nn.network.unet import UNet
from napari_unet.nn.training.patches import Patches, TrainingImage
from napari_unet.nn.training.trainer import Trainer
from napari_unet.nn.training.validate import validate
from napari_unet.processes.memory import most_memory
from napari_unet.runs.sample import Sample

_LEAST_PATCH = 32
_WARMING, _MEASURED = 2, 5
"""Steps before the measurement, and those that are measured."""
_VALIDATING = 0.2
"""Share of the time that validation may take."""
_MOST_EPOCHS = 30
_MARGIN = 0.93
"""Share of the time that is planned for; the rest is for writing files, and for a busy machine."""


def patch_size(
    network: UNet, config: TrainConfig, images: Sequence[TrainingImage]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the size of a patch, and of the output for it.

    It is the configured one, or the next that the network takes, and along no axis more than
    the largest image needs.
    """
    largest = np.max([image.candidates.shape for image in images], axis=0)
    return patch_shape(network.geometry, config.patch, largest.tolist())


def patch_shape(
    geometry: Sequence[Geometry], edge: int, largest: Sequence[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the size of a patch, and of the output for it.

    Parameters
    ----------
    geometry
        Of the network, per axis.
    edge
        Of a patch, in pixels; along an axis with longer voxels, which the network halves less
        often, it is as much shorter.
    largest
        Size of the largest image along each axis.
    """
    size, kept = [], []
    finest = max(axis.stride for axis in geometry)
    for axis, extent in zip(geometry, largest, strict=True):
        wanted = min(axis.output_size(edge) * axis.stride // finest, extent)
        size.append(axis.input_size(max(1, wanted)))
        kept.append(axis.output_size(size[-1]))
    return tuple(size), tuple(kept)


def smaller(config: TrainConfig, size: Sequence[int], count: int = 1) -> tuple[TrainConfig, str]:
    """Return what needs half the memory, and a sentence that says so.

    Parameters
    ----------
    config
        What needed too much.
    size
        The size of a patch that was really used, in pixels.
    count
        How many processes share a batch equally.

    Raises
    ------
    UserError
        If it is one small patch already.
    """
    batch = config.batch // 2 // count * count
    if batch:
        told = f"Memory ran out: going on with {counted(batch, 'patch', 'patches')} at a time."
        return config.replace(batch=batch), told
    patch = min(config.patch, max(size)) // 2
    if patch < _LEAST_PATCH:
        raise UserError(
            "Memory does not suffice for even one small patch: close other programs, "
            "or choose the CPU as device."
        )
    told = f"Memory ran out: going on with patches of {patch} pixels."
    return config.replace(patch=patch), told


def measured(
    trainer: Trainer, patches: Patches, validation: Sequence[Sample], begun: float
) -> Steps[TrainConfig]:
    """Find out how many epochs of how many steps fit into the minutes that were asked for.

    Parameters
    ----------
    trainer
        A new one; it is of no use for anything else afterwards.
    patches, validation
        What to learn from, and what to validate on.
    begun
        When the minutes began, on `time.monotonic`.

    Returns
    -------
    The same with epochs and steps, and no minutes.
    """
    trainer.network.train()
    taken = []
    for index in range(_WARMING + _MEASURED):
        yield Progress("measuring the speed", index, _WARMING + _MEASURED)
        start = time.monotonic()
        trainer.learn(patches)
        taken.append(time.monotonic() - start)
    start = time.monotonic()
    yield from validate(trainer.model({}), validation, trainer.config, trainer.together)
    validating = time.monotonic() - start
    config = trainer.config
    left = 60 * config.train.minutes - (time.monotonic() - begun)
    if config.start_from is not None:
        left -= validating
    return fitted(config.train, _MARGIN * left, float(np.mean(taken[_WARMING:])), validating)


def fitted(config: TrainConfig, left: float, step: float, validating: float) -> TrainConfig:
    """Return the epochs and steps that fit.

    Parameters
    ----------
    config
        Everything else.
    left, step, validating
        Seconds: all that are left, of a step, of a validation.
    """
    most = _VALIDATING * left / max(validating, 1e-6)
    epochs = int(np.clip(most, 1, min(_MOST_EPOCHS, max(1, left / step))))
    steps = max(1, int((left / epochs - validating) / step))
    return config.replace(minutes=0.0, epochs=epochs, steps=min(steps, 100_000))


def release_memory() -> None:
    """Give back what a training that is over has left."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def used_memory(device: Device) -> float:
    """Return the most memory of a device that was in use so far, in GB."""
    if device.kind == "cuda":
        return torch.cuda.max_memory_reserved() / 1e9
    return most_memory() / 1e9
