"""Batch norm and loss of a batch in parts: statistics, output and gradients of the whole batch.

Threads stand in for processes: nothing but a sum goes between them.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from napari_unet.core.config import IGNORE, ModelConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.network.unet import UNet
from napari_unet.nn.training.loss import Batch, loss
from napari_unet.nn.training.shared_norm import share_norms


class Circle:
    """As many threads as there are parts, which sum up what they have."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._barrier = threading.Barrier(count, timeout=30)
        self._values: list[Tensor | None] = [None] * count

    def run(self, job) -> list:
        """Call ``job(rank, total)`` in every thread."""
        with ThreadPoolExecutor(self.count) as pool:
            return list(pool.map(lambda rank: job(rank, self._total_of(rank)), range(self.count)))

    def _total_of(self, rank: int):
        def total(values: Tensor) -> Tensor:
            self._values[rank] = values.detach()
            self._barrier.wait()
            summed = torch.stack(self._values).sum(0)
            self._barrier.wait()
            return values + (summed - values).detach()  # the gradient passes as it is

        return total


def a_batch(count: int, ndim: int, seed: int = 0) -> Batch:
    chance = torch.Generator().manual_seed(seed)
    shape = (count, *[8, 12, 8][:ndim])
    semantic = torch.randint(0, 2, shape, generator=chance)
    semantic[torch.rand(shape, generator=chance) < 0.1] = IGNORE
    image = 3 + 2 * torch.randn((count, 2, *shape[1:]), generator=chance)
    height, weight = (torch.rand(shape, generator=chance) for _ in range(2))
    return Batch(image, semantic, height, weight)


def part(batch: Batch, rank: int, count: int) -> Batch:
    size = len(batch.image) // count
    mine = slice(rank * size, (rank + 1) * size)
    return Batch(batch.image[mine], batch.semantic[mine], batch.height[mine], batch.weight[mine])


def trained_once(network: nn.Module, batch: Batch, total=lambda values: values) -> Tensor:
    value = loss(network(batch.image), batch, 2, TrainConfig(), total)
    value.backward()
    return value.detach()


@settings(max_examples=10)
@given(count=st.integers(2, 3), each=st.integers(1, 2), seed=st.integers(0, 9))
@pytest.mark.parametrize("ndim", [2, 3])
def test_parts_of_a_batch_give_loss_and_gradients_of_the_whole(ndim, count, each, seed):
    config = ModelConfig(ndim=ndim, features=2, depth=2, in_channels=2)
    batch = a_batch(count * each, ndim, seed)
    torch.manual_seed(seed)
    whole = UNet(config).placed(torch.device("cpu")).double()
    parts = [UNet(config).placed(torch.device("cpu")).double() for _ in range(count)]
    batch = replace(batch, image=batch.image.double())

    def job(rank: int, total) -> Tensor:
        parts[rank].load_state_dict(whole.state_dict())
        share_norms(parts[rank], total, count)
        return trained_once(parts[rank], part(batch, rank, count), total)

    values = Circle(count).run(job)
    expected = trained_once(whole, batch)
    for value in values:
        torch.testing.assert_close(value, expected)
    for index, parameter in enumerate(whole.parameters()):
        gradient = sum(list(network.parameters())[index].grad for network in parts)
        torch.testing.assert_close(gradient, parameter.grad, rtol=1e-4, atol=1e-6)
    for network in parts:
        for name, kept in whole.named_buffers():
            torch.testing.assert_close(network.get_buffer(name), kept)
