"""What a training begins with, and what it reads when it is continued."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.device import choose_device
from napari_unet.nn.model import load_model
from napari_unet.nn.training.adamw import AdamW
from napari_unet.nn.training.before_after import compare_steps
from napari_unet.nn.training.patches import Patches
from napari_unet.nn.training.train import train, train_steps
from napari_unet.nn.training.trainer import Trainer, learning_rate
from napari_unet.nn.training.validate import Validation
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from quick_runs import QUICK, classes_of, discs, parameters, quick_run, train_fully


def test_fine_tuning_starts_where_the_model_ended(tmp_path):
    start = train_fully(quick_run(tmp_path / "start"))
    gentle = QUICK.replace(epochs=1, steps=1, learning_rate=1e-7, average=0)
    tuned = quick_run(tmp_path / "tuned", start_from=str(start.best), train=gentle)
    before, after = load_file(start.best), load_file(train_fully(tuned).best)
    for key in before:
        if "running" not in key and "num_batches" not in key:
            np.testing.assert_allclose(before[key], after[key], atol=1e-5)


def test_fine_tuning_to_more_classes_keeps_all_but_the_head(tmp_path):
    start = train_fully(quick_run(tmp_path / "start"))
    wider = ModelConfig(features=4, depth=2, classes=("a", "b"), height=False)
    config = RunConfig(model=wider, train=QUICK, start_from=str(start.best), semantic=True)
    samples = [classes_of(discs(seed)) for seed in range(3)]
    run = train_fully(create_run(tmp_path / "run", samples, config))
    assert load_model(run.best).config.num_classes == 3


def test_a_start_of_another_shape_is_refused(tmp_path):
    start = train_fully(quick_run(tmp_path / "start"))
    other = ModelConfig(features=8, depth=2)
    run = quick_run(tmp_path / "run", start_from=str(start.best), model=other)
    with pytest.raises(UserError, match="another shape"):
        train(run.folder)


def test_rising_then_falling_learning_rate():
    config = TrainConfig(epochs=10, steps=10, warmup=0.2, learning_rate=1.0)
    rates = [learning_rate(step, config) for step in range(100)]
    assert rates[:20] == sorted(rates[:20])
    assert rates[20:] == sorted(rates[20:], reverse=True)
    assert max(rates) == 1.0
    assert 0 < rates[-1] < 0.01


@pytest.mark.parametrize("content", [b"", b"half", None])
def test_a_damaged_checkpoint_tells_how_to_go_on(tmp_path, content):
    unbroken, run = quick_run(tmp_path / "unbroken"), train_fully(quick_run(tmp_path / "run"))
    whole = run.checkpoint.read_bytes()
    run.checkpoint.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(UserError, match=r"last.checkpoint is damaged: delete this file and"):
        train(run.folder)
    run.checkpoint.unlink()
    assert parameters(train_fully(run)) == parameters(train_fully(unbroken))


def test_a_damaged_log_is_told(tmp_path):
    run = train_fully(quick_run(tmp_path / "run"))
    run.log.write_text("{\n" + run.log.read_text())
    with pytest.raises(UserError, match=r"log.jsonl is damaged"):
        train(run.folder)


def test_a_continued_run_does_not_need_the_model_it_started_from(tmp_path):
    start = train_fully(quick_run(tmp_path / "start"))
    run = quick_run(tmp_path / "run", start_from=str(start.best))
    steps = train_steps(run.folder)
    while not run.checkpoint.exists():
        next(steps)
    steps.close()
    start.best.unlink()
    assert train(run.folder).reason == "finished"


def test_a_checkpoint_of_before_validations_were_counted_continues(tmp_path):
    unbroken, old = quick_run(tmp_path / "unbroken"), quick_run(tmp_path / "old")
    steps = train_steps(old.folder)
    while not old.checkpoint.exists():
        next(steps)
    steps.close()
    tensors = load_file(old.checkpoint)
    with safe_open(old.checkpoint, "np") as file:
        state = json.loads(file.metadata()["state"])
    del state["validated"]
    save_file(tensors, old.checkpoint, {"state": json.dumps(state)})
    assert parameters(train_fully(old)) == parameters(train_fully(unbroken))
    assert old.records() == unbroken.records()


def overflowing(folder, numbers):
    """Return a run in which some images have weights whose sum is infinite."""
    samples = [discs(seed) for seed in range(4)]
    for number in numbers:
        shape = samples[number].labels.shape
        samples[number] = replace(samples[number], weight=np.full(shape, 3e38, np.float32))
    config = RunConfig(model=ModelConfig(features=4, depth=2), train=QUICK.replace(validation=0))
    return create_run(folder, samples, config)


def test_a_batch_without_a_finite_gradient_spoils_nothing(tmp_path):
    unbroken, run = overflowing(tmp_path / "unbroken", [0]), overflowing(tmp_path / "run", [0])
    steps = train_steps(run.folder)
    while not run.checkpoint.exists():
        next(steps)
    steps.close()
    assert parameters(train_fully(run)) == parameters(train_fully(unbroken))
    tensors = load_file(unbroken.checkpoint)
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
    assert all(np.isfinite(record["loss"]) for record in unbroken.records())
    assert 0 < load_model(unbroken.last).about["steps"] < QUICK.epochs * QUICK.steps


def test_a_training_of_which_no_step_has_a_finite_gradient_ends(tmp_path):
    with pytest.raises(UserError, match=r"Nothing could be learnt in epoch 1, as no step had"):
        train(overflowing(tmp_path / "run", range(4)).folder)


def test_what_was_learnt_before_gradients_overflow_is_kept(tmp_path, monkeypatch):
    draw = Patches.draw

    def drawn(self, step, device):
        batch = draw(self, step, device)
        return replace(batch, weight=batch.weight * (3e38 if step >= QUICK.steps else 1))

    monkeypatch.setattr(Patches, "draw", drawn)
    run = overflowing(tmp_path / "run", [])
    for _ in "again":
        with pytest.raises(UserError, match=r"in epoch 2, .* What was learnt before is kept\.$"):
            train(run.folder)
    assert [record["epoch"] for record in run.records()] == [1]
    tensors = load_file(run.best)
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())


def learn(network, step, steps, seed=0):
    """Take steps on fixed examples; the last parameter never has a gradient."""
    network[1].bias.requires_grad_(False)
    generator = torch.Generator().manual_seed(seed)
    for number in steps:
        examples = torch.rand(5, 3, generator=generator)
        network(examples).square().mean().backward()
        step(0.1 / (1 + number))


def networks(count):
    torch.manual_seed(1)
    first = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
    others = [
        torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2)) for _ in "x" * count
    ]
    for other in others:
        other.load_state_dict(first.state_dict())
    return [first, *others][:count]


def equal(one, other):
    return all(map(torch.equal, one.parameters(), other.parameters()))


def stepping(optimizer):
    def step(rate):
        optimizer.step(rate)
        optimizer.forget_gradients()

    return step


def test_same_as_torch():
    ours, theirs = networks(2)
    reference = torch.optim.AdamW(theirs.parameters(), weight_decay=0.1)

    def step(rate):
        reference.param_groups[0]["lr"] = rate
        reference.step()
        reference.zero_grad()

    learn(ours, stepping(AdamW(ours.parameters(), 0.1)), range(4))
    learn(theirs, step, range(4))
    assert equal(ours, theirs)


def test_continues_from_its_state():
    whole, halves = networks(2)
    optimizer = AdamW(whole.parameters(), 0.1)
    learn(whole, stepping(optimizer), range(3))
    learn(whole, stepping(optimizer), range(3, 6), seed=1)
    before = AdamW(halves.parameters(), 0.1)
    learn(halves, stepping(before), range(3))
    after = AdamW(halves.parameters(), 0.1)
    after.load({name: value.clone() for name, value in before.state().items()})
    learn(halves, stepping(after), range(3, 6), seed=1)
    assert equal(whole, halves)


def trainer_of(run):
    trainer = Trainer(run, run.config(), choose_device("cpu"))
    trainer.restore()
    return trainer


def figures(epoch, score, error):
    return {"epoch": epoch, "step": epoch, "score": score, "standard_error": error}


def kept_epoch(run):
    return load_model(run.best).about["validation"]["epoch"]


@pytest.mark.parametrize("seed", range(6))
def test_kept_is_the_latest_epoch_since_the_peak_that_is_as_good_within_chance(tmp_path, seed):
    """The same whether the training is continued before every epoch, or never."""
    chance = np.random.default_rng(seed)
    scores, errors = chance.uniform(0, 1, 7).round(2), chance.uniform(0, 0.4, 7)
    unbroken, broken = quick_run(tmp_path / "unbroken"), quick_run(tmp_path / "broken")
    trainer = trainer_of(unbroken)
    for epoch, (score, error) in enumerate(zip(scores, errors, strict=True), 1):
        trainer.keep(figures(epoch, score, error))
        trainer_of(broken).keep(figures(epoch, score, error))
    peak = int(np.argmax(scores))
    as_good = [at for at in range(peak, 7) if scores[at] >= scores[peak] - errors[peak]]
    for run in (unbroken, broken):
        assert kept_epoch(run) == as_good[-1] + 1
        assert trainer_of(run).best == figures(as_good[-1] + 1, *_at(scores, errors, as_good[-1]))
        assert trainer_of(run).peak["epoch"] == peak + 1


def _at(scores, errors, index):
    return scores[index], errors[index]


def scripted(scores):
    """Return what stands in for `validate`: the start's score first, then those of epochs."""
    given = iter(scores)

    def validate(model, samples, config, together):
        yield from ()
        return Validation({"score": next(given), "standard_error": 0.1}, None)

    return validate


