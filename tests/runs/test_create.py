"""A run is made: parts are held out, and what cannot be trained is refused unwritten."""

import errno
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.config import TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.runs import create
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample
from quick_runs import config, sample


def test_a_spacing_of_another_dimension_leaves_no_folder(tmp_path):
    wrong = config(targets=TargetConfig(spacing=(1.0,)))
    with pytest.raises(UserError, match="spacing must be 2 numbers"):
        create_run(tmp_path / "r", [sample("a"), sample("b")], wrong)
    assert not (tmp_path / "r").exists()


def disc(diameter):
    grid = np.indices((40, 40)) - 20
    return ((grid**2).sum(0) < diameter**2 / 4).astype(np.int32)


def test_the_sizes_of_what_is_learnt_from_are_measured(tmp_path):
    image = np.random.default_rng(0).random((1, 40, 40)).astype(np.float32)
    pixels = {"a": (0.5, 0.25), "b": (0.5, 0.25), "c": (9.0, 9.0)}
    given = [
        Sample(name, image, disc(size), name == "c", pixel=pixel)
        for size, (name, pixel) in zip((10, 20, 38), pixels.items(), strict=True)
    ]
    run = create_run(tmp_path / "r", given, config())
    assert run.config().sizes.pixel == (0.5, 0.25)
    assert run.config().sizes.object == pytest.approx(15, abs=0.5)
    assert [sample.pixel for sample in run.samples()] == list(pixels.values())
    semantic = create_run(tmp_path / "s", given, config(semantic=True)).config()
    assert semantic.sizes.object is None


def test_sizes_that_are_not_known_stay_unknown(tmp_path):
    blank = np.zeros((8, 10), np.int32)
    given = [sample("a", labels=blank, pixel=(0.5, 0.5)), sample("b", labels=blank)]
    run = create_run(tmp_path, given, config(train=TrainConfig(validation=0)))
    assert (run.config().sizes.pixel, run.config().sizes.object) == (None, None)


def rows_of_objects(count, ndim=2):
    """Objects of one pixel, two apart, along the last axis."""
    labels = np.zeros((6, 8, 4 * count)[-ndim:], np.int32)
    labels[(0,) * (ndim - 1)][1::4] = np.arange(1, count + 1)
    image = np.random.default_rng(0).random((1, *labels.shape))
    return Sample("one", image, labels)


@pytest.mark.parametrize("ndim", [2, 3])
def test_of_a_single_image_a_part_is_held_out(tmp_path, ndim):
    run = create_run(tmp_path, [rows_of_objects(8, ndim)], config(ndim))
    learnt, held_out = run.samples()
    assert (learnt.validation, held_out.validation) == (False, True)
    np.testing.assert_array_equal(learnt.ignored, ~held_out.ignored)
    assert 0.2 < learnt.ignored.mean() < 0.3
    assert set(held_out.annotated(None)[0].ravel()) == {0, 7, 8}


@pytest.mark.parametrize(("count", "share"), [(4, 0.15), (8, 0)])
def test_nothing_is_held_out_of_too_little_or_if_not_wanted(tmp_path, count, share):
    whole = config(train=TrainConfig(validation=share))
    (found,) = create_run(tmp_path, [rows_of_objects(count)], whole).samples()
    assert not found.validation
    assert found.ignored is None


def split(folder, count, share, seed=0):
    whole = config(train=TrainConfig(validation=share, seed=seed))
    run = create_run(folder, [sample(f"s{index}") for index in range(count)], whole)
    return [found.validation for found in run.samples()]


@pytest.mark.parametrize(
    ("count", "share", "kept"),
    [(20, 0.15, 3), (10, 0, 0), (2, 0.15, 1), (2, 0.9, 1), (3, 0.9, 2), (1, 0.5, 0)],
)
def test_a_share_is_kept_for_validation_but_never_all(tmp_path, count, share, kept):
    assert sum(split(tmp_path / "run", count, share)) == kept


def test_the_split_depends_on_nothing_but_the_seed(tmp_path):
    splits = [split(tmp_path / str(n), 20, 0.3, seed) for n, seed in enumerate((1, 1, 2))]
    assert splits[0] == splits[1]
    assert splits[0] != splits[2]


def shown(name, *classes):
    """A sample with an object of each class."""
    labels = np.zeros((8, 10), np.int32)
    for number, _ in enumerate(classes):
        labels[2:6, 4 * number : 4 * number + 3] = number + 1
    return sample(name, labels=labels, classes=dict(enumerate(classes, 1)))


@pytest.mark.parametrize("seed", range(6))
def test_what_is_held_out_shows_something_that_others_show_too(tmp_path, seed):
    whole = config(train=TrainConfig(validation=0.5, seed=seed))
    whole = whole.replace(model=whole.model.replace(classes=("a", "b")))
    given = [shown("two", 1, 2), shown("nothing"), shown("a", 1), shown("other a", 1, 1)]
    run = create_run(tmp_path / "run", given, whole)
    held_out = run.sample_names(validation=True)
    assert sorted(held_out) == ["a", "other a"]


@pytest.mark.parametrize("seed", range(3))
def test_of_the_only_image_with_objects_a_part_is_held_out(tmp_path, seed):
    whole = config(train=TrainConfig(seed=seed))
    full = replace(rows_of_objects(8), name="full")
    given = [sample("none"), full, sample("none either")]
    given = [replace(each, labels=0 * each.labels) if each is not full else full for each in given]
    run = create_run(tmp_path / "run", given, whole)
    assert run.sample_names(validation=True) == ["full, held out"]
    assert run.sample_names(validation=False) == ["none", "full", "none either"]


