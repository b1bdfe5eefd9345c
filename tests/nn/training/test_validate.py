"""Validation on whole images, however small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from napari_unet.core.config import ModelConfig
from napari_unet.core.progress import drive
from napari_unet.nn.model import Model, seeded_network
from napari_unet.nn.training.validate import pooled_figures, score_sample
from napari_unet.runs.config import RunConfig
from napari_unet.runs.sample import Sample
from quick_runs import discs


@pytest.mark.parametrize("shape", [(6, 60), (60, 6), (3, 3), (9, 10), (3, 20, 20)])
def test_what_is_smaller_than_the_network_can_segment_is_mirrored(shape):
    config = ModelConfig(ndim=len(shape), features=2, depth=3)
    model = Model("tiny", seeded_network(config, 3).eval())
    image = np.random.default_rng(0).random((1, *shape), np.float32)
    sample = Sample("small", image, (image[0] > 0.5).astype(np.uint8), validation=True)
    score = drive(score_sample(model, sample, RunConfig(model=config)))
    assert score.found.shape == shape
    assert score.classes is not None


def test_a_flood_is_seen_and_is_not_what_is_usual():
    config = ModelConfig(features=2, depth=2, height=False)
    network = seeded_network(config, 3).eval()
    with torch.no_grad():
        network.head.weight.zero_()
        network.head.bias.copy_(torch.tensor([-3.0, 3.0]))
    model = Model("flood", network)
    one = discs(0)
    alone = replace(one, validation=True, ignored=one.labels == 0)
    score = drive(score_sample(model, alone, RunConfig(model=config)))
    assert score.flooded
    assert score.instances.at(0.5).ap == 0
    figures = pooled_figures([score])
    assert figures["flooded"] == 1
    assert figures["known"]["covered"] == pytest.approx((one.labels > 0).mean())
