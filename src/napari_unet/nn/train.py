"""Training: a run folder in, models in the same folder out; stopped or killed, it continues."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from napari_unet.core.config import ModelConfig, TrainConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Progress, Steps, Stop, drive
from napari_unet.nn.data import Patches, TrainingImage, class_factors, training_image
from napari_unet.nn.device import Device, choose_device, memory_reused
from napari_unet.nn.loss import loss
from napari_unet.nn.model import Model, load_model, save_model, save_tensors, seeded_network
from napari_unet.nn.run import Run, RunConfig, Sample
from napari_unet.nn.unet import UNet
from napari_unet.nn.validate import validate


@dataclass(frozen=True)
class TrainResult:
    """How a training ended.

    Parameters
    ----------
    model
        The file of the best model so far.
    epoch
        Epochs that were finished.
    values
        The figures of the best epoch.
    reason
        Why it ended: ``"finished"``, ``"stopped"`` or ``"no longer improving"``.
    """

    model: Path
    epoch: int
    values: dict[str, Any]
    reason: str


class Trainer:
    """What changes while a network learns, and how it is kept.

    Parameters
    ----------
    run
        The run folder.
    config
        Its configuration.
    device
        Where to compute.
    """

    def __init__(self, run: Run, config: RunConfig, device: Device) -> None:
        self.run, self.config, self.device = run, config, device
        self.network = _initial_network(config).placed(device.torch)
        self.average = UNet(config.model).placed(device.torch).eval()
        self.average.load_state_dict(self.network.state_dict())
        train = config.train
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), train.learning_rate, weight_decay=train.weight_decay
        )
        self.bfloat16 = train.precision == "bfloat16" or (
            train.precision == "auto" and device.bfloat16
        )
        self.step = 0
        self.loss_sum = 0.0
        self.best: dict[str, Any] = {}

    def learn(self, patches: Patches) -> float:
        """Take one step, and return its loss."""
        config = self.config.train
        batch = patches.draw(self.step, self.device.torch)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, config)
        with torch.autocast(self.device.kind, torch.bfloat16, enabled=self.bfloat16):
            output = self.network(batch.image)
        value = loss(output, batch, self.config.model.num_classes, config)
        self.optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self._update_average()
        return float(value.detach())

    def _update_average(self) -> None:
        memory = min(self.config.train.average, self.step / (10 + self.step))
        pairs = zip(
            self.average.state_dict().values(), self.network.state_dict().values(), strict=True
        )
        for kept, new in pairs:
            if kept.is_floating_point() and self.config.train.average:
                kept.lerp_(new, 1 - memory)
            else:
                kept.copy_(new)

    def save(self) -> None:
        """Write the checkpoint in one step."""
        tensors = {
            **_prefixed("network", self.network.state_dict()),
            **_prefixed("average", self.average.state_dict()),
        }
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= _prefixed(f"optimizer.{index}", state)
        meta = {"step": self.step, "loss_sum": self.loss_sum, "best": self.best}
        save_tensors(tensors, {"state": json.dumps(meta)}, self.run.checkpoint)

    def restore(self) -> None:
        """Continue from the checkpoint, if there is one; the log is cut back to it."""
        if not self.run.checkpoint.exists():
            self._cut_log()
            return
        tensors = load_file(self.run.checkpoint)
        with safe_open(self.run.checkpoint, "pt") as file:
            meta = json.loads(file.metadata()["state"])
        self.step, self.loss_sum, self.best = meta["step"], meta["loss_sum"], meta["best"]
        self.network.load_state_dict(_part("network", tensors))
        self.average.load_state_dict(_part("average", tensors))
        state = self.optimizer.state_dict()
        state["state"] = {
            index: found
            for index in range(len(state["param_groups"][0]["params"]))
            if (found := _part(f"optimizer.{index}", tensors))
        }
        self.optimizer.load_state_dict(state)
        self._cut_log()

    def _cut_log(self) -> None:
        kept = [record for record in self.run.records() if record["step"] <= self.step]
        text = "".join(json.dumps(record) + "\n" for record in kept)
        temporary = self.run.log.with_suffix(".new")
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, self.run.log)

    def model(self, values: dict[str, Any]) -> Model:
        """Return the averaged network as a model."""
        about = {**(self.config.about or {}), "steps": self.step, "validation": values}
        return Model(
            self.config.name, self.average, self.config.normalize, self.config.decode, about
        )


def learning_rate(step: int, config: TrainConfig) -> float:
    """Return the size of a step: a linear warm-up, then half a cosine down to zero."""
    total = config.epochs * config.steps
    warm = max(1, round(config.warmup * total))
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


def train_steps(folder: str | Path) -> Steps[TrainResult]:
    """Train a run, or continue it, step by step; `train` without the steps.

    Yields
    ------
    Progress with the steps done; its values hold the loss and, after each epoch, the validation.

    Returns
    -------
    TrainResult
        Also after a stop: the best model so far.
    """
    run = Run(Path(folder))
    config = run.config()
    device = choose_device(config.train.device)
    images, validation = yield from _prepare(run, config)
    trainer = Trainer(run, config, device)
    trainer.restore()
    factors = (
        class_factors(images, config.model.num_classes) if config.targets.class_balance else None
    )
    size, kept = patch_size(trainer.network, config.train, images)
    patches = Patches(images, config.train, size, kept, factors)
    try:
        with memory_reused():
            reason = yield from _epochs(trainer, patches, validation)
    except Stop:
        reason = "stopped"
        trainer.save()
        if not run.best.exists():
            save_model(trainer.model({}), run.best)
    return TrainResult(run.best, trainer.step // config.train.steps, trainer.best, reason)


def train(
    folder: str | Path,
    on_progress: Callable[[Progress], object] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> TrainResult:
    """Train a run that `create_run` made, or continue it.

    Parameters
    ----------
    folder
        The run folder.
    on_progress, stop_requested
        As for `drive`.

    Returns
    -------
    TrainResult
        Where the best model lies, and its figures.

    Raises
    ------
    UserError
        If the folder holds no run or its samples do not fit.
    """
    return drive(train_steps(folder), on_progress, stop_requested)


def patch_size(
    network: UNet, config: TrainConfig, images: Sequence[TrainingImage]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the size of a patch, and of the output for it.

    It is the configured one, or the next that the network takes, and along no axis more than
    the largest image needs.
    """
    largest = np.max([image.candidates.shape for image in images], axis=0)
    size, kept = [], []
    for axis, extent in zip(network.geometry, largest.tolist(), strict=True):
        wanted = min(axis.output_size(config.patch), extent)
        size.append(axis.input_size(max(1, wanted)))
        kept.append(axis.output_size(size[-1]))
    return tuple(size), tuple(kept)


