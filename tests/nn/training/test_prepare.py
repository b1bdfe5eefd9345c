"""Annotated images become a training that can begin, or are told what keeps it from that."""

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import ModelConfig, TrainConfig
from napari_unet.core.errors import UserError
from napari_unet.nn.model import load_model
from napari_unet.nn.training.prepare import prepare
from napari_unet.nn.training.train import train
from napari_unet.runs.config import RunConfig
from napari_unet.runs.create import create_run
from shapes import make_image, make_labels

SHAPE = ModelConfig(features=2, depth=2)
QUICK = TrainConfig(epochs=1, steps=1, batch=2)


@pytest.fixture
def annotated():
    """Three pictures with pixels of 0.5 x 0.25 µm, annotated everywhere."""
    labels = [np.roll(make_labels(2), 3 * seed, axis=0) for seed in range(3)]
    return [
        AnnotatedImage(
            str(seed), make_image(each, seed)[np.newaxis], "CYX", Annotation(each), (0.5, 0.25)
        )
        for seed, each in enumerate(labels)
    ]


def test_it_is_trained_as_it_was_prepared(tmp_path, annotated):
    ready = prepare(annotated, RunConfig(model=SHAPE, train=QUICK, name="mine"))
    assert not [finding for finding in ready.findings if finding.level == "error"]
    assert [sample.name for sample in ready.samples] == ["0", "1", "2"]
    assert ready.config.targets.spacing == pytest.approx(annotated[0].voxel(2))
    assert ready.config.train != QUICK  # patch, batch and zoom follow the data
    create_run(tmp_path / "run", ready.samples, ready.config)
    assert load_model(train(tmp_path / "run").model).name == "mine"


def test_what_the_user_settles_stays(annotated, small_model):
    base = RunConfig(start_from=str(small_model))
    ready = prepare(annotated, base, ["nucleus"], QUICK)
    assert ready.config.train == QUICK
    assert ready.config.model == SHAPE.replace(classes=("nucleus",))


def test_classes_are_learnt_from_a_model_with_height(annotated, small_model):
    base = RunConfig(model=SHAPE.replace(height=False), semantic=True, start_from=str(small_model))
    model = prepare(annotated, base).config.model
    assert model == SHAPE.replace(height=False, classes=model.classes)


def test_an_error_in_the_annotations_leaves_no_training(annotated):
    empty = Annotation(np.zeros_like(annotated[0].annotation.instances))
    nothing = [AnnotatedImage("a", annotated[0].image, "CYX", empty)]
    found = prepare(nothing, RunConfig(model=SHAPE))
    assert found.config is None
    assert any(finding.level == "error" for finding in found.findings)


def test_no_image_is_told():
    with pytest.raises(UserError, match="no image to learn from"):
        prepare([])


class ReadOnDemand:
    """An image that counts how often it is read."""

    def __init__(self, pixels):
        self.pixels, self.reads = pixels, 0
        self.shape, self.dtype, self.ndim = pixels.shape, pixels.dtype, pixels.ndim

    def __getitem__(self, where):
        self.reads += 1
        return self.pixels[where]


def test_an_image_is_looked_at_once_whatever_patch_is_chosen(annotated):
    def reads(train):
        image = ReadOnDemand(annotated[0].image)
        first = AnnotatedImage("lazy", image, "CYX", annotated[0].annotation)
        ready = prepare([first, *annotated[1:]], RunConfig(model=SHAPE, train=QUICK), train=train)
        return image.reads, ready.config.train.patch != QUICK.patch

    (settled, same), (chosen, other) = reads(QUICK), reads(None)
    assert not same
    assert other
    assert settled == chosen
