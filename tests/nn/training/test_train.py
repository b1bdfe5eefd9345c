"""Training: it learns, stops, continues, survives being killed, and starts from a model."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop, drive
from napari_unet.nn.model import load_model
from napari_unet.nn.training.train import train, train_steps
from napari_unet.nn.training.trainer import Trainer
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample
from quick_runs import QUICK, classes_of, discs, parameters, quick_run, train_fully


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_run_leaves_models_a_log_and_a_checkpoint(tmp_path, ndim):
    run = quick_run(tmp_path / "run", ndim, name="discs", about={"licence": "mine"})
    seen = []
    result = train(run.folder, seen.append)
    assert (result.epoch, result.reason) == (3, "finished")
    assert [record["epoch"] for record in run.records()] == [1, 2, 3]
    assert {"loss", "dice", "ap50", "ap", "learning_rate"} <= run.records()[0].keys()
    training = [progress for progress in seen if progress.stage == "training"]
    assert training[-1].done == training[-1].total == 12
    model = load_model(run.best)
    assert model.name == "discs"
    assert model.about["licence"] == "mine"
    assert model.about["validation"]["ap50"] == result.values["ap50"]


def test_training_learns_to_find_discs(tmp_path):
    quick = QUICK.replace(epochs=4, steps=40, batch=4, average=0.9, learning_rate=0.01)
    run = quick_run(tmp_path / "run", train=quick, decode=DecodeConfig(min_size=4))
    result = train(run.folder)
    assert run.records()[-1]["loss"] < 0.7 * run.records()[0]["loss"]
    assert result.values["dice"][1] > 0.85
    assert result.values["ap50"] > 0.4


def test_same_seed_same_parameters(tmp_path):
    runs = [quick_run(tmp_path / name) for name in ("one", "other")]
    assert parameters(train_fully(runs[0])) == parameters(train_fully(runs[1]))
    reseeded = quick_run(tmp_path / "reseeded", train=QUICK.replace(seed=1))
    assert parameters(train_fully(reseeded)) != parameters(runs[0])


@pytest.mark.parametrize("at", [1, 6, 9])
def test_stopped_and_continued_equals_unbroken(tmp_path, at):
    unbroken, stopped = quick_run(tmp_path / "unbroken"), quick_run(tmp_path / "stopped")
    done = []
    result = train(
        stopped.folder,
        lambda progress: done.append(progress.done) if progress.stage == "training" else None,
        lambda: bool(done) and done[-1] >= at,
    )
    assert result.reason == "stopped"
    assert load_model(result.model).config.features == 4
    assert parameters(train_fully(stopped)) == parameters(train_fully(unbroken))
    assert stopped.records() == unbroken.records()


@pytest.mark.parametrize("lines", [3, 9, 12])
def test_resume_law_after_sigkill(tmp_path, lines):
    unbroken, killed = quick_run(tmp_path / "unbroken"), quick_run(tmp_path / "killed")
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(killed.folder)], stdout=subprocess.PIPE, text=True
    )
    for _ in range(lines):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    assert parameters(train_fully(killed)) == parameters(train_fully(unbroken))
    assert killed.records() == unbroken.records()


CHILD = """
import sys
from napari_unet import train
train(sys.argv[1], lambda progress: print(progress.done, flush=True))
"""


def test_what_was_half_written_when_killed_is_no_harm(tmp_path):
    unbroken, torn = quick_run(tmp_path / "unbroken"), quick_run(tmp_path / "torn")
    steps = train_steps(torn.folder)
    while not torn.checkpoint.exists():
        next(steps)
    steps.close()
    with torn.log.open("a") as log:
        log.write('{"epoch": 2, "st')
    (torn.folder / ".last.checkpoint.1").write_bytes(b"half")
    assert parameters(train_fully(torn)) == parameters(train_fully(unbroken))


def test_it_ends_early_when_nothing_gets_better(tmp_path):
    patient = QUICK.replace(epochs=50, steps=1, patience=2, learning_rate=1e-7)
    result = train(quick_run(tmp_path / "run", train=patient).folder)
    assert result.reason == "no longer improving"
    assert result.epoch < 50


def test_semantic_training_with_ignored_pixels(tmp_path):
    samples = [classes_of(discs(seed), ignored=24) for seed in range(3)]
    shape = ModelConfig(features=4, depth=2, classes=("small", "large"), height=False)
    run = create_run(tmp_path / "run", samples, RunConfig(model=shape, train=QUICK, semantic=True))
    result = train(run.folder)
    assert len(result.values["dice"]) == 3
    assert "ap50" not in result.values


def test_the_ignored_mark_itself_does_not_matter(tmp_path):
    runs = []
    for mark in (99, 255):
        config = RunConfig(model=ModelConfig(features=4, depth=2), train=QUICK, ignore=mark)
        samples = []
        for seed in range(3):
            sample = discs(seed)
            labels = sample.labels.copy()
            labels[:20] = mark
            samples.append(Sample(sample.name, sample.image, labels))
        runs.append(train_fully(create_run(tmp_path / str(mark), samples, config)))
    assert parameters(runs[0]) == parameters(runs[1])
    assert runs[0].records() == runs[1].records()


def test_valid_convolutions_train_too(tmp_path):
    shape = ModelConfig(features=2, depth=2, padding="valid", norm="none", up="transpose")
    run = quick_run(tmp_path / "run", model=shape, train=QUICK.replace(patch=44))
    assert train(run.folder).reason == "finished"


@pytest.mark.parametrize("without", ["cross_entropy", "dice", "height"])
def test_each_term_of_the_loss_can_be_switched_off(tmp_path, without):
    run = quick_run(tmp_path / "run", train=QUICK.replace(epochs=1, **{without: 0.0}))
    assert np.isfinite(train(run.folder).values["loss"])


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="not a run"):
        drive(train_steps(tmp_path))


def test_a_run_in_which_all_is_for_validation_is_refused(tmp_path):
    sample = discs(0)
    samples = [Sample(sample.name, sample.image, sample.labels, validation=True)]
    with pytest.raises(UserError, match="learn from"):
        create_run(tmp_path / "run", samples, RunConfig(train=QUICK))


def test_a_start_is_judged_before_the_first_step(tmp_path):
    start = train_fully(quick_run(tmp_path / "start"))
    tuned = quick_run(tmp_path / "tuned", start_from=str(start.best))
    seen = []
    result = train(tuned.folder, seen.append)
    first, *others = tuned.records()
    assert (first["epoch"], first["step"]) == (0, 0)
    figures = {"ap50", "ap75", "ap80", "ap", "dice", "score"}
    assert figures < first.keys()
    chosen = next(each for each in start.records() if each["epoch"] == result_epoch(start))
    assert {name: first[name] for name in figures} == {name: chosen[name] for name in figures}
    assert [record["epoch"] for record in others] == [1, 2, 3]
    assert result.values["epoch"] > 0


def result_epoch(run: Run) -> int:
    """Return the epoch that the best model is of."""
    return load_model(run.best).about["validation"]["epoch"]


def test_it_tells_the_device_first_and_the_memory_after_each_epoch(tmp_path):
    seen = []
    train(quick_run(tmp_path / "run").folder, seen.append)
    assert seen[0].stage == "preparing"
    assert seen[0].device.name.startswith("CPU")
    ends = [progress.values for progress in seen if "ap50" in progress.values]
    assert [values["preview"] for values in ends] == [1, 2, 3]
    assert all(0.01 < values["memory"] < 1000 for values in ends)


@pytest.mark.parametrize("ndim", [2, 3])
@pytest.mark.parametrize("validation", [0.15, 0.0])
def test_the_preview_shows_a_plane_with_truth_and_prediction(tmp_path, ndim, validation):
    quick = QUICK.replace(epochs=1, steps=2, validation=validation)
    run = train_fully(quick_run(tmp_path / "run", ndim, train=quick))
    held_out = [sample.validation for sample in run.samples()]
    sample = list(run.samples())[held_out.index(True) if any(held_out) else 0]
    plane = 11 if ndim == 3 else ...
    with np.load(run.preview) as preview:
        np.testing.assert_array_equal(preview["image"], sample.image[0][plane])
        np.testing.assert_array_equal(preview["truth"], sample.labels[plane])
        assert preview["prediction"].shape == preview["truth"].shape


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory."),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."),
    ],
)
def test_without_memory_it_goes_on_with_less(tmp_path, monkeypatch, error):
    learn = Trainer.learn

    def short_of_memory(trainer, patches):
        if trainer.step == 5 and trainer.config.train.batch > 1:
            raise error
        return learn(trainer, patches)

    monkeypatch.setattr(Trainer, "learn", short_of_memory)
    run = quick_run(tmp_path / "run", train=QUICK.replace(batch=4, patch=96))
    seen = []
    assert train(run.folder, seen.append).reason == "finished"
    assert [each.notice for each in seen if each.notice] == [
        "Memory ran out: going on with 2 patches at a time.",
        "Memory ran out: going on with 1 patch at a time.",
    ]
    assert (run.config().train.batch, run.config().train.patch) == (1, 96)
    assert [record["epoch"] for record in run.records()] == [1, 2, 3]


def test_another_error_is_not_taken_for_lack_of_memory(tmp_path, monkeypatch):
    def broken(trainer, patches):
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(Trainer, "learn", broken)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        train(quick_run(tmp_path / "run").folder)


def test_minutes_are_fixed_at_the_first_start(tmp_path):
    run = quick_run(tmp_path / "run", train=QUICK.replace(minutes=0.03))
    seen = []
    with pytest.raises(Stop):
        train(run.folder, seen.append, lambda: seen[-1].stage == "measuring the speed")
    assert run.config().train.minutes == 0.03
    train(run.folder, seen.append, lambda: (seen[-1].stage, seen[-1].done) == ("training", 2))
    fixed = run.config()
    assert fixed.paced
    assert fixed.train.minutes == 0.03
    train_fully(run)
    assert run.config() == fixed
    assert run.records()[-1]["step"] == fixed.train.epochs * fixed.train.steps


@pytest.mark.parametrize("stage", ["preparing", "validating"])
def test_stopped_between_steps_and_continued_equals_unbroken(tmp_path, stage):
    start = str(train_fully(quick_run(tmp_path / "start")).best)
    unbroken = quick_run(tmp_path / "unbroken", start_from=start)
    stopped = quick_run(tmp_path / "stopped", start_from=start)
    train_fully(unbroken)
    for _ in range(3):
        seen = []
        result = train(
            stopped.folder,
            lambda progress, seen=seen: seen.append((progress.stage, progress.done)),
            lambda seen=seen: (
                seen[-1][0] == stage and ("training", 4) in seen[-9:]
                if stage == "validating"
                else len(seen) == 3
            ),
        )
        assert load_model(result.model)
    assert parameters(train_fully(stopped)) == parameters(unbroken)
    assert stopped.records() == unbroken.records()


def test_a_training_that_ended_early_does_not_go_on_when_continued(tmp_path):
    patient = QUICK.replace(epochs=50, steps=1, patience=2, learning_rate=1e-7)
    run = quick_run(tmp_path / "run", train=patient)
    result = train(run.folder)
    assert train(run.folder) == result


def test_two_trainings_at_once_are_refused(tmp_path):
    run = quick_run(tmp_path / "run")
    steps = train_steps(run.folder)
    next(steps)
    with pytest.raises(UserError, match="being trained already"):
        train(run.folder)
    steps.close()
    assert train(run.folder).reason == "finished"


@pytest.mark.parametrize(
    "name", ["last.checkpoint", "last.safetensors", "preview.npz", "log.jsonl"]
)
def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path, monkeypatch, name):
    unbroken, run = quick_run(tmp_path / "unbroken"), quick_run(tmp_path / "run")
    steps = train_steps(run.folder)
    while not run.checkpoint.exists():
        next(steps)
    move = os.replace

    def full(source, target):
        if str(target).endswith(name):
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        move(source, target)

    opened = Path.open

    def full_log(path, mode="r", **rest):
        if path.name == name and mode == "a":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return opened(path, mode, **rest)

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(Path, "open", full_log)
    with pytest.raises(UserError, match=rf"{name}: No space left.*continue"):
        drive(steps)
    monkeypatch.undo()
    assert parameters(train_fully(run)) == parameters(train_fully(unbroken))
    assert run.records() == unbroken.records()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:50], "is damaged"),
        (lambda text: text.replace('"format": 1', '"format": 2'), "newer version"),
        (lambda text: text.replace('"train"', '"training"'), "no option training"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_told(tmp_path, change, said):
    run = quick_run(tmp_path / "run")
    path = run.folder / "run.json"
    path.write_text(change(path.read_text()))
    with pytest.raises(UserError, match=said):
        train(run.folder)
