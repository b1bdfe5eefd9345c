"""Stop is heeded inside of what takes long, not only when it is over."""

import numpy as np
import pytest
import torch

from napari_unet.core.config import DecodeConfig, LinkConfig, ModelConfig, SizeConfig, TileConfig
from napari_unet.core.decoding.decode import decode
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.image.planes import arrange
from napari_unet.core.image.resample import resampled
from napari_unet.core.instances.link import link
from napari_unet.core.progress import Progress, Stop, drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.nn.device import choose_device
from napari_unet.nn.model import Model, seeded_network
from napari_unet.nn.prediction import predictor
from napari_unet.nn.prediction.match_size import matched_steps
from napari_unet.nn.prediction.predict import predict_steps
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.suggest import suggest_steps
from napari_unet.nn.prediction.tile_loop import plan_tiles

RANDOM = np.random.default_rng(0)


def image_of(shape):
    """Noise and a bright half: noise alone would be an empty field."""
    image = RANDOM.random(shape, np.float32)
    image[..., : shape[-1] // 2] += 5
    return image


def model_of(ndim):
    return Model("small", seeded_network(ModelConfig(ndim=ndim, features=4, depth=2), 1).eval())


@pytest.fixture
def layers(monkeypatch):
    """How many convolutions have been computed."""
    done = []
    for kind in (torch.nn.Conv2d, torch.nn.Conv3d):
        forward = kind.forward
        count = lambda self, x, forward=forward: done.append(1) or forward(self, x)  # noqa: E731
        monkeypatch.setattr(kind, "forward", count)
    return done


def long_work(ndim):
    model = model_of(ndim)
    model = Model(model.name, model.network, sizes=Sizes(object=8.0))
    planes = arrange(image_of((64,) * ndim), "ZYX"[-ndim:], ndim, 1)
    size = SizeConfig(match="object size")
    return {
        "segment": predict_steps(planes, model, TileConfig()),
        "quick pass": matched_steps(planes, model, size, None, TileConfig()),
        "suggest": suggest_steps(planes.image, model, SegmentRequest(axes=planes.axes)),
    }


@pytest.mark.parametrize("work", ["segment", "quick pass", "suggest"])
def test_a_pass_through_the_network_ends_between_two_layers(ndim, work, layers):
    with pytest.raises(Stop):
        drive(long_work(ndim)[work], stop_requested=lambda: len(layers) >= 3)
    assert len(layers) == 3


PROBABLE = np.stack([np.zeros((600, 600), np.float32), RANDOM.random((600, 600), np.float32)])
PROBABLE[0] = 1 - PROBABLE[1]


@pytest.mark.parametrize(
    "compute",
    [
        lambda: decode(PROBABLE, None, DecodeConfig()),
        lambda: link(RANDOM.integers(0, 9, (9, 20, 20)), "ZYX", 2, LinkConfig(planes=True)),
        lambda: resampled(PROBABLE[1], (300, 300)),
    ],
    ids=["decode", "link", "resample"],
)
def test_work_on_a_large_plane_ends_between_its_parts(compute):
    asked, ended = [], []

    def steps():
        yield Progress("computing")
        compute()
        ended.append(True)

    def never():
        asked.append(1)
        return False

    drive(steps(), stop_requested=never)
    often = len(asked)
    assert often > 8
    assert ended.pop()
    for after in (2, often // 2, often - 1):
        asked.clear()
        with pytest.raises(Stop):
            drive(steps(), stop_requested=lambda after=after: never() or len(asked) >= after)
        assert not ended


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_tile_whose_layers_would_take_long_is_cut_with_the_same_output(ndim, monkeypatch):
    model, shape = model_of(ndim), {2: (128, 120), 3: (64, 64, 60)}[ndim]
    image = image_of(shape)
    planes = arrange(image, "ZYX"[-ndim:], ndim, 1)
    whole = drive(predict_steps(planes, model, TileConfig()))
    region = tuple((0, size) for size in shape)
    ready = Predictor(model.network, choose_device("cpu"), TileConfig())
    assert plan_tiles(ready, region, shape) == [region]
    monkeypatch.setattr(predictor, "_MOST_WORK", image.size * 2 * 4**2 * 3**ndim // 2)
    cut = plan_tiles(ready, region, shape)
    assert len(cut) > 1
    monkeypatch.setattr(predictor, "_MOST_WORK", 1)
    context = [ready.window(tile, shape)[0] for tile in plan_tiles(ready, region, shape)]
    pixels = sum(np.prod([stop - start for start, stop in window]) for window in context)
    assert pixels < 6 * image.size  # it is not cut into crumbs
    parts = drive(predict_steps(planes, model, TileConfig()))
    np.testing.assert_allclose(parts.probabilities, whole.probabilities, atol=1e-4)
