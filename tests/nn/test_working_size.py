"""Large objects are learnt from at a working size, and the model brings images there by itself."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig
from napari_unet.core.image.resample import nearest
from napari_unet.core.instances.measure import diameters
from napari_unet.core.progress import drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.training.before_after import compare_steps
from napari_unet.nn.training.prepare import prepare
from napari_unet.nn.training.train import train
from napari_unet.nn.training.validate import score_sample
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.preview import read_preview
from napari_unet.runs.sample import Sample
from quick_runs import parameters

TRAIN = TrainConfig(epochs=2, steps=4, batch=2, average=0.5, precision="float32", device="cpu")
LONGER = {"epochs": 3, "steps": 25, "learning_rate": 1e-2}
EDGE = 192


def annotated(seed, **changes):
    """Discs of about 50 px on a dark ground, each in its own place of a grid."""
    chance = np.random.default_rng(seed)
    labels = np.zeros((EDGE, EDGE), np.int32)
    grid = np.indices(labels.shape)
    for number in range(9):
        centre = 64 * np.array(divmod(number, 3)) + 32 + chance.integers(-4, 5, 2)
        radius = chance.integers(23, 27)
        labels[((grid - centre[:, None, None]) ** 2).sum(axis=0) < radius**2] = number + 1
    image = (100 + 400 * (labels > 0) + chance.normal(0, 30, labels.shape)).astype(np.float32)
    made = AnnotatedImage(str(seed), image[np.newaxis], "CYX", Annotation(labels))
    return replace(made, **changes)


def prepared(images=None, **changes):
    shape = ModelConfig(features=4, depth=2)
    images = images or [annotated(0), annotated(1), annotated(2, validation=True)]
    return prepare(images, RunConfig(model=shape, train=TRAIN.replace(**changes)))


def made(folder, ready=None):
    ready = ready or prepared()
    return create_run(folder, ready.samples, ready.settled())


@pytest.fixture(scope="module")
def learnt(tmp_path_factory):
    """A run that has learnt to find discs."""
    run = made(
        tmp_path_factory.mktemp("learnt") / "run", prepared(epochs=3, steps=25, learning_rate=1e-2)
    )
    train(run.folder)
    return run


def test_it_is_planned_told_and_kept_and_images_stay_as_they_are(tmp_path):
    ready = prepared()
    told = [each.text for each in ready.findings if each.level == "info"]
    size = np.median(np.concatenate([diameters(each.labels) for each in ready.samples[:2]]))
    times = f"{ready.config.working[0]:.2g}"
    assert told[-1] == (
        f"Objects are about {size:.3g} px across: learnt from at {times} of their size."
    )
    run = made(tmp_path / "run", ready)
    assert run.config().working == pytest.approx((24 / size,) * 2, abs=0.001)
    assert run.config().object_size == pytest.approx(24, rel=0.01)
    assert {each.image.shape for each in run.samples()} == {(1, EDGE, EDGE)}
    model = load_model(train(run.folder).model)
    assert (model.sizes.working, model.object_size) == (
        run.config().working,
        run.config().object_size,
    )


def test_off_is_off(tmp_path):
    ready = prepared(working_size="off")
    assert not [each for each in ready.findings if "of their size" in each.text]
    run = made(tmp_path / "run", ready)
    assert (run.config().working, round(run.config().object_size)) == ((), 49)


def test_figures_and_pictures_are_at_the_images_own_size(learnt):
    assert learnt.records()[-1]["ap50"] > 0.8
    sample = next(learnt.samples(validation=True))
    shown = read_preview(learnt.preview)
    np.testing.assert_array_equal(shown["truth"], sample.labels)
    assert shown["prediction"].shape == (EDGE, EDGE)
    compared = drive(compare_steps(learnt.folder))
    assert compared.after["ap50"] == pytest.approx(max(r["ap50"] for r in learnt.records()))
    assert compared.errors[0].error_map.shape == (EDGE, EDGE)


def test_an_image_of_that_kind_comes_there_by_itself(learnt):
    model, image = load_model(learnt.best), annotated(7)
    found = segment(image.image, model, axes="CYX")
    assert found.instances.shape == (EDGE, EDGE)
    assert found.match.by == pytest.approx(learnt.config().working, rel=0.02)
    assert found.note == "As in training, the image was segmented at 0.49 of its size."
    median = np.median(diameters(found.instances))
    assert median == pytest.approx(np.median(diameters(image.annotation.instances)), rel=0.1)


def test_validation_and_segmentation_are_one(learnt):
    model, sample = load_model(learnt.best), next(learnt.samples(validation=True))
    score = drive(score_sample(model, sample, learnt.config()))
    found = segment(sample.image, model, axes="CYX").instances
    np.testing.assert_array_equal(score.found, found)


def test_the_start_is_judged_where_the_training_is(learnt, tmp_path):
    images = [annotated(3), annotated(4, validation=True)]
    ready = prepare(images, RunConfig(start_from=str(learnt.best), train=TRAIN))
    assert ready.config.working == pytest.approx(learnt.config().working, rel=0.05)
    run = made(tmp_path / "run", ready)
    train(run.folder)
    assert run.records()[0]["ap50"] > 0.8


KILLED = """
import os, signal, sys
from napari_unet.nn.training.train import train_steps

