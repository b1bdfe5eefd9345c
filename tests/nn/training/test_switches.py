"""Whatever is switched off changes the loss, and only what it should in what is learnt from."""

import numpy as np
import pytest
import torch

from napari_unet.core.config import ModelConfig, TargetConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.model import seeded_network
from napari_unet.nn.training.loss import loss
from napari_unet.nn.training.patches import Patches, class_factors, training_image
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from shapes import make_image, make_labels

CPU = torch.device("cpu")
GREY = ({"intensity": 0}, {"blur": 0}, {"noise": 0})
PLACE = ({"rotate": False}, {"flip": False}, {"zoom": 1}, {"elastic": 0})
TERMS = ({"cross_entropy": 0}, {"dice": 0}, {"height": 0})


def first_batch(ndim, train=None, targets=None):
    """The first batch that a training would draw, and its untrained network's loss."""
    labels = make_labels(ndim).astype(np.int32)
    sample = Sample("one", make_image(labels)[np.newaxis], labels)
    model = ModelConfig(ndim=ndim, features=2, depth=1)
    config = RunConfig(model=model, train=TrainConfig(batch=8, **(train or {})))
    config = config.replace(targets=TargetConfig(**(targets or {})))
    image = training_image(sample, config)
    factors = class_factors([image], 2) if config.targets.class_balance else None
    size = (16, 32, 32)[-ndim:]
    batch = Patches([image], config.train, size, size, factors).draw(0, CPU)
    with torch.no_grad():
        output = seeded_network(model, 0).eval()(batch.image)
    return batch, float(loss(output, batch, 2, config.train))


def same(one, other):
    names = ("image", "semantic", "height", "weight")
    return {name for name in names if torch.equal(getattr(one, name), getattr(other, name))}


@pytest.mark.parametrize("off", [*GREY, *PLACE, *TERMS], ids=lambda off: next(iter(off)))
def test_each_switch_of_training(ndim, off):
    on, loss_on = first_batch(ndim)
    changed, loss_off = first_batch(ndim, off)
    assert loss_on != loss_off
    if off in TERMS:
        assert same(on, changed) == {"image", "semantic", "height", "weight"}
        assert loss_off < loss_on
    elif off in GREY:
        assert same(on, changed) == {"semantic", "height", "weight"}
    else:
        assert same(on, changed) == set()


@pytest.mark.parametrize("change", [{"border": "none"}, {"w0": 0}, {"class_balance": True}])
def test_each_switch_of_the_weight_map(ndim, change):
    on, loss_on = first_batch(ndim)
    changed, loss_off = first_batch(ndim, targets=change)
    assert same(on, changed) == {"image", "semantic", "height"}
    assert loss_on != loss_off
    if "class_balance" not in change:
        torch.testing.assert_close(changed.weight, torch.ones_like(changed.weight))
        assert (on.weight >= changed.weight - 1e-5).all()
