"""From what a training can start: the bundled models that fit its images, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from napari_unet.core.config import ModelConfig
from napari_unet.core.review.finding import Finding
from napari_unet.nn.training.plan import all_named, highest_class, plan
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from napari_unet.storage.model_header import SUFFIX, bundled_models, read_header


def with_others(
    config: RunConfig,
    samples: Sequence[Sample],
    memory: float,
    names: Sequence[str],
    settled: Collection[str],
) -> RunConfig:
    """Return what starts from scratch, with the bundled models as other ways to begin.

    Parameters
    ----------
    config
        What is planned from scratch.
    samples, memory, settled
        As for `plan`.
    names
        What the classes are called; empty where nobody has said, and a model may say it.
    """
    highest = highest_class(samples, config)
    others = []
    for name, header in startable(config):
        known = ModelConfig.from_dict(header["config"]).classes
        called = names or (known if len(known) == highest else config.model.classes)
        base = config.replace(start_from=name)
        classes = all_named(called, highest)
        others.append(plan(samples, header, memory, base=base, classes=classes, settled=settled))
    return config.replace(others=tuple(others))


def startable(config: RunConfig) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the bundled models that see such images and can learn what is asked for."""
    wanted = config.model
    for name, path in bundled_models().items():
        header = read_header(path)
        model = ModelConfig.from_dict(header["config"]).seeing(wanted.in_channels)
        sees = (model.ndim, model.in_channels) == (wanted.ndim, wanted.in_channels)
        if sees and (config.semantic or model.height or not wanted.height):
            yield name, header


def start_name(config: RunConfig) -> str:
    """Return from what a run starts, in words."""
    if config.start_from is None:
        return "from scratch"
    return f"from {Path(config.start_from).name.removesuffix(SUFFIX)}"


def starts_finding(config: RunConfig) -> Finding:
    """Return the line that says between what a training will choose."""
    names = [start_name(start) for start in (*config.others, config.replace(others=()))]
    choices = f"{', '.join(names[:-1])} or {names[-1]}"
    text = f"A short trial at the beginning chooses the start: {choices}."
    return Finding("info", text, "It is a part of the length that was asked for.")
