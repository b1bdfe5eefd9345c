"""Samples of what a bundled model knows: half to learn from, half to judge on, none twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.config import ModelConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.io.bundled import SAMPLE_OF, SAMPLES, load_sample
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.replay import replay_sentence, replayed_samples, why_none
from napari_unet.runs.sample import Sample
from quick_runs import discs

SEEN = {"nuclei": (1, 2), "nuclei-3d": (1, 3), "nuclei-tissue": (3, 2), "neurites": (1, 2)}
"""Channels and spatial axes of what each model sees."""


def start(name="nuclei", channels=1, ndim=2, **changes):
    semantic = changes.get("semantic", False)
    model = ModelConfig(in_channels=channels, ndim=ndim, height=not semantic)
    return RunConfig(**{"model": model, "start_from": name, **changes})


def bundled_plane(index):
    image, labels = load_sample("nuclei2d")
    return Sample("mine", image.data[index][np.newaxis], labels.data[index])


@pytest.mark.parametrize("name", SAMPLE_OF)
def test_no_pixel_that_is_learnt_from_is_judged_on_and_none_is_lost(name):
    semantic = SAMPLES[SAMPLE_OF[name]].semantic
    samples = replayed_samples(start(name, *SEEN[name], semantic=semantic), [])
    learnt = [each for each in samples if not each.validation]
    judged = [each for each in samples if each.validation]
    whole, truth = load_sample(SAMPLE_OF[name])
    assert sum(each.image.size for each in samples) == whole.data.size
    assert sum(each.labels.astype(int).sum() for each in samples) == truth.data.astype(int).sum()
    for each in (learnt, judged):
        assert sum(sample.labels.size for sample in each) == truth.data.size / 2
        assert all(sample.labels.any() for sample in each)
    assert not any(np.array_equal(one.image, two.image) for one in learnt for two in judged)


@pytest.mark.parametrize("held_out", [False, True])
def test_what_the_run_itself_learns_from_or_holds_out_is_not_replayed(held_out):
    mine = [replace(bundled_plane(index), validation=held_out) for index in (0, 1, 4)]
    samples = replayed_samples(start(), mine)
    assert len(samples) == 3
    assert not any(np.array_equal(one.image, two.image) for one in samples for two in mine)
    assert replayed_samples(start(), [bundled_plane(index) for index in range(6)]) == []
    last = replayed_samples(start(), [bundled_plane(index) for index in range(5)])
    assert [each.labels.shape for each in last] == [(128, 256), (128, 256)]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (start("cells-phase"), "no sample"),
        (start(semantic=True), "of objects, and here classes"),
        (start("neurites"), "of classes, and here objects"),
        (start(channels=2), "1 channel"),
        (start(model=ModelConfig(classes=("a", "b"))), "one class"),
        (start(model=ModelConfig(ndim=3)), "2 axes"),
    ],
)
def test_where_nothing_can_be_replayed_it_is_said(config, said):
    assert said in why_none(config)
    assert said in replay_sentence(config)
    assert replayed_samples(config, []) == []


def test_what_is_replayed_is_said_and_only_of_a_bundled_start():
    assert "25% show samples of what nuclei knows" in replay_sentence(start())
    assert not replay_sentence(start(train=TrainConfig(replay=0.0)))
    assert not replay_sentence(start("mine"))
    assert not replay_sentence(start(None))


def test_a_run_holds_what_each_of_its_starts_knows(tmp_path):
    config = start(None, others=(start("nuclei"), start("cells-phase")))
    run = create_run(tmp_path / "run", [discs(0), discs(1)], config)
    read = [list(run.replayed("nuclei", validation=held)) for held in (False, True)]
    given = replayed_samples(start(), [])
    for samples, validation in zip(read, (False, True), strict=True):
        wanted = [each for each in given if each.validation == validation]
        assert [each.name for each in samples] == [each.name for each in wanted]
        assert all(
            np.array_equal(one.image, two.image) and np.array_equal(one.labels, two.labels)
            for one, two in zip(samples, wanted, strict=True)
        )
    for other in (None, "cells-phase", str(tmp_path / "nuclei")):
        assert not list(run.replayed(other, validation=False))
    assert run.count() == 2
