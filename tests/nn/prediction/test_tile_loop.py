"""Tiles are halved when memory runs out, and what was learnt is not learnt again."""

import numpy as np
import pytest
import torch

from napari_unet.core.config import ModelConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.tiles import read_window
from napari_unet.nn.device import Device, choose_device
from napari_unet.nn.model import seeded_network
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.tile_loop import Tile, plan_tiles, predict_region, run_tiles

IMAGE = np.random.default_rng(0).random((1, 90, 77), dtype=np.float32)
SHAPE = IMAGE.shape[1:]
WHOLE = tuple((0, size) for size in SHAPE)


class Gpu(Device):
    """Takes several tiles at once, as a GPU does, and is none."""

    @property
    def torch(self):
        return torch.device("cpu")

    def free_memory(self):
        return 2**40


GPU = Gpu("cuda", "GPU", "It is the fastest.", False)


@pytest.fixture
def network():
    return seeded_network(ModelConfig(features=2, depth=2), 0).eval()


def read(window):
    return read_window(IMAGE, window)


@pytest.mark.parametrize("region", [WHOLE, ((8, 60), (4, 77)), ((3, 41), (30, 31))])
def test_a_region_is_a_part_of_the_whole(network, region):
    predictor = Predictor(network, choose_device("cpu"), TileConfig(tile=24))
    whole = Predictor(network, choose_device("cpu"), TileConfig())
    expected = predict_region(whole, WHOLE, SHAPE, read)
    inside = tuple(slice(*cut) for cut in region)
    found = predict_region(predictor, region, SHAPE, read)
    np.testing.assert_allclose(found, expected[(slice(None), *inside)], atol=1e-5)


def test_memory_runs_out_once_for_a_network(network, short_of_memory):
    for _ in range(3):
        predictor = Predictor(network, choose_device("cpu"), TileConfig())
        assert predict_region(predictor, WHOLE, SHAPE, read).shape == (3, *SHAPE)
    assert short_of_memory.failed == 2  # the whole image, and its half
    other = Predictor(network, choose_device("cpu"), TileConfig())
    assert all(Tile(0, region).pixels <= 3000 for region in plan_tiles(other, WHOLE, SHAPE))


def test_only_tiles_that_are_too_large_are_halved(network, short_of_memory):
    predictor = Predictor(network, choose_device("cpu"), TileConfig())
    small, large = ((0, 20), (0, 20)), ((20, 90), (0, 77))
    done = list(run_tiles(predictor, [Tile(0, large), Tile(0, small)], SHAPE, lambda _, w: read(w)))
    assert [len(each.outputs) for each in done] == [0, 1, 1, 1]
    assert [each.left for each in done] == [3, 2, 1, 0]
    assert done[-1].outputs[0][0] == Tile(0, small)


def test_a_batch_is_halved_before_its_tiles(network, short_of_memory):
    short_of_memory.limit = 3100
    predictor = Predictor(network, GPU, TileConfig())
    tiles = [Tile(plane, ((0, 32), (0, 32))) for plane in range(7)]
    for counts in ([0, 3, 3, 1], [3, 3, 1]):
        done = run_tiles(predictor, tiles, (32, 32), lambda _, window: read(window))
        assert [len(each.outputs) for each in done] == counts


def test_after_nothing_sufficed_the_next_try_begins_anew(network, short_of_memory):
    short_of_memory.limit = 0
    predictor = Predictor(network, choose_device("cpu"), TileConfig())
    with pytest.raises(UserError, match=r"Memory does not suffice.*close other programs\.$"):
        predict_region(predictor, WHOLE, SHAPE, read)
    short_of_memory.limit = 10**6
    before = short_of_memory.failed
    predict_region(predictor, WHOLE, SHAPE, read)
    assert len(plan_tiles(predictor, WHOLE, SHAPE)) == 1
    assert short_of_memory.failed == before


def test_on_a_gpu_the_cpu_is_proposed(network, short_of_memory):
    short_of_memory.limit = 0
    with pytest.raises(UserError, match=r"or choose the CPU as device\.$"):
        predict_region(Predictor(network, GPU, TileConfig()), WHOLE, SHAPE, read)
