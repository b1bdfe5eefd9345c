"""Where the start is left open, a race at the beginning chooses it, and the run keeps to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop
from napari_unet.nn.model import load_model
from napari_unet.nn.training.prepare import prepare
from napari_unet.nn.training.start import race
from napari_unet.nn.training.start.candidates import startable
from napari_unet.nn.training.train import train
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.create import create_run
from quick_runs import QUICK, discs, parameters, quick_run, train_fully

SHAPE = ModelConfig(features=4, depth=2)
FAST = QUICK.replace(learning_rate=0.01)
SETTLED = ("patch", "batch", "zoom")


@pytest.fixture(scope="module")
def discs_model(tmp_path_factory):
    """A model that finds discs already."""
    run = quick_run(tmp_path_factory.mktemp("start") / "run", train=FAST.replace(steps=15, batch=4))
    return train_fully(run).last


@pytest.fixture
def bundled(discs_model, tmp_path, monkeypatch):
    """Have a model of discs bundled, and nothing else."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    shutil.copy(discs_model, folder / "discs.safetensors")
    monkeypatch.setattr("napari_unet.storage.model_header._FOLDER", folder)
    return folder


def images(seeds=range(4), *, dark=False):
    """Return discs, annotated in full."""
    samples = [discs(seed) for seed in seeds]
    sign = -1 if dark else 1
    return [
        AnnotatedImage(each.name, sign * each.image, "CYX", Annotation(each.labels))
        for each in samples
    ]


def open_run(folder, given=None, **changes):
    """Make a run whose start is left open."""
    base = RunConfig(model=SHAPE, train=FAST.replace(**changes))
    ready = prepare(given or images(), base.replace(start_from=AUTOMATIC), settled=SETTLED)
    return create_run(folder, ready.samples, ready.settled())


def test_the_start_is_left_open_by_itself(bundled):
    ready = prepare(images())
    assert ready.config.start_from is None
    assert [each.start_from for each in ready.config.others] == ["discs"]
    assert "from discs or from scratch" in ready.findings[-1].text
    chosen = prepare(images(), RunConfig(model=SHAPE)).config
    assert (chosen.start_from, chosen.others) == (None, ())


def test_each_way_to_begin_is_planned_for_itself(bundled, tmp_path):
    config = open_run(tmp_path / "run").config()
    scratch, start = config.starts
    assert start.model == SHAPE.replace(classes=scratch.model.classes)
    assert start.normalize == load_model("discs").normalize
    assert RunConfig.from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("shape", "fits"),
    [
        ({}, True),
        ({"in_channels": 3}, True),
        ({"ndim": 3}, False),
        ({"height": False}, True),
    ],
)
def test_models_that_see_such_images_can_start(bundled, shape, fits):
    given = RunConfig(model=SHAPE.replace(**shape))
    assert bool(list(startable(given))) == fits


def test_a_model_without_height_starts_class_images_only(bundled, tmp_path):
    flat = quick_run(tmp_path / "flat", model=SHAPE.replace(height=False))
    shutil.copy(train_fully(flat).last, bundled / "discs.safetensors")
    shape = SHAPE.replace(height=False)
    assert not list(startable(RunConfig(model=SHAPE)))
    assert list(startable(RunConfig(model=shape, semantic=True)))


def test_what_fits_wins_and_is_said_and_kept(bundled, tmp_path):
    run, seen = open_run(tmp_path / "run"), []
    train(run.folder, seen.append)
    config = run.config()
    assert (config.start_from, config.others) == ("discs", ())
    assert config.why.startswith("The training starts from discs")
    assert [each.notice for each in seen].count(config.why) == 1
    assert run.records()[0]["epoch"] == 0
    assert {each.stage for each in seen} >= {race.STAGE, "training"}


@pytest.mark.parametrize(
    ("model", "chosen", "told"),
    [
        (1.1, None, "starts from scratch"),
        (0.7, "discs", "not clearly ahead"),
        (0.3, "discs", "discs"),
    ],
)
def test_it_starts_from_scratch_where_that_is_clearly_ahead(
    bundled, tmp_path, monkeypatch, model, chosen, told
):
    losses = iter([model, 0.4])
    monkeypatch.setattr(race.Racer, "loss", lambda _: next(losses))
    run = train_fully(open_run(tmp_path / "run"))
    assert run.config().start_from == chosen
    assert told in run.config().why
    assert ("not clearly ahead" in run.config().why) == (model == 0.7)
    assert run.records()[0]["epoch"] == (1 if chosen is None else 0)


@pytest.mark.parametrize(
    ("doubts", "other", "chosen"),
    [(2.0, 0.56, "cells"), (2.0, 0.5, "discs"), (0.5, 0.56, "discs"), (0.5, 0.6, "cells")],
)
def test_a_model_of_another_kind_has_to_be_clearly_ahead_of_the_general_one(
    bundled, tmp_path, monkeypatch, doubts, other, chosen
):
    """One that knows such images, as it fits them, has only to be ahead."""
    monkeypatch.setattr(race, "_doubts", lambda start, _: doubts * (start.start_from == "discs"))
    shutil.copy(bundled / "discs.safetensors", bundled / "cells.safetensors")
    known = {"cells": 0.58, "discs": other, None: 0.9}

    def loss(racer):
        return known[racer.trainer.config.start_from]

    monkeypatch.setattr(race.Racer, "loss", loss)
    run = train_fully(open_run(tmp_path / "run"))
    assert run.config().start_from == chosen


