"""What the start knows is replayed while it learns, and the end says how much of it is left."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch

from napari_unet.cli import main
from napari_unet.core.config import ModelConfig
from napari_unet.core.progress import drive
from napari_unet.core.targets.sampling import image_shares
from napari_unet.nn.model import load_model
from napari_unet.nn.training import patches as patches_module
from napari_unet.nn.training.before_after import compare_steps
from napari_unet.nn.training.patches import Patches, training_image
from napari_unet.nn.training.start.replay import remembered_steps, replayed_images
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from napari_unet.storage.bundled_samples import SAMPLE_OF
from quick_runs import QUICK, discs, parameters, quick_run, train_fully

SHAPE = ModelConfig(features=4, depth=2)


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory):
    """A model that has learnt a little."""
    return train_fully(quick_run(tmp_path_factory.mktemp("start") / "run")).last


@pytest.fixture
def nuclei(tiny_model, tmp_path, monkeypatch):
    """Have a small model bundled as `nuclei`."""
    folder = tmp_path / "bundled"
    folder.mkdir()
    shutil.copy(tiny_model, folder / "nuclei.safetensors")
    monkeypatch.setattr("napari_unet.storage.model_header._FOLDER", folder)
    return "nuclei"


def tuned_run(folder, **changes):
    train = {name: changes.pop(name) for name in ("replay", "epochs") if name in changes}
    return quick_run(folder, start_from="nuclei", train=QUICK.replace(**train), **changes)


@pytest.mark.parametrize("share", [0.1, 0.4])
def test_so_many_patches_are_replayed_and_the_same_ones_at_the_same_step(
    nuclei, tmp_path, monkeypatch, share
):
    run = tuned_run(tmp_path / "run", replay=share)
    config = run.config()
    read, replayed = [], replayed_images(run, config)
    window = patches_module.read_window
    monkeypatch.setattr(
        patches_module, "read_window", lambda image, at: read.append(image) or window(image, at)
    )
    own = [training_image(each, config) for each in run.samples(validation=False)]
    drawn = Patches([*own, *replayed], config.train.replace(batch=400), (32, 32), (32, 32))
    first = drawn.draw(7, torch.device("cpu"))
    there = {id(image.smooth) for image in replayed}
    assert np.mean([id(image) in there for image in read[::2]]) == pytest.approx(share, abs=0.06)
    assert torch.equal(first.image, drawn.draw(7, torch.device("cpu")).image)


def test_without_replay_batches_are_as_they_always_were(nuclei, tmp_path):
    run = tuned_run(tmp_path / "run", replay=0.0)
    assert replayed_images(run, run.config()) == []
    own = [training_image(each, run.config()) for each in run.samples(validation=False)]
    shares = Patches(own, QUICK.replace(replay=0.3), (32, 32), (32, 32))._shares
    np.testing.assert_array_equal(shares, image_shares([each.candidates for each in own]))


def test_what_is_replayed_is_seen_at_its_own_size_and_the_patch_stays_small(nuclei, tmp_path):
    config = RunConfig(model=SHAPE, train=QUICK.replace(patch=96), start_from="nuclei")
    config = config.replace(working=(0.5, 0.5), ignore=3)
    run = create_run(tmp_path / "run", [discs(seed) for seed in range(3)], config)
    replayed = replayed_images(run, config)
    assert [image.candidates.shape for image in replayed] == [(256, 256)] * 3
    given = [each.labels > 0 for each in run.replayed("nuclei", validation=False)]
    assert all((image.semantic[0] != 255).all() for image in replayed)
    assert all(image.semantic.any() for image in replayed)
    assert len(given) == 3
    sizes = []
    draw = Patches.draw

    def watched(patches, step, device):
        batch = draw(patches, step, device)
        sizes.append(tuple(batch.image.shape[2:]))
        return batch

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Patches, "draw", watched)
        train(run.folder)
    assert set(sizes) == {(24, 24)}


def test_volumes_are_replayed_with_their_own_voxels(nuclei, tmp_path, monkeypatch):
    monkeypatch.setitem(SAMPLE_OF, "nuclei", "nuclei3d")
    flat = RunConfig(model=ModelConfig(3, features=4, depth=2), train=QUICK, start_from="nuclei")
    run = create_run(tmp_path / "run", [discs(seed, 3, 24) for seed in range(2)], flat)
    (image,) = replayed_images(run, run.config())
    assert image.candidates.shape == (48, 40, 80)
    assert image.spacing == pytest.approx((0.284 / 0.127, 1, 1))
    (judged,) = run.replayed("nuclei", validation=True)
    assert judged.labels.shape == (48, 40, 80)


@pytest.mark.parametrize("at", [1, 6])
def test_stopped_and_continued_equals_unbroken(nuclei, tmp_path, at):
    unbroken, stopped = tuned_run(tmp_path / "unbroken"), tuned_run(tmp_path / "stopped")
    without = tuned_run(tmp_path / "without", replay=0.0)
    done = []
    result = train(
        stopped.folder,
        lambda progress: done.append(progress.done) if progress.stage == "training" else None,
        lambda: bool(done) and done[-1] >= at,
    )
    assert result.reason == "stopped"
    assert parameters(train_fully(stopped)) == parameters(train_fully(unbroken))
    assert stopped.records() == unbroken.records()
    assert parameters(train_fully(without)) != parameters(unbroken)


def test_the_end_says_how_well_it_remembers(nuclei, tmp_path):
    run = train_fully(tuned_run(tmp_path / "run"))
    start = load_model("nuclei")
    told = drive(remembered_steps(run, run.config(), start))
    assert told.startswith("AP at 0.5 on samples of what nuclei knows: ")
    before, after = told.split(": ")[1].split(" before, ")
    assert after == f"{before} after."
    assert "on samples of what nuclei knows: " in drive(compare_steps(run.folder)).verdict
    own = train_fully(quick_run(tmp_path / "own"))
    assert "knows" not in drive(compare_steps(own.folder)).verdict


def test_the_shell_says_it_too(nuclei, tmp_path, capsys):
    run = tuned_run(tmp_path / "run", epochs=1)
    assert main(["train", str(run.folder)]) == 0
    assert capsys.readouterr().out.count("on samples of what nuclei knows: ") == 1