def tuned_run(folder, monkeypatch, scores, **changes):
    """Return a run that starts from a model, and will have these scores, the start's first."""
    start = train_fully(quick_run(folder / "start"))
    monkeypatch.setattr("napari_unet.nn.training.train.validate", scripted(scores))
    return start, quick_run(folder / "tuned", start_from=str(start.best), **changes)


def test_a_training_never_ends_behind_its_start(tmp_path, monkeypatch):
    start, run = tuned_run(tmp_path, monkeypatch, [0.8, 0.4, 0.5, 0.6])
    result = train(run.folder)
    assert result.values["epoch"] == kept_epoch(run) == 0
    before, after = load_file(start.best), load_file(run.best)
    assert all(np.array_equal(before[key], after[key]) for key in before)
    assert load_model(run.best).name == run.config().name
    assert load_model(run.last).about["validation"]["epoch"] == 3
    assert result.kept == (
        "The model it started from was better on the images held out (0.80, trained 0.60): it is "
        "kept; annotate more or train longer."
    )
    assert drive(compare_steps(run.folder)).verdict == result.kept
    assert result.kept not in drive(compare_steps(run.folder, "last")).verdict


@pytest.mark.parametrize(("second", "word"), [(0.75, "better"), (0.8, "as good")])
def test_a_start_makes_way_only_for_a_higher_score(tmp_path, monkeypatch, second, word):
    _, run = tuned_run(tmp_path, monkeypatch, [0.8, 0.4, second, 0.6])
    result = train(run.folder)
    assert result.values["epoch"] == kept_epoch(run) == 0
    assert f"The model it started from was {word} on the images held out" in result.kept