def test_the_same_seed_gives_the_same_choice_and_parameters(bundled, tmp_path):
    runs = [train_fully(open_run(tmp_path / name)) for name in ("one", "other")]
    assert runs[0].config() == runs[1].config()
    assert parameters(runs[0]) == parameters(runs[1])


def test_the_race_leaves_no_trace_in_the_training(bundled, tmp_path):
    raced = train_fully(open_run(tmp_path / "raced"))
    ready = prepare(
        images(),
        RunConfig(model=SHAPE, train=FAST, start_from="discs"),
        settled=SETTLED,
    )
    chosen = train_fully(create_run(tmp_path / "chosen", ready.samples, ready.settled()))
    assert parameters(raced) == parameters(chosen)
    assert raced.records() == chosen.records()


@pytest.mark.parametrize("at", [(race.STAGE, 30), ("training", 5)])
def test_stopped_and_continued_equals_unbroken(bundled, tmp_path, at):
    unbroken, stopped = (open_run(tmp_path / name) for name in ("unbroken", "stopped"))
    seen = []
    begin = partial(
        train,
        stopped.folder,
        lambda progress: seen.append((progress.stage, progress.done)),
        lambda: at in seen,
    )
    if at[0] == race.STAGE:
        with pytest.raises(Stop):
            begin()
        assert not stopped.best.exists()  # nothing has been learnt yet
    else:
        assert begin().reason == "stopped"
        assert load_model(stopped.best).config.features == 4
    assert parameters(train_fully(stopped)) == parameters(train_fully(unbroken))
    assert stopped.config() == unbroken.config()
    assert stopped.records() == unbroken.records()


def test_killed_in_the_race_and_continued(bundled, tmp_path):
    unbroken, killed = (open_run(tmp_path / name) for name in ("unbroken", "killed"))
    code = CHILD.format(folder=str(bundled))
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(killed.folder)], stdout=subprocess.PIPE, text=True
    )
    for _ in range(12):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    assert parameters(train_fully(killed)) == parameters(train_fully(unbroken))
    assert killed.config() == unbroken.config()


CHILD = """
import sys
from pathlib import Path
from napari_unet.storage import model_header
from napari_unet import train
model_header._FOLDER = Path({folder!r})
train(sys.argv[1], lambda progress: print(progress.done, flush=True))
"""


def test_the_race_is_a_part_of_the_minutes(bundled, tmp_path, monkeypatch):
    now = iter(np.arange(0, 10_000, 0.06))
    for module in ("train", "budget"):
        monkeypatch.setattr(f"napari_unet.nn.training.{module}.training_time", lambda: next(now))
    seen = []
    run = open_run(tmp_path / "run", minutes=0.5)
    told = []

    def tell(progress):
        seen.append((progress, next(now)))
        told.append(progress.notice)

    train(run.folder, tell)
    last = [notice for notice in told if notice][-1]
    assert last.startswith(run.config().why)
    assert last.endswith("epochs.")
    raced = [(each, time) for each, time in seen if each.stage == race.STAGE]
    assert 3 < raced[-1][1] - raced[0][1] < 5
    assert 27 < seen[-1][1] < 33


def test_many_models_are_sifted_by_how_well_they_fit(bundled, tmp_path, monkeypatch):
    for name in "abc":
        shutil.copy(bundled / "discs.safetensors", bundled / f"{name}.safetensors")
    doubts = {"a": 2.0, "b": 0.5, "c": 3.0, "discs": 1.0}

    monkeypatch.setattr(race, "_doubts", lambda start, sample: doubts[start.start_from])
    run, seen = open_run(tmp_path / "run"), []
    train(run.folder, seen.append)
    # a bar tells the time left of a stage by what is done of it: sifting is no part of the race
    assert {each.done for each in seen if each.total == len(doubts)} == set(range(len(doubts)))
    assert {each.total for each in seen if each.stage == race.STAGE} == {300}
    assert {"from b", "from discs", "from scratch"} == {
        name for name in NAMES if name in run.config().why
    }


NAMES = ("from a", "from b", "from c", "from discs", "from scratch")


def test_who_runs_out_of_memory_in_the_race_tries_with_less(bundled, tmp_path, monkeypatch):
    learn, tried = race.Trainer.learn, []

    def once(self, patches, counts=1):
        tried.append(self.config.train.batch)
        if len(tried) == 3:
            raise MemoryError
        return learn(self, patches, counts)

    monkeypatch.setattr(race.Trainer, "learn", once)
    run = train_fully(open_run(tmp_path / "run"))
    assert set(tried[3:]) == {1}
    assert run.config().start_from is not None


def test_only_what_is_prepared_can_be_left_open(tmp_path):
    with pytest.raises(UserError, match="prepare"):
        quick_run(tmp_path / "run", start_from=AUTOMATIC)