seen = 0
for progress in train_steps(sys.argv[1]):
    seen += progress.stage == "training" and bool(progress.values)
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_and_continued_gives_the_same_parameters(tmp_path):
    unbroken, killed = (made(tmp_path / name) for name in ("unbroken", "killed"))
    train(unbroken.folder)
    for at in (3, 2):
        words = [sys.executable, "-c", KILLED, str(killed.folder), str(at)]
        assert subprocess.run(words, check=False).returncode == -signal.SIGKILL
    train(killed.folder)
    assert parameters(killed) == parameters(unbroken)
    assert killed.records() == unbroken.records()


def sparse(seed, scribbled):
    """Only a training rectangle counts; under the rest something may be scribbled."""
    given = annotated(seed)
    labels = given.annotation.instances.copy()
    outside = np.ones(labels.shape, bool)
    outside[10:150, 50:190] = False
    if scribbled:
        chance = np.random.default_rng(9)
        labels[outside] = nearest(chance.integers(0, 90, (20, 20)), labels.shape)[outside]
    return Sample(str(seed), given.image, labels.astype(np.int32), ignored=outside)


@pytest.mark.parametrize("by_label", [False, True], ids=["rectangle", "255"])
def test_nothing_under_ignored_pixels_is_learnt(by_label, tmp_path):
    base = prepared().settled()
    runs = []
    for scribbled in (False, True):
        samples = [sparse(seed, scribbled) for seed in (0, 1)]
        config = base.replace(train=base.train.replace(validation=0.0))
        if by_label:
            samples[0] = replace(
                samples[0],
                ignored=None,
                labels=np.where(samples[0].ignored, 255, samples[0].labels),
            )
            config = config.replace(ignore=255)
        runs.append(create_run(tmp_path / str(scribbled), samples, config))
        train(runs[-1].folder)
    assert parameters(runs[0]) == parameters(runs[1])


def test_a_stroke_that_is_not_seen_keeps_no_training_from_its_end(tmp_path):
    ignored = np.ones((EDGE, EDGE), bool)
    ignored[1] = False
    config = prepared().settled()
    config = config.replace(working=(0.3, 0.3), train=config.train.replace(epochs=1))
    samples = [replace(sparse(1, False), ignored=ignored), sparse(2, False)]
    run = create_run(
        tmp_path / "run", [*samples, replace(sparse(0, False), validation=True)], config
    )
    assert train(run.folder).reason == "finished"


def test_training_rectangles_are_learnt_and_measured_in(tmp_path):
    box = np.array([[[1, 1], [130, 70]]])
    images = [annotated(seed, validation=seed == 1) for seed in (0, 1)]
    images = [replace(e, annotation=replace(e.annotation, boxes=box)) for e in images]
    ready = prepared(images)
    assert ready.config.working
    run = made(tmp_path / "run", ready)
    train(run.folder)
    assert "ap50" in run.records()[-1]