def _prepare(run: Run, config: RunConfig) -> Steps[tuple[list[TrainingImage], list[Sample]]]:
    samples = list(run.samples())
    learned = [sample for sample in samples if not sample.validation]
    if not learned:
        raise UserError("There is no image to learn from: add some that are not for validation.")
    images = []
    for index, sample in enumerate(learned):
        yield Progress("preparing", index, len(learned))
        images.append(training_image(sample, config))
    return images, [sample for sample in samples if sample.validation]


def _epochs(trainer: Trainer, patches: Patches, validation: list[Sample]) -> Steps[str]:
    """Train until the end or until nothing gets better; return the reason."""
    config = trainer.config.train
    total = config.epochs * config.steps
    trainer.network.train()
    while trainer.step < total:
        value = trainer.learn(patches)
        trainer.loss_sum += value
        epoch, rest = divmod(trainer.step, config.steps)
        yield Progress("training", trainer.step, total, {"loss": value, "epoch": epoch})
        if rest:
            continue
        values = yield from _end_epoch(trainer, validation)
        yield Progress("training", trainer.step, total, values)
        if config.patience and epoch - trainer.best["epoch"] >= config.patience:
            return "no longer improving"
    return "finished"


def _end_epoch(trainer: Trainer, validation: list[Sample]) -> Steps[dict[str, Any]]:
    """Validate, log, keep the best and the last."""
    steps = trainer.config.train.steps
    values: dict[str, Any] = {
        "epoch": trainer.step // steps,
        "step": trainer.step,
        "loss": trainer.loss_sum / steps,
        "learning_rate": learning_rate(trainer.step - 1, trainer.config.train),
    }
    trainer.loss_sum = 0.0
    values |= yield from validate(trainer.model({}), validation, trainer.config)
    score = values.get("score")
    if score is None or score > trainer.best.get("score", -1):
        trainer.best = dict(values)
        save_model(trainer.model(values), trainer.run.best)
    save_model(trainer.model(values), trainer.run.last)
    with trainer.run.log.open("a", encoding="utf-8") as log:
        log.write(json.dumps(values) + "\n")
    trainer.save()
    return values


def _initial_network(config: RunConfig) -> UNet:
    network = seeded_network(config.model, config.train.seed)
    if config.start_from is None:
        return network
    start = load_model(config.start_from)
    _check_start(start.config, config.model)
    own = network.state_dict()
    fitting = {
        key: value
        for key, value in start.network.state_dict().items()
        if key in own and own[key].shape == value.shape
    }
    network.load_state_dict(own | fitting)
    return network


def _check_start(start: ModelConfig, wanted: ModelConfig) -> None:
    """Refuse a start that differs in more than classes and height, which are learnt anew."""
    if start.replace(classes=wanted.classes, height=wanted.height) != wanted:
        raise UserError(
            "The model to start from has another shape than the one to train: "
            "leave the network's options away, and give as many channels as it takes."
        )


def _prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{key}": value.contiguous() for key, value in tensors.items()}


def _part(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
