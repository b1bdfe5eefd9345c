"""Samples come back from their files as they were."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.sample import Sample
from quick_runs import config, sample


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize(("ndim", "channels"), [(2, 1), (2, 3), (3, 2)])
def test_samples_come_back_as_they_were(tmp_path, ndim, channels, dtype):
    image = np.random.default_rng(0).random((channels, *(6, 8, 10)[-ndim:])) * 200
    given = [
        sample("Zelle ä, 1", ndim, channels, image=image.astype(dtype)),
        sample("b", ndim, channels, validation=True),
    ]
    run = create_run(tmp_path / "runs" / "r", given, config(ndim, channels))
    assert run.config().replace(object_size=0.0, object_spread=()) == config(ndim, channels)
    for found, stored in zip(run.samples(), given, strict=True):
        assert (found.name, found.validation) == (stored.name, stored.validation)
        assert found.image.dtype == stored.image.dtype
        np.testing.assert_array_equal(found.image, stored.image)
        np.testing.assert_array_equal(found.labels, stored.labels)


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


def test_names_are_read_without_the_pixels(tmp_path):
    large = np.random.default_rng(0).integers(0, 4, (1, 900, 900)).astype(np.uint8)
    labels = np.ones((900, 900), int)
    given = [Sample(name, large, labels, name == "b") for name in "abc"]
    run = create_run(tmp_path, given, config())
    for path in (tmp_path / "samples").iterdir():
        content = bytearray(path.read_bytes())
        content[2000:3000] = bytes(1000)
        path.write_bytes(content)
    assert run.sample_names(validation=False) == ["a", "c"]
    assert run.sample_names(validation=True) == ["b"]
    with pytest.raises(UserError, match=r"0001\.npz is damaged"):
        list(run.samples(validation=True))


def test_those_that_are_learnt_from_and_those_that_validate_are_read_apart(tmp_path):
    given = [sample(name, validation=name == "b") for name in "abc"]
    run = create_run(tmp_path, given, config())
    assert [each.name for each in run.samples(validation=False)] == ["a", "c"]
    assert [each.name for each in run.samples(validation=True)] == ["b"]


@pytest.mark.parametrize("left", [0, 10, -30])
def test_a_damaged_sample_is_named(tmp_path, left):
    run = create_run(tmp_path, [sample()], config())
    path = tmp_path / "samples" / "0000.npz"
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UserError, match=r"0000\.npz is damaged"):
        list(run.samples())
