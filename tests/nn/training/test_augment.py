"""One field, one resampling: a known point lands where the field says."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.image.tiles import reflected
from napari_unet.core.train_config import TrainConfig
from napari_unet.nn.training.augment import draw_field, resample, vary_grey

OFF = TrainConfig(rotate=False, flip=False, zoom=1, elastic=0, intensity=0, blur=0, noise=0)


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def patch(ndim, size=11):
    return (size - 2, size, size)[-ndim:]


@pytest.mark.parametrize("ndim", [2, 3])
def test_with_everything_off_the_patch_is_what_it_was(ndim):
    size = patch(ndim)
    maps = torch.rand(2, 3, *size)
    field = draw_field(2, size, OFF, chance())
    middle = torch.tensor([(length - 1) / 2 for length in size])
    for mode in ("bilinear", "nearest"):
        torch.testing.assert_close(resample(maps, field + middle, mode), maps, atol=1e-4, rtol=0)
    assert torch.equal(vary_grey(maps, OFF, chance()), maps)


@pytest.mark.parametrize("ndim", [2, 3])
def test_rotation_keeps_distances_and_leaves_depth_alone(ndim):
    size = patch(ndim)
    still = draw_field(4, size, OFF, chance())
    field = draw_field(4, size, OFF.replace(rotate=True), chance())
    torch.testing.assert_close(field.norm(dim=-1), still.norm(dim=-1))
    if ndim == 3:
        torch.testing.assert_close(field[..., 0], still[..., 0])
    # a right hand stays one
    steps = [field.diff(dim=axis).flatten(1, ndim)[:, 0, -2:] for axis in (ndim - 1, ndim)]
    turn = steps[0][:, 0] * steps[1][:, 1] - steps[0][:, 1] * steps[1][:, 0]
    torch.testing.assert_close(turn, torch.ones(4))
    assert field[:, 0].std() > 1


@pytest.mark.parametrize("ndim", [2, 3])
def test_zoom_scales_all_axes_alike_within_its_range(ndim):
    size = patch(ndim)
    still = draw_field(50, size, OFF, chance())
    field = draw_field(50, size, OFF.replace(zoom=1.5), chance())
    corner = (slice(None), *[0] * ndim)
    factors = field[corner] / still[corner]
    torch.testing.assert_close(factors, factors[:, :1].expand(-1, ndim))
    assert factors.min() >= 1 / 1.5
    assert factors.max() <= 1.5
    assert factors.min() < 0.9
    assert factors.max() > 1.1


@pytest.mark.parametrize("ndim", [2, 3])
def test_mirroring_gives_every_combination_of_axes(ndim):
    size = patch(ndim)
    maps = torch.rand(1, 1, *size).expand(80, -1, *[-1] * ndim)
    field = draw_field(80, size, OFF.replace(flip=True), chance())
    middle = torch.tensor([(length - 1) / 2 for length in size])
    found = resample(maps, field + middle, "bilinear")
    axes = range(1, ndim + 1)
    flips = itertools.chain(*(itertools.combinations(axes, n) for n in range(ndim + 1)))
    for flip in flips:
        flipped = maps[0].flip(flip)
        assert any(torch.allclose(one, flipped, atol=1e-4) for one in found)


@pytest.mark.parametrize("ndim", [2, 3])
def test_elastic_deformation_is_smooth_and_as_strong_as_asked(ndim):
    size = (33,) * ndim
    still = draw_field(20, size, OFF, chance())
    moved = draw_field(20, size, OFF.replace(elastic=4), chance()) - still
    assert 2 < moved.std() < 5
    for axis in range(1, ndim + 1):
        assert moved.diff(dim=axis).abs().max() < 3


@pytest.mark.parametrize("mode", ["bilinear", "nearest"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_a_point_is_read_where_it_lies(ndim, mode):
    maps = torch.zeros(1, 1, *(5, 7, 9)[-ndim:])
    point = (2, 3, 6)[-ndim:]
    maps[(0, 0, *point)] = 1
    positions = torch.tensor(point, dtype=torch.float32).reshape(1, *[1] * ndim, ndim)
    assert float(resample(maps, positions, mode)) == pytest.approx(1, abs=1e-5)
    beside = positions.clone()
    beside[..., -1] += 1
    assert float(resample(maps, beside, mode)) == pytest.approx(0, abs=1e-5)


@settings(deadline=None)
@given(st.integers(-12, 20), st.integers(1, 9), st.sampled_from([2, 3]))
def test_beyond_the_edge_maps_are_reflected_as_tiles_are(position, size, ndim):
    line = torch.rand(size)
    maps = line.expand(1, 1, *[3] * (ndim - 1), size).contiguous()
    positions = torch.ones(1, *[1] * ndim, ndim)
    positions[..., -1] = position
    expected = line[int(reflected(torch.tensor([position]).numpy(), size)[0])]
    found = float(resample(maps, positions, "bilinear"))
    assert found == pytest.approx(float(expected), abs=1e-4)


EACH = {"intensity": 0.3, "blur": 1.0, "noise": 0.1}


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("ndim", [2, 3])
def test_grey_values_vary_and_stay_finite(ndim, name):
    images = torch.rand(8, 2, *[12] * ndim)
    before = images.clone()
    config = OFF.replace(**{name: EACH[name]})
    varied = vary_grey(images, config, chance())
    assert varied.shape == images.shape
    assert varied.isfinite().all()
    assert not torch.equal(varied, images)
    assert torch.equal(images, before)
    assert torch.equal(varied, vary_grey(images, config, chance()))


@pytest.mark.parametrize("ndim", [2, 3])
def test_blur_spreads_a_point_evenly(ndim):
    images = torch.zeros(30, 1, *[15] * ndim)
    middle = (slice(None), 0, *[7] * ndim)
    images[middle] = 1
    blurred = vary_grey(images, OFF.replace(blur=1), chance())
    torch.testing.assert_close(blurred.flatten(1).sum(1), torch.ones(30))
    for axis in range(2, ndim + 2):
        torch.testing.assert_close(blurred, blurred.flip(axis))
    left_alone = (blurred[middle] == 1).sum()
    assert 0 < left_alone < 30


FLAT = (3.0, 1.0, 1.0)


def in_the_world(field, spacing):
    return field * torch.tensor(spacing)


@pytest.mark.parametrize("spacing", [FLAT, (1.0, 2.0), (1.0, 1.0, 1.2)])
def test_turning_keeps_distances_in_the_world_and_not_in_voxels(spacing):
    size = patch(len(spacing))
    turned = draw_field(4, size, OFF.replace(rotate=True), chance(), spacing)
    still = draw_field(4, size, OFF, chance(), spacing)
    one, other = (in_the_world(field, spacing).norm(dim=-1) for field in (turned, still))
    torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-4)


def test_only_volumes_of_cubic_voxels_are_turned_out_of_the_plane():
    config, size = OFF.replace(rotate=True), patch(3)
    still = draw_field(8, size, OFF, chance())
    for spacing, tilted in {(): False, FLAT: False, (1.0, 1.0, 1.0): True}.items():
        field = draw_field(8, size, config, chance(), spacing)
        assert torch.allclose(field[..., 0], still[..., 0], atol=1e-4) != tilted


@pytest.mark.parametrize("ndim", [2, 3])
def test_rotations_are_no_mirror_images(ndim):
    turned = draw_field(50, (3,) * ndim, OFF.replace(rotate=True), chance(), (1.0,) * ndim)
    ends = 1 + torch.eye(ndim, dtype=torch.long)
    steps = [turned[(slice(None), *end)] for end in ends]
    torch.testing.assert_close(torch.linalg.det(torch.stack(steps, 1)), torch.ones(50))


def test_elastic_deformation_is_as_strong_along_every_axis_of_the_world():
    size = (33,) * 3
    still = draw_field(40, size, OFF, chance())
    moved = draw_field(40, size, OFF.replace(elastic=4), chance(), FLAT) - still
    spread = in_the_world(moved, FLAT).flatten(0, 3).std(0)
    assert spread.min() > 0.8 * spread.max()


def test_blur_is_as_wide_along_every_axis_of_the_world():
    images = torch.zeros(30, 1, 15, 15, 15)
    images[:, :, 7, 7, 7] = 1
    blurred = vary_grey(images, OFF.replace(blur=2), chance(), FLAT).mean(0)[0]
    along = (torch.arange(15.0) - 7) ** 2
    spreads = [(blurred.movedim(axis, 0).flatten(1).sum(1) * along).sum() for axis in range(3)]
    assert float(spreads[1]) == pytest.approx(float(spreads[2]))
    assert float(spreads[0]) < float(spreads[1]) / 5
