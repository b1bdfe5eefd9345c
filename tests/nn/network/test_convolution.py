"""What a network learns from in half precision is what it learns from in full."""

import pytest
import torch

from napari_unet.core.config import ModelConfig
from napari_unet.nn.model import seeded_network


def gradients(network, image, *, bfloat16):
    network.zero_grad()
    # of memory that nobody has written to it is seen at once
    used = [torch.full((4**power,), 1e30) for power in range(2, 11)]
    del used
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        output = network(image)
    output.float().square().mean().backward()
    return [each.grad.clone() for each in network.parameters()]


@pytest.mark.parametrize("depth", [2, 4, 6])
def test_flat_volumes_give_the_same_gradients_in_bfloat16(depth):
    """At the coarsest level they are 1, 2 and 3 planes."""
    config = ModelConfig(ndim=3, features=16, depth=1, norm="none")
    network = seeded_network(config, 0).placed(torch.device("cpu"))
    image = torch.rand(2, 1, depth, 16, 16, generator=torch.Generator().manual_seed(0))
    right = gradients(network, image, bfloat16=False)
    for found, wanted in zip(gradients(network, image, bfloat16=True), right, strict=True):
        assert (found - wanted).norm() < 0.1 * wanted.norm()
