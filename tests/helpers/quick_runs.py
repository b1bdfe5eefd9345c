"""Trainings of seconds on bright discs, for tests of all that a run has."""

from __future__ import annotations

import json

import numpy as np
from safetensors.numpy import load_file

from napari_unet.core.config import ModelConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample

QUICK = TrainConfig(epochs=3, steps=4, batch=2, patch=32, average=0.5, precision="float32")


def classes_of(sample: Sample, ignored: int = 0) -> Sample:
    """Return a sample with class numbers 0 to 2 for labels, and some columns ignored."""
    classes = (sample.labels > 0).astype(np.uint8) + (sample.labels > 3)
    classes[:, classes.shape[1] - ignored :] = 255
    return Sample(sample.name, sample.image, classes)


def discs(seed: int, ndim: int = 2, size: int = 48) -> Sample:
    """Return bright discs on a dark ground; some touch."""
    chance = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * ndim, indexing="ij"))
    labels = np.zeros([size] * ndim, dtype=np.int32)
    for number in range(1, 7):
        centre = chance.integers(4, size - 4, ndim).reshape(-1, *[1] * ndim)
        inside = ((grid - centre) ** 2).sum(axis=0) < chance.integers(9, 50)
        labels[inside & (labels == 0)] = number
    image = 100 + 400 * (labels > 0) + chance.normal(0, 30, labels.shape)
    return Sample(f"discs {seed}", image[np.newaxis].astype(np.float32), labels)


def quick_run(folder, ndim: int = 2, count: int = 4, **changes) -> Run:
    config = RunConfig(model=ModelConfig(ndim=ndim, features=4, depth=2), train=QUICK)
    size = 48 if ndim == 2 else 24
    samples = [discs(seed, ndim, size) for seed in range(count)]
    return create_run(folder, samples, config.replace(**changes))


def train_fully(run: Run) -> Run:
    """Train to the end."""
    train(run.folder)
    return run


def parameters(run: Run) -> bytes:
    """Return the last model's parameters, bit for bit."""
    tensors = load_file(run.last)
    return json.dumps(sorted(tensors)).encode() + b"".join(
        tensors[key].tobytes() for key in sorted(tensors)
    )


def sample(name: str = "one", ndim: int = 2, channels: int = 1, **changes) -> Sample:
    """Return a few pixels of noise with labels of 0 and 1."""
    chance = np.random.default_rng([*name.encode()])
    shape = (6, 8, 10)[-ndim:]
    values = {
        "image": chance.integers(0, 999, (channels, *shape)).astype(np.uint16),
        "labels": chance.integers(0, 2, shape).astype(np.int32),
    }
    return Sample(name, **{**values, **changes})


def config(ndim: int = 2, channels: int = 1, **changes) -> RunConfig:
    """Return what trains on a `sample`."""
    height = not changes.get("semantic", False)
    model = ModelConfig(ndim=ndim, in_channels=channels, height=height)
    return RunConfig(model=model, **changes)
