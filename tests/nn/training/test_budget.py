"""How long a training is, and how it goes on with less memory."""

from __future__ import annotations

import pytest

from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.budget import _SLACK as SLACK
from napari_unet.nn.training.budget import fitted, smaller


def test_with_one_patch_the_patch_is_halved_until_it_is_small():
    config = TrainConfig(batch=1, patch=512)
    halved, told = smaller(config, (192, 160))
    assert (halved.batch, halved.patch) == (1, 96)
    assert "patches of 96 pixels" in told
    with pytest.raises(UserError, match="one small patch"):
        smaller(config.replace(patch=40), (40, 40))


@pytest.mark.parametrize("validating", [0.0, 0.5, 30.0])
def test_epochs_and_steps_fill_the_time_and_no_more(validating):
    fixed = fitted(TrainConfig(minutes=2), 100.0, 0.4, validating)
    assert fixed.minutes == 2
    taken = fixed.epochs * (fixed.steps / SLACK * 0.4 + validating)
    assert 90 < taken <= 100
    assert fixed.epochs * validating <= 30


def test_with_no_time_at_all_there_is_one_epoch():
    fixed = fitted(TrainConfig(minutes=0.1), -3.0, 0.4, 5.0)
    assert (fixed.epochs, fixed.steps) == (1, 50)
