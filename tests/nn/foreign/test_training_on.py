"""A network of another program finds nuclei here, learns on, and is kept like any other."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from skimage.segmentation import find_boundaries
from torch.nn import functional

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.evaluation.metrics import evaluate
from napari_unet.core.evaluation.report import pool
from napari_unet.core.progress import drive
from napari_unet.core.train_config import TrainConfig
from napari_unet.io.bundled import load_sample
from napari_unet.nn.device import choose_device
from napari_unet.nn.foreign.take_in import import_model
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.training.keep_model import publish
from napari_unet.nn.training.plan import plan
from napari_unet.nn.training.train import train
from napari_unet.nn.training.trainer import Trainer
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.sample import Sample
from napari_unet.runs.training_process import Child
from napari_unet.storage.folders import HOME, choose_folder
from napari_unet.storage.model_header import read_header
from others import described, files_of, small, standardised, write

EDGE = 64


@pytest.fixture(scope="module")
def nuclei():
    """Six images of nuclei, float32, and their objects."""
    image, truth = load_sample("nuclei2d")
    return np.asarray(image.data, np.float32), np.asarray(truth.data)


@pytest.fixture(scope="module")
def trained(nuclei):
    """A network that a stranger has trained for some seconds on half of the images."""
    images, truths = nuclei
    seen = torch.from_numpy(np.stack([standardised(image[np.newaxis]) for image in images]))
    goals = [np.stack([truth > 0, find_boundaries(truth)]) for truth in truths]
    goal = torch.from_numpy(np.stack(goals).astype(np.float32))
    network, chance = small(gives=2).train(), np.random.default_rng(0)
    optimizer = torch.optim.Adam(network.parameters(), 1e-2)
    for _ in range(100):
        places = [(chance.integers(3), *chance.integers(0, 256 - EDGE, 2)) for _ in range(2)]
        cut = [(n, slice(None), slice(y, y + EDGE), slice(x, x + EDGE)) for n, y, x in places]
        x, y = (torch.stack([whole[part] for part in cut]) for whole in (seen, goal))
        optimizer.zero_grad()
        functional.binary_cross_entropy(network(x), y).backward()
        optimizer.step()
    return network.eval()


@pytest.fixture
def model(trained, nuclei, tmp_path):
    files = files_of(trained, nuclei[0][:1, np.newaxis, :128, :128])
    told = described(files, channels=["foreground", "boundary"])
    return import_model(write(tmp_path / "others.zip", told, files), "others", trust=True)


def ap(images, truths, model):
    found = segment(images, model, axes="TYX").instances
    return pool([evaluate(*pair) for pair in zip(found, truths, strict=True)]).at(0.5).ap


def run_of(folder, model, samples, **train):
    config = plan(samples, read_header(model), base=RunConfig(start_from=str(model)))
    short = TrainConfig(epochs=2, steps=10, batch=2, patch=EDGE, learning_rate=1e-3, **train)
    return create_run(folder, samples, config.replace(train=short))


def samples_of(images, truths):
    return [
        Sample(str(number), image[np.newaxis], truth.astype(np.int32), validation=number == 3)
        for number, (image, truth) in enumerate(zip(images[:4], truths[:4], strict=True))
    ]


def test_it_finds_nuclei_learns_on_and_is_kept(model, nuclei, tmp_path):
    images, truths = nuclei
    before = ap(images, truths, model)
    assert before > 0.4
    run = run_of(tmp_path / "run", model, samples_of(images, truths))
    result = train(run.folder)
    start, *epochs = run.records()
    assert result.values["score"] >= start["score"]
    assert len(epochs) == 2
    kept = publish(run.folder, "best", "nuclei of mine")
    again = load_model(kept)
    assert again.config.program == load_model(model).config.program
    assert (again.normalize.method, again.normalize.joint) == ("mean", True)
    assert ap(images, truths, again) >= before - 0.02
    assert_array_equal(
        segment(images, again, axes="TYX").instances,
        segment(images, load_model(kept), axes="TYX").instances,
    )
    old, new = (load_model(each).network.state_dict() for each in (model, run.last))
    assert any((old[name] != new[name]).any() for name in old)


def test_a_training_goes_on_where_it_was(model, nuclei, tmp_path):
    """The start may be gone by then: the program is among those that were agreed to."""
    run = run_of(tmp_path / "run", model, samples_of(*nuclei))
    trainer = Trainer(run, run.config(), choose_device("cpu"))
    trainer.save()
    model.unlink()
    other = Trainer(run, run.config(), choose_device("cpu"))
    other.restore()
    one, two = (each.network.state_dict() for each in (trainer, other))
    assert all((one[name] == two[name]).all() for name in one)


def test_a_process_of_its_own_looks_into_the_chosen_folder(trained, nuclei, tmp_path, monkeypatch):
    """As in the window, where the folder of models and programs is a setting."""
    monkeypatch.delenv(HOME)
    choose_folder(tmp_path / "chosen")
    try:
        files = files_of(trained, nuclei[0][:1, np.newaxis, :64, :64])
        package = write(tmp_path / "others.zip", described(files), files)
        path = import_model(package, "others", trust=True, outputs=("foreground", "boundary"))
        run = run_of(tmp_path / "run", path, samples_of(*nuclei)[:2])
        drive(Child(run.folder).steps())
    finally:
        choose_folder(None)
    assert [each["epoch"] for each in run.records()] == [0, 1, 2]


def test_what_it_cannot_learn_is_said_before_it_begins(model, nuclei, tmp_path):
    samples = samples_of(*nuclei)
    header, base = read_header(model), RunConfig(start_from=str(model))
    with pytest.raises(UserError, match="gives 1 class and cannot learn 2"):
        plan(samples, header, base=base, classes=["a", "b"])
    run = run_of(tmp_path / "run", model, samples, precision="bfloat16")
    with pytest.raises(UserError, match="learns in float32 only"):
        train(run.folder)


def test_a_frozen_network_segments_and_cannot_learn(nuclei, tmp_path):
    image = nuclei[0][:1, np.newaxis, :64, :64]
    files = files_of(small(), image)
    frozen = torch.jit.freeze(torch.jit.script(small()))
    torch.jit.save(frozen, str(tmp_path / "w.pt"))
    files["w.pt"] = (tmp_path / "w.pt").read_bytes()
    path = import_model(write(tmp_path / "a.zip", described(files), files), "a", trust=True)
    assert segment(image[0, 0], path, axes="YX").instances.shape == (64, 64)
    with pytest.raises(UserError, match="frozen and cannot learn"):
        plan(samples_of(*nuclei), read_header(path), base=RunConfig(start_from=str(path)))


def test_classes_are_learnt_without_a_height(model, nuclei, tmp_path):
    samples = [
        Sample(each.name, each.image, (each.labels > 0).astype(np.uint8))
        for each in samples_of(*nuclei)
    ]
    base = RunConfig(start_from=str(model), semantic=True, model=ModelConfig(height=False))
    planned = plan(samples, read_header(model), base=base)
    assert not planned.model.height
    run = create_run(
        tmp_path / "run",
        samples,
        planned.replace(train=TrainConfig(epochs=1, steps=2, batch=1, patch=EDGE)),
    )
    train(run.folder)
    assert not load_model(run.last).config.height