def test_of_epochs_above_the_start_the_latest_that_is_as_good_is_kept(tmp_path, monkeypatch):
    _, run = tuned_run(tmp_path, monkeypatch, [0.8, 0.88, 0.84, 0.79])
    result = train(run.folder)
    assert result.values["epoch"] == kept_epoch(run) == 2
    assert "it started from" not in result.kept


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_training_that_is_continued_remembers_its_start(tmp_path, monkeypatch, after):
    _, run = tuned_run(tmp_path, monkeypatch, [0.8, 0.4, 0.5, 0.6])
    seen = []
    stopped = train(
        run.folder, seen.append, lambda: seen[-1].stage == "training" and seen[-1].done == 4 * after
    )
    assert stopped.values["epoch"] == 0
    result = train(run.folder)
    assert result.values["epoch"] == kept_epoch(run) == 0
    assert [each["score"] for each in run.records()] == [0.8, 0.4, 0.5, 0.6]


def test_patience_is_not_lost_on_a_start_that_is_better(tmp_path, monkeypatch):
    patient = QUICK.replace(epochs=4, patience=2)
    _, run = tuned_run(tmp_path, monkeypatch, [0.9, 0.1, 0.2, 0.3, 0.4], train=patient)
    assert train(run.folder).epoch == 4


