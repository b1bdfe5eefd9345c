"""Training: a run folder in, models in the same folder out; stopped or killed, it continues."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from napari_unet.core.errors import UserError, is_out_of_memory
from napari_unet.core.evaluation.chance import kept_in_words
from napari_unet.core.progress import Progress, Steps, Stop, UsedDevice, drive
from napari_unet.core.words import counted
from napari_unet.nn.device import choose_device, memory_reused
from napari_unet.nn.training.budget import (
    Pace,
    measured,
    patch_size,
    release_memory,
    smaller,
    used_memory,
)
from napari_unet.nn.training.distributed import SINGLE_PROCESS, NewStart, SingleProcess, check_share
from napari_unet.nn.training.patches import Patches, TrainingImage, class_factors, training_image
from napari_unet.nn.training.start.race import race_steps
from napari_unet.nn.training.start.replay import replayed_images
from napari_unet.nn.training.trainer import Trainer, learning_rate
from napari_unet.nn.training.validate import score_sample, start_model, validate
from napari_unet.runs.config import RunConfig
from napari_unet.runs.control import training_lock, training_time
from napari_unet.runs.folder import Run
from napari_unet.runs.preview import part_of, write_preview
from napari_unet.runs.sample import Sample
from napari_unet.runs.working_sample import is_seen
from napari_unet.storage.atomic import NotWritten

T = TypeVar("T")


@dataclass(frozen=True)
class TrainResult:
    """How a training ended.

    Parameters
    ----------
    model
        The file of the best model so far: of the latest epoch whose score is the highest, or as
        high within its standard error; or of the start, where that is better than all epochs.
    epoch
        Epochs that were finished.
    values
        The figures of that model; the start is epoch 0.
    reason
        Why it ended: ``"finished"``, ``"stopped"`` or ``"no longer improving"``.
    kept
        Which model that is, in a sentence; empty where no image was held out.
    """

    model: Path
    epoch: int
    values: dict[str, Any]
    reason: str
    kept: str = ""


def train_steps(folder: str | Path, together: SingleProcess = SINGLE_PROCESS) -> Steps[TrainResult]:
    """Train a run, or continue it, step by step; `train` without the steps.

    Several processes yield alike; a stop must reach all of them at the same progress.

    Yields
    ------
    Progress with the steps done. It tells the device at first, and has a notice once something had
    to be changed. Its values hold the loss, and after each epoch the validation, ``"memory"`` in GB
    and ``"preview"``, the epoch that ``preview.npz`` shows.

    Returns
    -------
    TrainResult
        Also after a stop: the best model so far.

    Raises
    ------
    Stop
        If it was stopped before it had learnt anything; it can be continued all the same.
    """
    run = Run(Path(folder))
    check_share(run.config().train.batch, together.count)
    lock = training_lock(run.folder) if together.first else nullcontext()
    with lock, _explain_write_failures(run.folder), memory_reused():
        training = _Training(run, together)
        try:
            reason = yield from training.steps()
        except Stop:
            reason = "stopped"
            training.save()
            if training.has_learnt_nothing:
                raise
        trainer = training.trainer
        if not run.best.exists():
            trainer.save_model({}, run.best)
        kept = kept_in_words(trainer.best, run.records())
        return TrainResult(run.best, trainer.epoch, trainer.best, reason, kept)


def train(
    folder: str | Path,
    on_progress: Callable[[Progress], object] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
    together: SingleProcess = SINGLE_PROCESS,
) -> TrainResult:
    """Train a run that `create_run` made, or continue it.

    Parameters
    ----------
    folder
        The run folder.
    on_progress, stop_requested
        As for `drive`; of several processes, those of the first count.
    together
        The processes that train it together, as `join` gives them.

    Returns
    -------
    TrainResult
        Where the best model lies, and its figures.

    Raises
    ------
    UserError
        If the folder holds no run, its samples do not fit, another process trains it, or it cannot
        be written to.
    Stop
        If it was stopped before it had learnt anything.
    """
    tell = on_progress if together.first else lambda _: None
    steps, alone = train_steps(folder, together), together.count == 1
    return drive(steps, tell, lambda: together.shared(stop_requested), anywhere=alone)


@dataclass(frozen=True)
class _Data:
    """What to learn from, what to validate on, and what the preview shows."""

    images: list[TrainingImage]
    validation: list[Sample]
    shown: Sample
    replayed: list[TrainingImage]


class _Training:
    """One start of a training; its trainer is made anew where memory ran out."""

    def __init__(self, run: Run, together: SingleProcess) -> None:
        self.run, self.together = run, together
        self.begun = training_time()
        self.validation: float | None = None
        self.trainer = _trainer(run, together)
        self.size: tuple[int, ...] = ()
        left = 1 - self.trainer.step / self.trainer.total
        self.end = self.begun + 60 * left * self.trainer.config.train.minutes

    def steps(self) -> Steps[str]:
        """Train to the end; return the reason for it."""
        device, count = self.trainer.device, self.together.count
        told = f"{count} processes train together." if count > 1 else ""
        yield Progress("preparing", device=UsedDevice(device.name, device.reason), notice=told)
        if self.trainer.config.others:
            yield from self._with_less(self._choose_start)
        data = yield from _prepare(self.run, self.trainer.config)
        return (yield from self._with_less(partial(self._attempt, data)))

    def save(self) -> None:
        """Keep how far it is; a start that is not chosen yet is chosen anew."""
        if not self.trainer.config.others:
            self.trainer.save()

    @property
    def has_learnt_nothing(self) -> bool:
        """Whether there is no model, not even one that it starts from."""
        config = self.trainer.config
        begun = self.trainer.step > 0 or self.run.best.exists()
        return not begun and (config.start_from is None or bool(config.others))

    def _with_less(self, attempt: Callable[[], Steps[T]]) -> Steps[T]:
        """Try something again with less at a time, as long as memory runs out."""
        while True:
            self.size = (self.trainer.config.train.patch,)
            try:
                return (yield from attempt())
            except (MemoryError, RuntimeError) as error:
                if not is_out_of_memory(error):
                    raise
            yield self._shrink()

    def _choose_start(self) -> Steps[None]:
        """Settle what the training begins with, once and for all, and say so."""
        chosen = yield from race_steps(self.run, self.trainer.config, self.together)
        if self.together.first:
            self.run.write_config(chosen)
        self.trainer = _trainer(self.run, self.together)
        # with minutes it is said together with the length, which follows at once
        notice = "" if chosen.train.minutes else chosen.why
        yield Progress("training", 0, self.trainer.total, notice=notice)

    def _attempt(self, data: _Data) -> Steps[str]:
        config = self.trainer.config
        self.size, kept = patch_size(self.trainer.network, config.train, data.images)
        balanced = config.targets.class_balance
        factors = class_factors(data.images, config.model.num_classes) if balanced else None
        images = [*data.images, *data.replayed]
        patches = Patches(images, config.train, self.size, kept, factors)
        if config.train.minutes and not config.paced:
            yield from self._fix_length(data, patches)
        yield from _validate_start(self.trainer, data.validation)
        pace = None
        if config.train.minutes:
            pace = Pace(self.trainer, self.begun, self.end, self.validation)
        return (yield from _epochs(self.trainer, patches, data, pace))

    def _fix_length(self, data: _Data, patches: Patches) -> Steps[None]:
        """Divide the minutes into epochs and steps, and begin with a new network."""
        trainer = _trainer(self.run, self.together)
        found = yield from measured(trainer, patches, data.validation, self.begun)
        train, self.validation = self.together.shared(lambda: found)
        if self.together.first:
            self.run.write_config(self.trainer.config.replace(train=train, paced=True))
        self.trainer = _trainer(self.run, self.together)
        told = f"The time is enough for about {counted(train.epochs, 'epoch')}."
        notice = " ".join(filter(None, (self.trainer.config.why, told)))
        yield Progress("training", 0, self.trainer.total, notice=notice)

    def _shrink(self) -> Progress:
        """Go back to the last checkpoint, with less to do at a time.

        Where others wait in the middle of a step, only a new start can do so.
        """
        config = self.trainer.config
        train, told = smaller(config.train, self.size, self.together.count)
        others = tuple(
            each.replace(
                train=each.train.replace(
                    batch=min(each.train.batch, train.batch),
                    patch=min(each.train.patch, train.patch),
                )
            )
            for each in config.others
        )
        self.run.write_config(config.replace(train=train, others=others))
        if self.together.count > 1:
            raise NewStart(f"{told} Give the same command again for that.")
        del self.trainer
        release_memory()
        self.trainer = _trainer(self.run, self.together)
        return Progress("training", self.trainer.step, self.trainer.total, notice=told)


def _trainer(run: Run, together: SingleProcess) -> Trainer:
    config = together.shared(run.config)
    trainer = Trainer(run, config, choose_device(config.train.device), together)
    trainer.restore()
    return trainer


def _prepare(run: Run, config: RunConfig) -> Steps[_Data]:
    images: list[TrainingImage] = []
    validation: list[Sample] = []
    shown: list[Sample] = []
    count = run.count()
    try:
        for index, sample in enumerate(run.samples()):
            yield Progress("preparing", index, count)
            if sample.validation:
                validation.append(sample)
            elif is_seen(sample, config):
                images.append(training_image(sample, config))
                shown = shown or [part_of(sample, config)]
        replayed = replayed_images(run, config)
    except MemoryError as error:
        raise UserError(
            "Memory does not suffice for these images: close other programs, or train on fewer."
        ) from error
    if not images:
        raise UserError("There is no image to learn from: add some that are not for validation.")
    return _Data(images, validation, (validation or shown)[0], replayed)


def _validate_start(trainer: Trainer, validation: list[Sample]) -> Steps[None]:
    """Log how good the model is that a training starts from, on the very same samples.

    Where it can do what the run is to learn, it is the best model to begin with.
    """
    if trainer.validated >= 0 or not validation:
        return
    start = start_model(trainer.config)
    if start is None:
        return
    found = yield from validate(start, validation, trainer.config, trainer.together)
    values = {"epoch": 0, "step": 0, **found.figures}
    if start.config.can_stand_for(trainer.config.model):
        trainer.keep_start(start, values)
    trainer.log(values)
    yield Progress.of_figures("training", 0, trainer.total, values)


def _epochs(
    trainer: Trainer, patches: Patches, data: _Data, pace: Pace | None = None
) -> Steps[str]:
    """Train until the end or until nothing gets better; return the reason."""
    config = trainer.config.train
    trainer.network.train()
    while True:
        if _epoch_ended(trainer, pace):
            with pace.validation() if pace else nullcontext():
                values = yield from _end_epoch(trainer, data)
            yield Progress.of_figures("training", trainer.step, trainer.total, values)
        if trainer.step >= trainer.total:
            return "finished"
        if config.patience and trainer.epoch - trainer.peak.get("epoch", 0) >= config.patience:
            return "no longer improving"
        value = pace.learn(patches) if pace else trainer.learn(patches)
        shown = {"loss": value, "epoch": trainer.epoch}
        yield Progress("training", trainer.step, trainer.total, shown)


def _epoch_ended(trainer: Trainer, pace: Pace | None) -> bool:
    before = max(0, trainer.validated) // trainer.config.train.steps
    if trainer.epoch <= before:
        return False
    return pace is None or not trainer.together.shared(lambda: pace.spares_validation)


def _end_epoch(trainer: Trainer, data: _Data) -> Steps[dict[str, Any]]:
    """Validate, keep the best and the last, and show how far it is."""
    together = trainer.together
    trainer.refuse_to_go_on()
    found = yield from validate(trainer.model({}), data.validation, trainer.config, together)
    values = {
        "epoch": trainer.epoch,
        "step": trainer.step,
        "loss": trainer.loss,
        "learning_rate": learning_rate(trainer.step - 1, trainer.config.train),
        **found.figures,
    }
    preview = found.first
    if not data.validation:
        preview, *_ = yield from together.everyone(_seen(trainer, data.shown))
    trainer.keep(values)
    more: dict[str, Any] = {"memory": used_memory(trainer.device)}
    if preview is not None and together.first:
        write_preview(trainer.run.preview, data.shown, preview, trainer.config)
        more["preview"] = trainer.epoch
    return values | {name: value for name, value in more.items() if value is not None}


def _seen(trainer: Trainer, shown: Sample) -> Steps[Any]:
    """Return what is found in a sample; None where it is too small or blank to be segmented."""
    if not trainer.together.first:
        return None
    try:
        score = yield from score_sample(trainer.model({}), shown, trainer.config)
    except UserError:
        return None
    return score.found


@contextmanager
def _explain_write_failures(folder: Path) -> Iterator[None]:
    """Say of a full disk and the like that the training can be continued afterwards."""
    try:
        yield
    except NotWritten as error:
        raise UserError(_interrupted(str(error))) from error
    except OSError as error:
        said = f"{error.filename or folder}: {error.strerror or error}."
        raise UserError(_interrupted(said)) from error


def _interrupted(said: str) -> str:
    return (
        f"The training cannot go on: {said} "
        "Put this right and continue; all up to the last epoch is kept."
    )
