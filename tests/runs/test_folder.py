"""A run folder holds everything, and refuses what cannot be trained before anything starts."""

import json

import numpy as np
import pytest

from napari_unet.core.config import (
    DecodeConfig,
    ModelConfig,
    NormalizeConfig,
    TargetConfig,
    TrainConfig,
)
from napari_unet.core.errors import UserError
from napari_unet.core.option import FORMAT
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample

CONFIG = RunConfig(
    model=ModelConfig(
        ndim=3, depth=2, pool=((1, 2, 2), (2, 2, 2)), classes=("a", "b"), height=False
    ),
    targets=TargetConfig(border="none", spacing=(2.0, 1.0, 1.0)),
    train=TrainConfig(epochs=2, zoom=1.2),
    normalize=NormalizeConfig(low=3),
    decode=DecodeConfig(split=0.2),
    semantic=True,
    ignore=7,
    start_from="nuclei",
    name="mine",
    about={"licence": "CC0", "authors": ["A", "B"]},
    pixel_size=(2.0, 0.5, 0.5),
    object_size=17.5,
)


def sample(name="one", ndim=2, channels=1, **changes):
    chance = np.random.default_rng(len(name))
    shape = (6, 8, 10)[-ndim:]
    values = {
        "image": chance.integers(0, 999, (channels, *shape)).astype(np.uint16),
        "labels": chance.integers(0, 2, shape).astype(np.int32),
    }
    return Sample(name, **{**values, **changes})


def config(ndim=2, channels=1, **changes):
    height = not changes.get("semantic", False)
    model = ModelConfig(ndim=ndim, in_channels=channels, height=height)
    return RunConfig(model=model, **changes)


def test_labels_that_cannot_teach_the_model_are_refused():
    with pytest.raises(UserError, match="without height"):
        RunConfig(semantic=True)


@pytest.mark.parametrize("whole", [RunConfig(), CONFIG], ids=["default", "everything"])
def test_a_run_config_survives_json(whole):
    assert RunConfig.from_dict(json.loads(json.dumps(whole.to_dict()))) == whole


def test_missing_parts_take_their_defaults():
    found = RunConfig.from_dict({"name": "x", "train": {"epochs": 3}})
    assert found == RunConfig(name="x", train=TrainConfig(epochs=3))


BAD_CONFIGS = {
    "an unknown key": ({"colour": 1}, "RunConfig has no option colour"),
    "an unknown key inside": ({"train": {"colour": 1}}, "TrainConfig has no option colour"),
    "the future": ({"format": FORMAT + 1}, "newer version"),
    "a part of the future": ({"model": {"format": FORMAT + 1}}, "newer version"),
    "a bad value inside": ({"train": {"epochs": 0}}, "epochs must be"),
    "a part that is a list": ({"decode": []}, "DecodeConfig must be names with values"),
    "a list": ([], "RunConfig must be names with values"),
}


@pytest.mark.parametrize(("values", "sentence"), BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_bad_run_configs_are_refused(tmp_path, values, sentence):
    (tmp_path / "run.json").write_text(json.dumps(values))
    with pytest.raises(UserError, match=sentence):
        Run(tmp_path).config()


def test_a_folder_without_a_run_is_said_to_be_none(tmp_path):
    with pytest.raises(UserError, match="is not a run"):
        Run(tmp_path).config()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00"])
def test_a_half_written_run_is_said_to_be_damaged(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(UserError, match=r"run\.json is damaged"):
        Run(tmp_path).config()


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize(("ndim", "channels"), [(2, 1), (2, 3), (3, 2)])
def test_samples_come_back_as_they_were(tmp_path, ndim, channels, dtype):
    image = np.random.default_rng(0).random((channels, *(6, 8, 10)[-ndim:])) * 200
    given = [
        sample("Zelle ä, 1", ndim, channels, image=image.astype(dtype)),
        sample("b", ndim, channels, validation=True),
    ]
    run = create_run(tmp_path / "runs" / "r", given, config(ndim, channels))
    assert run.config().replace(object_size=0.0) == config(ndim, channels)
    for found, stored in zip(run.samples(), given, strict=True):
        assert (found.name, found.validation) == (stored.name, stored.validation)
        assert found.image.dtype == stored.image.dtype
        np.testing.assert_array_equal(found.image, stored.image)
        np.testing.assert_array_equal(found.labels, stored.labels)


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


def test_everything_about_an_annotation_comes_back(tmp_path):
    shape = (8, 10)
    given = [
        sample("sparse", ignored=np.eye(*shape, dtype=bool), classes={3: 2, 70_000: 1}),
        sample("weighed", weight=np.random.default_rng(0).random(shape).astype(np.float32)),
    ]
    whole = config(train=TrainConfig(validation=0))
    whole = whole.replace(model=whole.model.replace(classes=("a", "b")))
    sparse, weighed = create_run(tmp_path, given, whole).samples()
    np.testing.assert_array_equal(sparse.ignored, given[0].ignored)
    assert sparse.classes == given[0].classes
    assert sparse.weight is None
    np.testing.assert_array_equal(weighed.weight, given[1].weight)
    assert (weighed.ignored, weighed.classes) == (None, {})


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


@pytest.mark.parametrize("value", [-1, 255])
def test_ignored_values_are_no_bad_labels(tmp_path, value):
    labels = np.ones((8, 10), np.int16)
    labels[:2] = value
    for semantic in (False, True):
        whole = config(ignore=value, semantic=semantic)
        whole = whole.replace(train=TrainConfig(validation=0))
        run = create_run(tmp_path / str(semantic), [sample(labels=labels)], whole)
        (found,) = run.samples()
        kept, ignored = found.annotated(value)
        assert kept.dtype == labels.dtype
        assert ignored[:2].all()
        assert not ignored[2:].any()
        assert not kept[ignored].any()


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


@pytest.mark.parametrize("left", [0, 10, -30])
def test_a_damaged_sample_is_named(tmp_path, left):
    run = create_run(tmp_path, [sample()], config())
    path = tmp_path / "samples" / "0000.npz"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UserError, match=r"0000\.npz is damaged"):
        list(run.samples())


def test_a_line_of_the_log_that_was_cut_short_does_not_count(tmp_path):
    run = Run(tmp_path)
    assert run.records() == []
    run.log.write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert run.records() == [{"step": 1}, {"step": 2}]
