"""Open background is pale for every preset, and gaps burn."""

import numpy as np
import pytest

from napari_unet.core.config import TargetConfig
from napari_unet.core.targets.targets import instance_target
from napari_unet.ui.weights.heat import heat_scale

OBJECTS = np.zeros((80, 120), np.uint32)
OBJECTS[10:40, 10:35], OBJECTS[10:40, 37:60] = 1, 2


def shown(config, values, factors=None):
    """RGBA of each pixel, as napari shows a map."""
    scale = heat_scale(config, values, factors)
    return scale.colormap().map((values / scale.highest).clip(0, 1))


@pytest.mark.parametrize("balance", [False, True])
@pytest.mark.parametrize("border", ["ronneberger2015", "falk2019", "none"])
@pytest.mark.parametrize("w0", [0.0, 1.0, 10.0, 100.0])
def test_open_background_is_pale(border, balance, w0):
    config = TargetConfig(border=border, class_balance=balance, w0=w0)
    values = instance_target(OBJECTS, None, config).weight
    factors = values[-1, -1] / (0.1 if border == "falk2019" else 1)
    for known in (None, np.array([factors])) if balance else (None,):
        red, green, blue, alpha = shown(config, values, known)[-1, -1]
        assert min(red, green) > 0.9
        assert blue > 0.6
        assert 0.05 < alpha < 0.2


@pytest.mark.parametrize("border", ["ronneberger2015", "falk2019"])
def test_gaps_burn(border):
    config = TargetConfig(border=border)
    gap = shown(config, instance_target(OBJECTS, None, config).weight)[25, 35]
    assert gap[3] > 0.7
    assert gap[2] < 0.2


def test_what_weighs_nothing_is_clear():
    values = np.array([[0.0, 0.1, 1.0]], np.float32)
    alpha = shown(TargetConfig(border="falk2019"), values)[0, :, 3]
    assert alpha[0] == 0
    assert alpha[1] > 0.1