def test_a_start_that_does_something_else_is_not_kept(tmp_path, monkeypatch):
    wider = ModelConfig(features=4, depth=2, classes=("small", "large"))
    _, run = tuned_run(tmp_path, monkeypatch, [0.8, 0.4, 0.5, 0.6], model=wider)
    assert train(run.folder).values["epoch"] == kept_epoch(run) == 3


def test_many_steps_down_within_chance_are_no_way_down(tmp_path):
    run = quick_run(tmp_path / "run")
    trainer = trainer_of(run)
    for epoch, score in enumerate((0.8, 0.75, 0.7, 0.65), 1):
        trainer.keep(figures(epoch, score, 0.06))
    assert kept_epoch(run) == 2


def test_a_checkpoint_of_before_the_peak_was_kept_continues(tmp_path):
    run = quick_run(tmp_path / "run")
    trainer_of(run).keep(figures(1, 0.5, 0.1))
    tensors = load_file(run.checkpoint)
    with safe_open(run.checkpoint, "np") as file:
        state = json.loads(file.metadata()["state"])
    del state["peak"]
    state["best"] = {"epoch": 1, "step": 1, "score": 0.5}
    save_file(tensors, run.checkpoint, {"state": json.dumps(state)})
    trainer = trainer_of(run)
    trainer.keep(figures(2, 0.49, 0.1))
    assert kept_epoch(run) == 1
    trainer.keep(figures(3, 0.51, 0.1))
    assert (kept_epoch(run), trainer.peak["epoch"]) == (3, 3)


def test_patience_counts_from_the_highest_score_not_from_what_is_kept(tmp_path, monkeypatch):
    scores = [0.8, 0.79, 0.78, 0.77]
    monkeypatch.setattr("napari_unet.nn.training.train.validate", scripted(scores))
    run = quick_run(tmp_path / "run", train=QUICK.replace(epochs=50, steps=1, patience=2))
    result = train(run.folder)
    assert (result.reason, result.epoch) == ("no longer improving", 3)
    assert result.values["epoch"] == kept_epoch(run) == 3
    told = "Kept is epoch 3 (0.78): as good as the best, epoch 1 (0.80), within chance."
    assert result.kept == told


@pytest.mark.parametrize("semantic", [False, True])
@pytest.mark.parametrize("ndim", [2, 3])
def test_each_score_comes_with_its_standard_error(tmp_path, ndim, semantic):
    quick = QUICK.replace(epochs=1)
    if semantic:
        shape = ModelConfig(ndim, features=4, depth=2, classes=("a", "b"), height=False)
        samples = [classes_of(discs(seed, ndim, 24)) for seed in range(2)]
        config = RunConfig(model=shape, train=quick, semantic=True)
        run = create_run(tmp_path / "run", samples, config)
    else:
        run = quick_run(tmp_path / "run", ndim, train=quick)
    values = train(run.folder).values
    assert 0 < values["standard_error"] < 0.5
    assert run.records()[0]["standard_error"] == values["standard_error"]
    assert load_model(run.best).about["validation"]["standard_error"] == values["standard_error"]