def test_a_stated_split_is_kept(tmp_path):
    given = [sample(f"s{index}", validation=index == 3) for index in range(10)]
    run = create_run(tmp_path / "run", given, config(train=TrainConfig(validation=0.9)))
    assert [found.validation for found in run.samples()] == [one.validation for one in given]


BAD_SAMPLES = {
    "none": ([], config(), "no image to learn from"),
    "validation alone": ([sample(validation=True)], config(), "no image to learn from"),
    "other channels": ([sample(channels=3)], config(), "one has 3 channels .* takes 1"),
    "an ignored mask of another size": (
        [sample(ignored=np.zeros((3, 3), bool))],
        config(),
        "ignored pixels .* must be the same",
    ),
    "a weight map of another size": (
        [sample(weight=np.zeros((3, 3), np.float32))],
        config(),
        "weight map .* must be the same",
    ),
    "a class that has no name": ([sample(classes={1: 2})], config(), "Object 1 has class 2"),
    "other axes": ([sample(ndim=3)], config(), "3 spatial axes, but the model takes 1 and 2"),
    "other size": ([sample(labels=np.zeros((8, 9), int))], config(), "must be the same"),
    "floats": ([sample(labels=np.zeros((8, 10)))], config(), "one: .*decimal numbers"),
    "negatives": ([sample(labels=np.full((8, 10), -1))], config(), "one: .*negative"),
    "a mask": ([sample(labels=np.ones((8, 10), bool))], config(), "one: .*yes-or-no"),
    "NaN": ([sample(image=np.full((1, 8, 10), np.nan))], config(), "one: .*NaN"),
    "constant": ([sample(image=np.ones((1, 8, 10)))], config(), "one: .*same value"),
    "nothing annotated": (
        [sample(labels=np.full((8, 10), 9))],
        config(ignore=9),
        "one: Nothing is annotated",
    ),
    "nothing annotated, classes": (
        [sample(labels=np.full((8, 10), 255))],
        config(semantic=True),
        "one: Nothing is annotated",
    ),
    "no such class": (
        [sample(labels=np.full((8, 10), 4))],
        config(semantic=True),
        "one: .*holds the value 4",
    ),
}


@pytest.mark.parametrize(("given", "whole", "sentence"), BAD_SAMPLES.values(), ids=BAD_SAMPLES)
def test_bad_samples_are_refused_and_nothing_is_written(tmp_path, given, whole, sentence):
    with pytest.raises(UserError, match=sentence):
        create_run(tmp_path / "run", given, whole)
    assert not (tmp_path / "run").exists()


def test_a_semantic_run_takes_masks(tmp_path):
    labels = np.eye(8, 10, dtype=bool)
    whole = config(semantic=True, train=TrainConfig(validation=0))
    (found,) = create_run(tmp_path, [sample(labels=labels)], whole).samples()
    np.testing.assert_array_equal(found.labels, labels)


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    for folder in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(UserError, match="is not an empty folder"):
            create_run(folder, [sample()], config())
    assert (tmp_path / "thesis.txt").read_text() == "precious"
    assert list(tmp_path.iterdir()) == [tmp_path / "thesis.txt"]


def killed_while_writing(folder):
    """Kill a process that makes a run, while it writes its second sample."""
    program = f"""
import os, signal
from napari_unet.runs import create
from quick_runs import config, sample
write = create.write_sample
def kill(given, path):
    if path.name == "0001.npz":
        os.kill(os.getpid(), signal.SIGKILL)
    write(given, path)
create.write_sample = kill
create.create_run({str(folder)!r}, [sample("a"), sample("b")], config())
"""
    path = os.pathsep.join(sys.path)
    ended = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": path}, check=False
    )
    assert ended.returncode not in (0, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_run_that_was_killed_while_it_was_made_is_made_again(tmp_path):
    folder = tmp_path / "run"
    killed_while_writing(folder)
    assert (folder / "samples" / "0000.npz").exists()
    (folder / "thesis.txt").write_text("precious")
    with pytest.raises(UserError, match="was not made to its end: give the whole command again"):
        Run(folder).config()
    run = create_run(folder, [sample("c"), sample("d"), sample("e")], config())
    assert sorted(each.name for each in run.samples()) == ["c", "d", "e"]
    assert run.config()
    left = {"samples", "run.json", "thesis.txt"}
    assert {path.name for path in folder.iterdir()} == left
    with pytest.raises(UserError, match="is not an empty folder"):
        create_run(folder, [sample("c"), sample("d")], config())


def test_an_interrupted_run_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(create, "write_sample", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create_run(tmp_path / "run", [sample("a"), sample("b")], config())
    assert not (tmp_path / "run").exists()


def test_a_run_on_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    def full(sample, path):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(create, "write_sample", full)
    told = r"^The run could not be written to .*: No space left on device\. Free some space"
    with pytest.raises(UserError, match=told):
        create_run(tmp_path / "r", [sample("a"), sample("b")], config())
    assert not (tmp_path / "r").exists()


def test_two_do_not_make_one_run(tmp_path, monkeypatch):
    write = create.write_sample

    def again(given, path):
        with pytest.raises(UserError, match="Another process makes the run"):
            create_run(tmp_path / "run", [sample("a"), sample("b")], config())
        write(given, path)

    monkeypatch.setattr(create, "write_sample", again)
    assert create_run(tmp_path / "run", [sample("a"), sample("b")], config()).count() == 2
