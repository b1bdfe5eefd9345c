"""The network: its size, and what it says about its own geometry."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.config import PRESETS, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.nn.model import seeded_network
from napari_unet.nn.network.fold import fold_batch_norm
from napari_unet.nn.network.unet import UNet

SMALL = {
    "same": ModelConfig(features=2, depth=2),
    "same, transposed": ModelConfig(features=2, depth=3, up="transpose"),
    "valid": ModelConfig(features=2, depth=2, padding="valid", norm="none", up="transpose"),
    "valid, interpolated": ModelConfig(features=2, depth=2, padding="valid"),
    "3D": ModelConfig(ndim=3, features=2, depth=1),
    "3D, anisotropic": ModelConfig(ndim=3, features=2, depth=2, pool=((1, 2, 2), (2, 2, 2))),
    "3D, flat": ModelConfig(
        ndim=3,
        features=2,
        depth=2,
        pool=((2, 1, 2), (2, 2, 1)),
        kernel=((3, 1, 3), (3, 3, 1), (3, 3, 3)),
        up="transpose",
    ),
    "3D, flat and valid": ModelConfig(
        ndim=3,
        features=2,
        depth=2,
        padding="valid",
        pool=((2, 2, 1), (2, 1, 2)),
        kernel=((3, 3, 1), (3, 1, 3), (3, 3, 1)),
    ),
}
small_networks = pytest.mark.parametrize("config", SMALL.values(), ids=SMALL.keys())


def fitting_input(network: UNet, output: int, count: int = 1) -> torch.Tensor:
    sizes = [axis.input_size(output) for axis in network.geometry]
    return torch.randn(count, network.config.in_channels, *sizes)


def test_the_network_of_2015():
    network = UNet(PRESETS["ronneberger2015"])
    assert sum(parameter.numel() for parameter in network.parameters()) == 31_030_658
    axis = network.geometry[0]
    assert axis.input_size(388) == 572
    assert axis.output_size(572) == 388
    assert axis.stride == 16


def test_the_2015_network_crops_572_to_388():
    narrow = PRESETS["ronneberger2015"].replace(features=1)
    assert UNet(narrow)(torch.zeros(1, 1, 572, 572)).shape == (1, 2, 388, 388)


@pytest.mark.parametrize(("depth", "halo"), [(3, 46), (4, 94)])
def test_receptive_field_with_transposed_convolutions(depth, halo):
    network = UNet(ModelConfig(features=1, depth=depth, up="transpose"))
    assert network.geometry[0].halo == halo


@small_networks
def test_output_has_a_channel_per_class_and_one_for_height(config):
    config = config.replace(classes=("nucleus", "border"), in_channels=2)
    network = UNet(config)
    x = fitting_input(network, 40, count=3)
    sizes = [axis.output_size(n) for axis, n in zip(network.geometry, x.shape[2:], strict=True)]
    assert network(x).shape == (3, 4, *sizes)
    assert UNet(config.replace(height=False))(x).shape == (3, 3, *sizes)


@small_networks
@settings(max_examples=20)
@given(output=st.integers(1, 300))
def test_input_size_is_the_smallest_that_gives_enough(config, output):
    for axis in UNet(config).geometry:
        size = axis.input_size(output)
        assert output <= axis.output_size(size)
        smaller = axis.input_size(max(1, output - axis.stride))
        assert smaller in (size, size - axis.stride)


@small_networks
def test_a_size_that_does_not_fit_is_refused_with_the_next_that_does(config):
    network = UNet(config)
    x = fitting_input(network, 30)
    with pytest.raises(UserError, match="the next size it takes"):
        network(torch.nn.functional.pad(x, (0, 1)))


@pytest.mark.parametrize("index", [0, 1, -1])
@small_networks
def test_nothing_beyond_the_halo_changes_the_output(config, index):
    network = seeded_network(config.replace(features=6), 0).double().eval()
    axis = network.geometry[index]
    sizes = [other.input_size(1) for other in network.geometry]
    sizes[index] = axis.input_size(2 * axis.halo + 3 * axis.stride)
    x = torch.ones(1, 1, *sizes).double().requires_grad_()
    y = network(x).movedim(range(2, x.ndim)[index], -1)
    start = (y.shape[-1] // 2) // axis.stride * axis.stride
    y[..., start : start + axis.stride].square().sum().backward()
    gradient = x.grad.abs().movedim(range(2, x.ndim)[index], -1)
    touched = gradient.amax(dim=tuple(range(x.ndim - 1))).nonzero().flatten() - axis.lead
    assert touched.min() >= start - axis.halo
    assert touched.max() < start + axis.stride + axis.halo


def test_where_convolutions_are_flat_and_nothing_is_halved_planes_do_not_see_each_other():
    flat = ModelConfig(ndim=3, depth=1, pool=((1, 2, 2),), kernel=((1, 3, 3), (1, 3, 3)))
    depth, row, column = UNet(flat.replace(features=1)).geometry
    assert depth.halo == 0
    assert row.halo == column.halo > 0


@small_networks
def test_a_kept_part_equals_the_same_part_of_the_whole(config):
    network = seeded_network(config, 0).eval()
    x = fitting_input(network, 70)
    with torch.inference_mode():
        whole = network(x)
        kept = tuple((axis.stride, 5 * axis.stride) for axis in network.geometry)
        part = network(x, kept)
    expected = whole[(..., *(slice(*axis) for axis in kept))]
    torch.testing.assert_close(part, expected, atol=1e-5, rtol=1e-5)


@small_networks
def test_folding_batch_norm_changes_nothing(config):
    network = seeded_network(config, 0)
    x = fitting_input(network, 40, count=2)
    network.train()
    for _ in range(3):
        network(x)
    network.eval()
    folded = fold_batch_norm(network)
    assert not any("running_mean" in key for key in folded.state_dict())
    with torch.inference_mode():
        torch.testing.assert_close(folded(x), network(x), atol=1e-5, rtol=1e-4)


def test_features_double_up_to_their_limit():
    network = UNet(ModelConfig(features=4, max_features=10, depth=3))
    assert [level[0].out_channels for level in network.encoder] == [4, 8, 10, 10]
