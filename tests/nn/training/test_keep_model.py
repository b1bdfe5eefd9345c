"""A model that is kept is found by its name, and remembers how it came to be."""

import getpass
from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.model import load_model
from napari_unet.nn.training.keep_model import publish
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.sample import Sample
from napari_unet.storage.folders import HOME
from napari_unet.storage.model_header import find_model, known_models, read_header
from shapes import make_image, make_labels

QUICK = TrainConfig(epochs=1, steps=2, batch=1, patch=24, precision="float32")


def entries_of(path):
    return read_header(path)["about"]["history"]


def small_run(folder, **changes):
    labels = make_labels(2).astype(np.int32)
    samples = [
        Sample(name, make_image(labels, seed)[None], labels) for seed, name in enumerate("ab")
    ]
    model = ModelConfig(features=2, depth=1)
    return create_run(folder, samples, RunConfig(model=model, train=QUICK, **changes))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    run = small_run(tmp_path / "run")
    train(run.folder)
    return run


def test_a_kept_model_is_found_by_its_name(run):
    path = publish(run.folder, "last", "My cells 2")
    assert find_model("My cells 2") == path
    assert known_models()["My cells 2"] == path
    kept, last = load_model("My cells 2"), load_model(run.last)
    assert kept.name == "My cells 2"
    assert kept.sizes == last.sizes == run.config().sizes
    assert kept.object_size
    for key, value in kept.network.state_dict().items():
        assert (value == last.network.state_dict()[key]).all()


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_a_container_need_not_know_its_user(run, monkeypatch, error):
    def nobody():
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    (entry,) = entries_of(publish(run.folder, "best", "nobody"))
    assert entry["who"] == "unknown"


def test_the_history_grows_with_each_fine_tuning(run, tmp_path):
    first = publish(run.folder, "best", "first")
    again = small_run(tmp_path / "again", start_from=str(first))
    train(again.folder)
    entries = entries_of(publish(again.folder, "best", "second"))
    assert [entry["start"] for entry in entries] == [None, "first"]
    for entry in entries:
        assert entry["who"]
        assert entry["when"].startswith("20")
        assert entry["objects"] > 0
        assert entry["images"]
        assert "ap50" in entry["figures"]


def test_a_training_of_classes_counts_no_objects(run, tmp_path):
    """What is one number in a class image is many pieces, or none that anybody has counted."""
    painted = [replace(each, labels=np.sign(each.labels)) for each in run.samples()]
    config = RunConfig(model=run.config().model.replace(height=False), train=QUICK, semantic=True)
    of_classes = create_run(tmp_path / "classes", painted, config)
    train(of_classes.folder)
    (entry,) = entries_of(publish(of_classes.folder, "last", "classes"))
    assert entry["objects"] is None


@pytest.mark.parametrize("there", ["nothing", "folder", "file"])
def test_a_start_that_was_given_by_name_is_remembered(run, tmp_path, monkeypatch, there):
    publish(run.folder, "best", "first 1.2")
    monkeypatch.chdir(tmp_path)
    if there == "folder":
        (tmp_path / "first 1.2").mkdir()
    if there == "file":
        (tmp_path / "first 1.2").write_text("no model")
    again = small_run(tmp_path / "again", start_from="first 1.2")
    train(again.folder)
    entries = entries_of(publish(again.folder, "best", "second"))
    assert [entry["start"] for entry in entries] == [None, "first 1.2"]


def test_a_start_that_was_given_by_a_relative_path_is_found_from_elsewhere(
    run, tmp_path, monkeypatch
):
    publish(run.folder, "best", "first")
    monkeypatch.chdir(run.folder)
    again = small_run(tmp_path / "again", start_from="best.safetensors")
    monkeypatch.chdir(tmp_path)
    assert again.config().start_from == str(run.best.resolve())
    train(again.folder)


@pytest.mark.parametrize("damage", ["gone", "damaged"])
def test_a_start_that_cannot_be_read_any_more_does_not_keep_a_model_from_being_kept(
    run, tmp_path, damage
):
    again = small_run(tmp_path / "again", start_from=str(run.best))
    train(again.folder)
    run.best.unlink()
    if damage == "damaged":
        run.best.write_bytes(b"half")
    (entry,) = entries_of(publish(again.folder, "best", "second"))
    assert entry["start"] == "best"


def test_a_start_that_is_not_there_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(UserError, match="There is no model 'nowhere'"):
        small_run(tmp_path / "run", start_from="nowhere")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "name", ["", " ", "a/b", "..", "../a", "a\\b", "nuclei", "taken", "x.safetensors"]
)
def test_names_that_cannot_be_are_refused(run, name):
    publish(run.folder, "best", "taken")
    before = sorted(known_models())
    with pytest.raises(UserError, match=r"cannot be a model's name|already|has no name: type one"):
        publish(run.folder, "best", name)
    assert sorted(known_models()) == before


def test_a_run_without_a_model_is_refused(tmp_path):
    run = small_run(tmp_path / "run")
    with pytest.raises(UserError, match="has no best model"):
        publish(Run(run.folder).folder, "best", "x")
