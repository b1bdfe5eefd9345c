"""How large a training is: its patches, by memory, and its epochs, by time."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import numpy as np
import torch

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps
from napari_unet.core.train_config import TrainConfig
from napari_unet.core.words import counted
from napari_unet.nn.device import Device
from napari_unet.nn.network.geometry import Geometry
from napari_unet.nn.network.make import Network
from napari_unet.nn.network.program_geometry import ProgramGeometry
from napari_unet.nn.training.patches import Patches, TrainingImage
from napari_unet.nn.training.trainer import Trainer
from napari_unet.nn.training.validate import validate
from napari_unet.processes.memory import most_memory
from napari_unet.runs.control import training_time
from napari_unet.runs.sample import Sample

_LEAST_PATCH = 32
_WARMING, _MEASURED = 1, 3
"""Steps before the measurement, and those that are measured."""
_VALIDATING = 0.2
"""Share of the time that validation may take."""
_MOST_EPOCHS = 30
_SLACK = 4
"""How many times as many steps are planned as there seems to be time for: a `Pace` passes over
what is too many, and so the time is filled on a machine that is less busy later."""
_LEAST_STEPS = 50
"""Steps that are planned at least, should the machine be busy only while it is measured."""
_CLOSING = 1.0
"""Seconds at the end that are left for writing files."""


def patch_size(
    network: Network, config: TrainConfig, images: Sequence[TrainingImage]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the size of a patch, and of the output for it.

    It is the configured one, or the next that the network takes, and along no axis more than
    the largest image needs.
    """
    largest = np.max([image.candidates.shape for image in images], axis=0)
    return patch_shape(network.geometry, config.patch, largest.tolist())


def patch_shape(
    geometry: Sequence[Geometry | ProgramGeometry], edge: int, largest: Sequence[int]
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
) -> Steps[tuple[TrainConfig, float]]:
    """Find out how many epochs of how many steps fit into the minutes that were asked for.

    Parameters
    ----------
    trainer
        A new one; it is of no use for anything else afterwards.
    patches, validation
        What to learn from, and what to validate on.
    begun
        When the minutes began, on `training_time`.

    Returns
    -------
    The same with epochs and steps, and how many steps take as long as a validation.
    """
    trainer.network.train()
    taken = []
    for index in range(_WARMING + _MEASURED):
        yield Progress("measuring the speed", index, _WARMING + _MEASURED)
        start = training_time()
        trainer.learn(patches)
        taken.append(training_time() - start)
    start = training_time()
    yield from validate(trainer.model({}), validation[:1], trainer.config, trainer.together)
    pixels = [sample.labels.size for sample in validation]
    validating = (training_time() - start) * (sum(pixels) / pixels[0] if pixels else 1)
    config = trainer.config
    left = 60 * config.train.minutes - (training_time() - begun) - _CLOSING
    if config.start_from is not None:
        left -= validating
    step = float(np.median(taken[_WARMING:]))
    return fitted(config.train, left, step, validating), validating / max(step, 1e-6)


def fitted(config: TrainConfig, left: float, step: float, validating: float) -> TrainConfig:
    """Return the epochs that fit, and `_SLACK` times as many steps; see `Pace`.

    Parameters
    ----------
    config
        Everything else.
    left, step, validating
        Seconds: all that are left, of a step, of a validation.
    """
    most = _VALIDATING * left / max(validating, 1e-6)
    epochs = int(np.clip(most, 1, min(_MOST_EPOCHS, max(1, left / step))))
    steps = max(-(-_LEAST_STEPS // epochs), int(_SLACK * (left / epochs - validating) / step))
    return config.replace(epochs=epochs, steps=min(steps, 100_000))


class Pace:
    """Keeps a training to its minutes, however busy the machine gets, or stops being.

    The schedule (epochs, steps, the size of a step) has more steps than there is time for. By the
    clock each step that is taken counts for as many as are due, so that the last comes in time.

    Parameters
    ----------
    trainer
        What is paced; its configuration holds the schedule.
    begun, end
        When it began and shall end, on `training_time`.
    validation
        How many steps take as long as a validation; None for unknown.
    """

    def __init__(
        self, trainer: Trainer, begun: float, end: float, validation: float | None = None
    ) -> None:
        self._trainer, self._begun, self._end = trainer, begun, end - _CLOSING
        self._first, self._from = trainer.step, training_time()
        self._validation, self._validating = validation, 0.0
        self._step = 0.0

    @classmethod
    def lasting(cls, trainer: Trainer, seconds: float) -> Self:
        """Return what fills so many seconds from now on, without a validation at the end."""
        now = training_time()
        return cls(trainer, now, now + seconds + _CLOSING, 0.0)

    @contextmanager
    def validation(self) -> Iterator[None]:
        """Measure how long a validation takes, so that there is time for the last one."""
        start = training_time()
        yield
        taken = training_time() - start
        self._validating += taken
        if self._step:
            self._validation = taken / self._step

    @property
    def spares_validation(self) -> bool:
        """Whether validations have taken so much that the next has to wait, unless it is last."""
        share = _VALIDATING * (training_time() - self._begun)
        return self._validating > share and self._trainer.step < self._trainer.total

    def learn(self, patches: Patches) -> float:
        """Take a step, and return its loss."""
        start = training_time()
        counts = self._trainer.together.shared(lambda: self._due(start))
        value = self._trainer.learn(patches, counts)
        taken = training_time() - start
        self._step = (self._step + taken) / 2 if self._step else taken
        return value

    @property
    def _last_validation(self) -> float:
        """Seconds that the last validation will take; it gets slower and quicker as steps do."""
        if self._validation is None:
            return _VALIDATING / 2 * (self._end - self._from)
        return self._validation * self._step

    def _due(self, now: float) -> int:
        """Return for how many steps the next one counts: up to where it will be when it ends."""
        trainer, last = self._trainer, self._end - self._last_validation
        share = (now + self._step - self._from) / max(1e-6, last - self._from)
        # half a step before the end there is no time for another
        if now + 1.5 * self._step >= last:
            share = 1.0
        due = self._first + int(min(1.0, share) * (trainer.total - self._first))
        return max(1, due - trainer.step)


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
