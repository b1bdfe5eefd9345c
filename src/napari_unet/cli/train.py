"""``napari-unet train``."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_unet.cli.new_run import new_run
from napari_unet.cli.options import given
from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.cli.shared import OK, STOPPED
from napari_unet.core.config import ModelConfig, NormalizeConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.doubts import doubts
from napari_unet.core.evaluation.figures import NAMES, figures
from napari_unet.core.progress import Stop, drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.core.words import counted
from napari_unet.nn.model import load_model
from napari_unet.nn.training.before_after import verdict
from napari_unet.nn.training.distributed import (
    NewStart,
    SingleProcess,
    check_processes,
    check_share,
    is_parted,
    join,
)
from napari_unet.nn.training.start.replay import remembered_steps
from napari_unet.nn.training.train import TrainResult
from napari_unet.nn.training.train import train as train_run
from napari_unet.processes.json_lines import FileLines
from napari_unet.processes.launch import (
    AGAIN,
    PARTED,
    end_with_starter,
    launch,
    ranks,
    was_launched,
)
from napari_unet.processes.spawn import stop_signals
from napari_unet.runs.control import PROGRESS, stop_wanted
from napari_unet.runs.folder import Run
from napari_unet.runs.hold_out import classes_of, is_part

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from napari_unet.core.progress import Progress


CONFIGS = (TrainConfig, TargetConfig, NormalizeConfig, ModelConfig)
_NOT_BEGUN = (
    "napari-unet: stopped. Nothing has been learnt yet, so there is no model: go on with "
    "'napari-unet train {}'."
)
_LONGER = "To train longer, begin another training with --run, and --start-from {}."
NEW = (
    *(
        "images",
        "labels",
        "annotations",
        "folder",
        "names",
        "validation_names",
        "semantic",
        "ignore",
        "classes",
    ),
    *("name", "start_from", "preset", "ndim", "spacing"),
)


def train(arguments: Namespace) -> int:
    """Start or continue a training, in one process or several; return the exit code."""
    if arguments.devices != 1:
        return _launch(arguments)
    end_with_starter()
    try:
        _refuse_new_options(arguments)
        together = join(_device(arguments))
        folder = together.shared(lambda: arguments.continued or new_run(arguments).folder)
        code = _lead(arguments, folder, together) if together.first else _follow(folder, together)
        together.leave()
    except NewStart:
        if was_launched():
            return AGAIN
        raise
    except RuntimeError as error:
        if not is_parted(error):
            raise
        if was_launched():
            return PARTED
        raise UserError(
            "Another process of this training has ended: give the same command again to continue "
            "from the last epoch."
        ) from error
    return code


def _lead(arguments: Namespace, folder: Path, together: SingleProcess) -> int:
    """Train as the process that is watched, here and from napari, and stopped; return the code."""
    watched = reporter(arguments.progress), FileLines(folder / PROGRESS)
    run = Run(folder)
    known = len(run.records())

    def tell(progress: Progress) -> None:
        for each in watched:
            each(progress)

    with stop_on_signals() as signalled:
        asked = partial(stop_wanted, folder, signalled, tell)
        try:
            result = train_run(folder, tell, asked, together)
        except Stop:
            print(_NOT_BEGUN.format(folder), file=sys.stderr)
            return STOPPED
        shown = {"model": str(result.model), "epoch": result.epoch, "values": result.values}
        for each in watched:
            each.finish(shown | {"reason": result.reason, "kept": result.kept})
    if arguments.progress != "jsonl":
        after = f"Training {result.reason} after {counted(result.epoch, 'epoch')}"
        print(f"{after}; the model is {result.model}. {result.kept}".rstrip())
        _tell_gain(run, result)
        if result.reason != "stopped":
            nothing = "This training had ended before, so nothing was learnt now. "
            print((nothing if len(run.records()) == known else "") + _LONGER.format(run.last))
    return STOPPED if signalled() and result.reason == "stopped" else OK


def _follow(folder: Path, together: SingleProcess) -> int:
    """Train as one of the others, which stop when the first one does."""
    for number in stop_signals():
        signal.signal(number, signal.SIG_IGN)
    with suppress(Stop):
        train_run(folder, together=together)
    return 0


def _launch(arguments: Namespace) -> int:
    """Train in several processes of this machine."""
    count = arguments.devices
    if count < 1:
        raise UserError("--devices must be 1 or more.")
    if ranks() > 1:
        raise UserError("torchrun has started the processes already: leave --devices away.")
    _refuse_new_options(arguments)
    check_processes(_device(arguments), count)
    if arguments.continued:
        check_share(Run(arguments.continued).config().train.batch, count)
    folder = arguments.continued or new_run(arguments).folder
    words = ["train", str(folder), "--progress", arguments.progress]
    while (code := launch(words, count)) == AGAIN:
        print("Memory ran out: going on with less at a time.", file=sys.stderr)
    return code


def _device(arguments: Namespace) -> str:
    if arguments.continued:
        return Run(arguments.continued).config().train.device
    named: str = given(arguments, TrainConfig).get("device", TrainConfig().device)
    return named


def _tell_gain(run: Run, result: TrainResult) -> None:
    """Print how good the model was that the training started from, and how good it is now."""
    _tell_held_out(run, result.values)
    if result.values.get("epoch"):
        remembered = drive(remembered_steps(run, run.config(), load_model(result.model)))
        print(remembered, end="\n" if remembered else "")


def _tell_held_out(run: Run, after: dict[str, Any]) -> None:
    if not after.get("epoch"):
        return
    record = next((record for record in run.records() if record["epoch"] == 0), {})
    before, now = figures(record), figures(after)
    told = [
        f"{name} {before[key]:.3f} -> {now[key]:.3f}"
        for key, name in NAMES.items()
        if key in before and key in now
    ]
    if told:
        print(f"Before -> after, on what was held out: {', '.join(told)}.")
    learnt, kept = (run.sample_names(validation=each) for each in (False, True))
    print(verdict(before, now, len(kept), part=is_part(learnt, kept)))
    config = run.config()
    classes = (classes_of(each, config) for each in run.samples(validation=False))
    doubtful = doubts(after, config.model.classes, classes)
    print(doubtful, end="\n" if doubtful else "")


def _refuse_new_options(arguments: Namespace) -> None:
    """Refuse to change what was decided when the run was made."""
    if arguments.continued is None:
        return
    changed = any(given(arguments, config) for config in CONFIGS)
    if changed or any(getattr(arguments, name) not in (None, False) for name in NEW):
        folder = arguments.continued
        if not (folder / "run.json").exists() and not Run(folder).unfinished:
            raise UserError(
                f"There is no run in {folder} to continue: to begin a new one there, give it as "
                f"--run {folder}."
            )
        raise UserError(
            f"A run is continued as it was begun: give only 'train {folder}'. "
            + _LONGER.format(Run(folder).last)
        )
