"""A training copied as a command and as Python makes the same run."""

import shlex

import numpy as np
import pytest

from napari_unet.cli.flags.parser import build_parser
from napari_unet.cli.main import main
from napari_unet.cli.new_run import _base
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import PRESETS, ModelConfig, TargetConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.io.annotations.read import read_annotations
from napari_unet.io.annotations.write import write_annotation
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.nn.training.prepare import prepare
from napari_unet.runs.config import AUTOMATIC, RunConfig
from napari_unet.runs.create import create_run
from napari_unet.runs.folder import Run
from napari_unet.runs.work import TrainingWork
from napari_unet.storage.model_header import lasting_name
from quick_runs import discs

QUICK = TrainConfig(epochs=1, steps=1, patch=32, batch=1, device="cpu", precision="float32")
SETTLED = ("patch", "batch", "zoom")
TINY = ModelConfig(features=4, depth=1)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of annotations, and a small model beside it; both may be named from there."""
    monkeypatch.chdir(tmp_path)
    for seed in range(2):
        sample = discs(seed)
        annotation = Annotation(sample.labels.astype(np.uint32))
        image = AnnotatedImage(sample.name, sample.image, "CYX", annotation)
        write_annotation("my annotations", image)
    save_model(Model("tiny", seeded_network(TINY, 1).eval()), "tiny.safetensors")
    return "my annotations"


def same_run_three_times(work, expected_base):
    """Make the run directly, by the copied command and by the copied Python; return them."""
    ready = prepare(read_annotations(work.folder), expected_base, settled=work.settled)
    direct = create_run("direct", ready.samples, ready.settled())
    assert main([*shlex.split(work.command())[1:], "--progress", "none"]) == 0
    shell = Run(direct.folder.with_name("shell"))
    direct.folder.with_name(work.run).rename(shell.folder)
    exec(work.python(), {})
    python = Run(direct.folder.with_name(work.run))
    return [run.config() for run in (direct, shell, python)]


def test_of_a_model(folder):
    train = QUICK.replace(learning_rate=5e-4, flip=False, replay=0.0, minutes=0.0)
    targets = TargetConfig(w0=2.5, border="falk2019", spacing=(1.0, 2.0))
    base = RunConfig(
        train=train, targets=targets, start_from=lasting_name("tiny.safetensors"), name="discs: 2"
    )
    direct, shell, python = same_run_three_times(TrainingWork(folder, base, SETTLED), base)
    assert direct == shell == python
    assert direct.train == train
    assert (direct.targets, direct.name) == (targets, "discs: 2")


def test_the_command_says_only_what_is_not_as_usual(folder):
    base = RunConfig(train=TrainConfig(minutes=5.0), start_from=AUTOMATIC, name="discs")
    work = TrainingWork(folder, base)
    assert work.command() == (
        'napari-unet train --annotations "my annotations" --run discs --ndim 2 --minutes 5.0'
    )
    assert "RunConfig(train=TrainConfig(minutes=5.0), start_from='automatic', name='discs')" in (
        work.python()
    )


@pytest.mark.parametrize(
    ("preset", "start_from"), [*((name, None) for name in PRESETS), ("compact", AUTOMATIC)]
)
@pytest.mark.parametrize("ndim", [2, 3])
def test_networks_that_know_nothing(preset, start_from, ndim):
    base = RunConfig(model=PRESETS[preset].replace(ndim=ndim), start_from=start_from, name="one")
    work = TrainingWork("here", base)
    names = {}
    exec(work.python().split("\nready")[0].replace("read_annotations('here')", "None"), names)
    assert names["base"] == base
    asked = build_parser().parse_args(shlex.split(work.command())[1:])
    assert _base(asked, [], None).replace(name="one") == base
