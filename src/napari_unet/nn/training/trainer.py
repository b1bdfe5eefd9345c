"""What changes while a network learns, and how it is kept."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.chance import is_clearly_worse, is_no_better
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.device import Device
from napari_unet.nn.model import (
    Model,
    load_model,
    save_model,
    save_tensors,
    seeded_network,
    widened,
)
from napari_unet.nn.network.make import Network, new_network
from napari_unet.nn.training.adamw import AdamW
from napari_unet.nn.training.distributed import SINGLE_PROCESS, SingleProcess
from napari_unet.nn.training.loss import loss
from napari_unet.nn.training.patches import Patches
from napari_unet.runs.config import RunConfig
from napari_unet.runs.folder import Run
from napari_unet.storage.atomic import replacing


class Trainer:
    """A network with its optimiser, and the figures that continuing needs.

    Parameters
    ----------
    run
        The run folder.
    config
        Its configuration.
    device
        Where to compute.
    together
        The processes that train it; the first of them writes.

    Attributes
    ----------
    step
        Steps of the schedule that were taken.
    taken
        Batches that were learnt from: as many, unless the training is paced by the clock.
    validated
        The number of steps at the last validation; -1 before the first.
    best
        The figures of what is kept as the best: of an epoch or, as epoch 0, of the start.
    peak
        Epoch, score and standard error of the highest score so far; empty before the first.
    start
        The same of the model that it started from; empty where that cannot be used as it is.
    """

    def __init__(
        self, run: Run, config: RunConfig, device: Device, together: SingleProcess = SINGLE_PROCESS
    ) -> None:
        self.run, self.config, self.device, self.together = run, config, device, together
        _check_program(config, together.count)
        started = together.shared(run.checkpoint.exists)
        self.network = _initial_network(config, started).placed(device.torch)
        self.average = new_network(config.model).placed(device.torch).eval()
        self.average.load_state_dict(self.network.state_dict())
        self._spread = together.spread(self.network)
        train = config.train
        self.optimizer = AdamW(self.network.parameters(), train.weight_decay)
        self.bfloat16 = train.precision == "bfloat16" or (
            train.precision == "auto" and device.bfloat16 and not config.model.program
        )
        self.step, self.taken, self.validated = 0, 0, -1
        self.loss_sum, self.loss_count = 0.0, 0
        self.best: dict[str, Any] = {}
        self.peak: dict[str, Any] = {}
        self.start: dict[str, Any] = {}

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.config.train.epochs * self.config.train.steps

    @property
    def epoch(self) -> int:
        """Epochs that were finished."""
        return self.step // self.config.train.steps

    def learn(self, patches: Patches, counts: int = 1) -> float:
        """Take one step, which may count for several of the schedule, and return its loss.

        A batch without a finite loss and gradient is passed over: nothing is learnt from it.
        """
        config = self.config.train
        before = [each.clone() for each in self.network.buffers()]
        batch = self.together.part(patches.draw(self.step, self.device.torch))
        with torch.autocast(self.device.kind, torch.bfloat16, enabled=self.bfloat16):
            output = self._spread(batch.image)
        classes = self.config.model.num_classes
        value = loss(output, batch, classes, config, self.together.total)
        self.optimizer.forget_gradients()
        self.together.backward(value)
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        rate = learning_rate(self.step, config)
        self.step += counts
        if not (norm.isfinite() and value.isfinite()):
            for buffer, kept in zip(self.network.buffers(), before, strict=True):
                buffer.copy_(kept)
            return self.loss
        self.optimizer.step(rate)
        self.taken += 1
        self._update_average()
        taken = float(value.detach())
        self.loss_sum += taken
        self.loss_count += 1
        return taken

    @property
    def loss(self) -> float:
        """The mean loss since the last epoch that was kept."""
        return self.loss_sum / max(1, self.loss_count)

    def refuse_to_go_on(self) -> None:
        """End a training that has learnt nothing since the last epoch that was kept.

        Raises
        ------
        UserError
            If no step had a finite gradient.
        """
        if self.loss_count:
            return
        kept = " What was learnt before is kept." if self.taken else ""
        raise UserError(
            f"Nothing could be learnt in epoch {self.epoch}, as no step had finite gradients: look "
            "for grey values or weights far beyond all others, or choose a smaller learning rate."
            + kept
        )

    def _update_average(self) -> None:
        memory = min(self.config.train.average, self.taken / (10 + self.taken))
        pairs = zip(
            self.average.state_dict().values(), self.network.state_dict().values(), strict=True
        )
        for kept, new in pairs:
            if kept.is_floating_point() and self.config.train.average:
                kept.lerp_(new, 1 - memory)
            else:
                kept.copy_(new)

    def log(self, values: dict[str, Any]) -> None:
        """Write the figures of a validation to the log, and take it for done."""
        if self.together.first:
            with self.run.log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(values) + "\n")
        self.validated = self.step

    def keep(self, values: dict[str, Any]) -> None:
        """Keep the models, the figures and the checkpoint of an epoch that has ended.

        It is the best model unless it is clearly worse than the epoch of the highest score, or no
        better than the start.
        """
        score = values.get("score")
        if score is None or score > self.peak.get("score", -1):
            self.peak = _judged(values)
        if not is_clearly_worse(values, self.peak) and not is_no_better(values, self.start):
            self.best = dict(values)
            self.save_model(values, self.run.best)
        self.save_model(values, self.run.last)
        self.loss_sum, self.loss_count = 0.0, 0
        self.log(values)
        self.save()

    def keep_start(self, start: Model, values: dict[str, Any]) -> None:
        """Keep the model that it starts from, until an epoch is better."""
        self.best, self.start = dict(values), _judged(values)
        if self.together.first:
            as_it_is = replace(self.model(values), normalize=start.normalize, decode=start.decode)
            save_model(as_it_is, self.run.best)

    def save_model(self, values: dict[str, Any], path: Path) -> None:
        """Write the averaged network, with figures, as a model file."""
        if self.together.first:
            save_model(self.model(values), path)

    def save(self) -> None:
        """Write the checkpoint in one step."""
        if not self.together.first:
            return
        tensors = {
            **_prefixed("network", self.network.state_dict()),
            **_prefixed("average", self.average.state_dict()),
            **_prefixed("optimizer", self.optimizer.state()),
        }
        meta = {
            "step": self.step,
            "validated": self.validated,
            "taken": self.taken,
            "loss_sum": self.loss_sum,
            "loss_count": self.loss_count,
            "best": self.best,
            "peak": self.peak,
            "start": self.start,
        }
        save_tensors(tensors, {"state": json.dumps(meta)}, self.run.checkpoint)

    def restore(self) -> None:
        """Continue from the checkpoint, if there is one; the log is cut back to it.

        Raises
        ------
        UserError
            If the checkpoint or the log is damaged.
        """
        found = self.together.shared(self._read)
        if found is not None:
            with self._checked():
                self._load(*found)
        if self.together.first:
            self._cut_log()

    def _read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        if not self.run.checkpoint.exists():
            return None
        with self._checked(), safe_open(self.run.checkpoint, "pt") as file:
            return load_file(self.run.checkpoint), json.loads(file.metadata()["state"])

    @contextmanager
    def _checked(self) -> Iterator[None]:
        """Turn what a damaged checkpoint leads to into a sentence."""
        try:
            yield
        except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise UserError(
                f"{self.run.checkpoint} is damaged: delete this file and continue, and the "
                "training begins anew; the best model so far can be used as it is."
            ) from error

    def _load(self, tensors: dict[str, Tensor], meta: dict[str, Any]) -> None:
        self.step, self.loss_sum, self.best = meta["step"], meta["loss_sum"], meta["best"]
        self.peak, self.start = meta.get("peak", self.best), meta.get("start", {})
        self.taken = meta.get("taken", self.step)
        self.loss_count = meta.get("loss_count", self.step % self.config.train.steps)
        self.validated = meta.get("validated", self.epoch * self.config.train.steps)
        self.network.load_state_dict(_part("network", tensors))
        self.average.load_state_dict(_part("average", tensors))
        self.optimizer.load(_part("optimizer", tensors))

    def _cut_log(self) -> None:
        kept = [record for record in self.run.records() if record["step"] <= self.validated]
        text = "".join(json.dumps(record) + "\n" for record in kept)
        with replacing(self.run.log) as temporary:
            temporary.write_text(text, encoding="utf-8")

    def model(self, values: dict[str, Any]) -> Model:
        """Return the averaged network as a model."""
        about = {**(self.config.about or {}), "steps": self.taken, "validation": values}
        config = self.config
        return Model(
            config.name, self.average, config.normalize, config.decode, about, config.sizes
        )


def _judged(values: dict[str, Any]) -> dict[str, Any]:
    """Return by what epochs are compared."""
    known = ("epoch", "score", "standard_error")
    return {name: values[name] for name in known if name in values}


def learning_rate(step: int, config: TrainConfig) -> float:
    """Return the size of a step: a linear warm-up, then half a cosine down to zero."""
    total = config.epochs * config.steps
    warm = max(1, round(config.warmup * total))
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))


def _initial_network(config: RunConfig, started: bool) -> Network:
    """Return the network to begin with; one that has `started` is restored from its checkpoint."""
    network = seeded_network(config.model, config.train.seed)
    if config.start_from is None or started:
        return network
    start = widened(load_model(config.start_from), config.model.in_channels)
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
            "leave the network's options away, and give as many channels as it takes, or start "
            "from a model of one channel."
        )


def _check_program(config: RunConfig, processes: int) -> None:
    """Refuse what the network of another program cannot do."""
    if config.model.program is None:
        return
    if config.train.precision == "bfloat16":
        raise UserError(
            "The imported network learns in float32 only: choose float32.",
            about="precision float32",
        )
    if processes > 1:
        raise UserError(
            f"The imported network learns in one process, not in {processes}: start only one."
        )


def _prefixed(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{key}": value.contiguous() for key, value in tensors.items()}


def _part(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {key[len(start) :]: value for key, value in tensors.items() if key.startswith(start)}
