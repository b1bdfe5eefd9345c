"""The time law: a length in minutes is kept on the clock, however busy the machine."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from napari_unet.nn.training import budget
from napari_unet.nn.training import train as training
from napari_unet.nn.training.train import train
from napari_unet.nn.training.trainer import Trainer
from napari_unet.runs import control
from napari_unet.runs.control import PAUSE, ask, stop_wanted, training_time
from napari_unet.storage.model_header import read_header
from quick_runs import QUICK, quick_run, train_fully


class Machine:
    """A clock that steps and validations move; how far depends on the time it shows.

    Parameters
    ----------
    step, validation
        Seconds, before and after half a minute.
    """

    def __init__(self, monkeypatch, step, validation=(1.0, 1.0)):
        self.now, self.steps, self.validations = 1000.0, 0, 0
        learn, validate = Trainer.learn, training.validate

        def slow_learn(trainer, *given):
            self.now += step[self.now > 1030]
            self.steps += 1
            return learn(trainer, *given)

        def slow_validate(*given):
            self.now += validation[self.now > 1030]
            self.validations += 1
            return (yield from validate(*given))

        monkeypatch.setattr(Trainer, "learn", slow_learn)
        for module in (training, budget):
            monkeypatch.setattr(module, "validate", slow_validate)
            monkeypatch.setattr(module, "training_time", lambda: self.now)

    @property
    def taken(self):
        return self.now - 1000


MACHINES = {
    "steady": ((2.0, 2.0), (4.0, 4.0)),
    "busy later": ((2.0, 10.0), (4.0, 16.0)),
    "free later": ((6.0, 2.0), (16.0, 4.0)),
    "long validations": ((2.0, 2.0), (20.0, 20.0)),
    "slow": ((9.0, 9.0), (3.0, 3.0)),
    "busy at first": ((6.0, 1.0), (35.0, 6.0)),
}


@pytest.mark.parametrize(
    ("machine", "started"), [*((name, False) for name in MACHINES), ("busy later", True)]
)
def test_two_minutes_are_two_minutes(tmp_path, monkeypatch, machine, started):
    start = str(train_fully(quick_run(tmp_path / "start")).best) if started else None
    clock = Machine(monkeypatch, *MACHINES[machine])
    run = quick_run(tmp_path / "run", train=QUICK.replace(minutes=2), start_from=start)
    assert train(run.folder).reason == "finished"
    assert clock.taken == pytest.approx(120, rel=0.1)
    config = run.config().train
    assert run.records()[-1]["step"] == config.epochs * config.steps
    assert read_header(run.last)["about"]["steps"] == clock.steps - 4
    assert all(one["step"] < two["step"] for one, two in pairwise(run.records()))


def test_what_is_continued_has_the_rest_of_its_time(tmp_path, monkeypatch):
    clock = Machine(monkeypatch, (2.0, 2.0))
    run = quick_run(tmp_path / "run", train=QUICK.replace(minutes=2))
    assert train(run.folder, stop_requested=lambda: clock.now > 1080).reason == "stopped"
    clock.now += 5000
    before = clock.now
    assert train(run.folder).reason == "finished"
    assert clock.now - before == pytest.approx(40, abs=10)
    assert clock.steps * 2 > 80


def test_what_goes_on_with_less_memory_ends_in_time(tmp_path, monkeypatch):
    clock = Machine(monkeypatch, (2.0, 2.0))
    learn, broken = Trainer.learn, []

    def once_too_large(trainer, *given):
        if clock.now > 1060 and not broken:
            broken.append(clock.now)
            raise MemoryError
        return learn(trainer, *given)

    monkeypatch.setattr(Trainer, "learn", once_too_large)
    train_fully(quick_run(tmp_path / "run", train=QUICK.replace(minutes=2)))
    assert broken
    assert clock.taken == pytest.approx(120, rel=0.1)


def test_validations_do_not_take_the_time_of_a_busy_machine(tmp_path, monkeypatch):
    clock = Machine(monkeypatch, (2.0, 2.0), (1.0, 12.0))
    train_fully(quick_run(tmp_path / "run", train=QUICK.replace(minutes=2)))
    assert clock.validations < 10
    assert clock.taken == pytest.approx(120, rel=0.1)


def test_a_pause_costs_no_time(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(control, "_pauses", [])
    before = training_time()
    ask(tmp_path, PAUSE)
    looks = iter([False] * 4 + [True] * 9)
    assert stop_wanted(tmp_path, lambda: next(looks), lambda _: None)
    assert control._pauses[0] > 0
    assert training_time() - before < control._pauses[0] + 0.1
