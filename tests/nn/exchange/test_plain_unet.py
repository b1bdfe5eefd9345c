"""The source that packages carry is the same network as ours."""

import pytest
import torch

from napari_unet.core.config import PRESETS, ModelConfig
from napari_unet.nn.exchange.network import plain_network
from napari_unet.nn.model import seeded_network

SHAPES = {
    "compact": ModelConfig(features=4, depth=3),
    "no height, no norm": ModelConfig(features=4, depth=2, height=False, norm="none"),
    "paper": PRESETS["ronneberger2015"].replace(features=4, depth=3),
    "valid, interpolated": ModelConfig(features=4, depth=3, padding="valid"),
    "volume": ModelConfig(ndim=3, features=2, depth=2, classes=("a", "b")),
    "flat voxels": ModelConfig(
        ndim=3,
        features=2,
        depth=2,
        in_channels=2,
        pool=((1, 2, 2), (2, 2, 2)),
        kernel=((1, 3, 3), (3, 3, 3), (3, 3, 3)),
    ),
    "flat voxels, valid": ModelConfig(
        ndim=3,
        features=2,
        depth=2,
        padding="valid",
        up="transpose",
        pool=((1, 2, 2), (1, 3, 2)),
        kernel=((1, 3, 3), (1, 3, 3), (3, 3, 3)),
    ),
}


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
def test_says_the_same(config):
    network = seeded_network(config, 1).eval()
    plain = plain_network(network)
    size = [axis.input_size(axis.stride + 1) for axis in network.geometry]
    image = torch.randn(2, config.in_channels, *size)
    with torch.inference_mode():
        ours, theirs = network(image), plain(image)
    probabilities, *height = theirs if config.height else (theirs,)
    classes = config.num_classes
    torch.testing.assert_close(probabilities, ours[:, :classes].softmax(1))
    torch.testing.assert_close(torch.cat([probabilities[:, :0], *height], 1), ours[:, classes:])
