"""Augmentation as in the 2015 paper and beyond: one field, one resampling, any dimension.

Rotation, size, mirroring and elastic deformation make one field of source positions; image,
target, height and weight map are read at it together. Where voxels are longer along an axis, all
of it happens in the world, not in voxels. All runs on the training device; chance comes from a
generator that depends on nothing but the seed and the step.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from napari_unet.core.train_config import TrainConfig

_COARSE = 3
"""Displacements are drawn on a grid of this many points along each axis."""
_BLURRED = 0.3
"""Share of patches that are blurred."""
_CUBIC = 1.5
"""Volumes whose voxels are less than this many times as long as wide are turned any way."""


def draw_field(
    count: int,
    patch: Sequence[int],
    config: TrainConfig,
    chance: torch.Generator,
    spacing: Sequence[float] = (),
) -> Tensor:
    """Draw where each pixel of some patches is read from.

    Parameters
    ----------
    count
        Number of patches.
    patch
        Their size in pixels.
    config
        Which deformations, and how strong.
    chance
        Where all chance comes from, on the CPU.
    spacing
        Size of a pixel along each axis; empty where it is not known, or the same.

    Returns
    -------
    Float32 ``(count, *patch, ndim)``: positions in pixels, relative to the patch's centre. Volumes
    of cubic voxels are turned any way, others around the depth axis.
    """
    ndim = len(patch)
    sides = _sides(ndim, spacing)
    axes = [torch.arange(size, dtype=torch.float32) - (size - 1) / 2 for size in patch]
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    turned = ndim if len(spacing) and sides.max() < _CUBIC else 2
    matrices = _matrices(count, ndim, turned, config, chance) * sides / sides[:, None]
    field = torch.einsum("...i,nji->n...j", grid, matrices)
    if config.elastic:
        coarse = torch.randn(count, *[_COARSE] * ndim, ndim, generator=chance)
        for axis, size in enumerate(patch, start=1):
            coarse = torch.tensordot(coarse, _cubic(size), dims=([axis], [1])).movedim(-1, axis)
        field += config.elastic * coarse / sides
    return field


def _sides(ndim: int, spacing: Sequence[float]) -> Tensor:
    """Return how many times as long as its shortest side a pixel is along each axis."""
    sides = torch.tensor(spacing or [1.0] * ndim, dtype=torch.float32)
    return sides / sides.min()


def _matrices(
    count: int, ndim: int, turned: int, config: TrainConfig, chance: torch.Generator
) -> Tensor:
    """Rotation of the last axes, size and mirroring: ``(count, ndim, ndim)``."""
    matrices = torch.eye(ndim).repeat(count, 1, 1)
    if config.rotate:
        matrices[:, -turned:, -turned:] = _rotations(count, turned, chance)
    if config.zoom > 1:
        power = 2 * torch.rand(count, 1, 1, generator=chance) - 1
        matrices = matrices * config.zoom**power
    if config.flip:
        signs = 2 * torch.randint(0, 2, (count, 1, ndim), generator=chance) - 1
        matrices = matrices * signs
    return matrices


def _rotations(count: int, ndim: int, chance: torch.Generator) -> Tensor:
    """Return rotations of equal chance: ``(count, ndim, ndim)``."""
    drawn = torch.randn(count, ndim, ndim, generator=chance)
    turned, triangle = torch.linalg.qr(drawn)
    turned = turned * triangle.diagonal(dim1=1, dim2=2).sign()[:, None]
    turned[:, :, 0] *= torch.linalg.det(turned).round()[:, None]
    rotations: Tensor = turned
    return rotations


def _cubic(size: int) -> Tensor:
    """Matrix ``(size, _COARSE)`` that interpolates the coarse grid by cubics along an axis."""
    points = torch.eye(_COARSE)[None, None]
    cubic = functional.interpolate(points, (size, _COARSE), mode="bicubic", align_corners=True)
    return cubic[0, 0]


def resample(maps: Tensor, positions: Tensor, mode: str) -> Tensor:
    """Read maps at positions; beyond the edge they are reflected, as tiles are.

    Parameters
    ----------
    maps
        Float ``(N, C, *spatial)``.
    positions
        Float ``(N, *patch, ndim)`` in pixels of the maps.
    mode
        ``"bilinear"`` (trilinear in 3D) or ``"nearest"``.

    Returns
    -------
    Float ``(N, C, *patch)``.
    """
    sizes = torch.tensor(maps.shape[2:], device=maps.device, dtype=torch.float32)
    scaled = 2 * positions / (sizes - 1).clamp(min=1) - 1
    return functional.grid_sample(
        maps, scaled.flip(-1), mode=mode, padding_mode="reflection", align_corners=True
    )


def vary_grey(
    images: Tensor, config: TrainConfig, chance: torch.Generator, spacing: Sequence[float] = ()
) -> Tensor:
    """Vary contrast, brightness, blur and noise of normalised images.

    Parameters
    ----------
    images
        Float32 ``(N, C, *spatial)``, mostly between 0 and 1.
    config, chance, spacing
        As for `draw_field`.
    """
    shape = (*images.shape[:2], *[1] * (images.ndim - 2))

    def between(low: float, high: float) -> Tensor:
        return (low + (high - low) * torch.rand(shape, generator=chance)).to(images.device)

    if config.intensity:
        gamma = torch.exp(between(-config.intensity, config.intensity))
        images = images.sign() * (images.abs() + 1e-6) ** gamma
        contrast = torch.exp(between(-config.intensity, config.intensity))
        images = images * contrast + between(-config.intensity, config.intensity) / 3
    if config.blur:
        images = _blurred(images, config, chance, _sides(images.ndim - 2, spacing))
    if config.noise:
        strength = between(0, config.noise)
        noise = torch.randn(images.shape, generator=chance).to(images.device)
        images = images + strength * noise
    return images


def _blurred(images: Tensor, config: TrainConfig, chance: torch.Generator, sides: Tensor) -> Tensor:
    """Blur some of the images by Gaussians of random width, the same in the world on all axes."""
    chosen = torch.nonzero(torch.rand(len(images), generator=chance) < _BLURRED).flatten()
    sigma = config.blur * (0.2 + 0.8 * torch.rand(len(chosen), generator=chance))
    if not len(chosen):
        return images
    radius = math.ceil(3 * config.blur)
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32)
    some = images[chosen].movedim(0, 1)
    some = functional.pad(some, [radius] * 2 * (some.ndim - 2), mode="replicate")
    convolve = functional.conv2d if images.ndim == 4 else functional.conv3d
    for axis, side in enumerate(sides, start=2):
        size = [1] * some.ndim
        size[0], size[axis] = len(chosen), 2 * radius + 1
        kernels = torch.softmax(-((offsets * side / sigma[:, None]) ** 2) / 2, dim=1)
        some = convolve(some, kernels.reshape(size).to(images.device), groups=len(chosen))
    return images.index_copy(0, chosen.to(images.device), some.movedim(1, 0))
