"""A U-Net for images and volumes in plain PyTorch, for programs that do not have U-Net Studio.

After Ronneberger, Fischer, Brox: U-Net, MICCAI 2015, arXiv:1505.04597. It sees a whole image or
tile at once. This file needs PyTorch and nothing else; it is copied into every package.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


class PlainUNet(nn.Module):
    """A U-Net that gives the probability of each class and, if it has learnt one, a height.

    Parameters
    ----------
    in_channels
        Channels of the image.
    classes
        Number of classes, background included.
    height
        Whether a height is predicted: high inside an object, low at its border.
    widths
        Features per level, finest level first.
    pools
        Factor by which each axis is halved between two levels, finest level first.
    kernels
        Size of the convolutions per level and axis, 1 or 3, finest level first.
    valid
        Whether convolutions take their margin off, so that the output is smaller than the input.
    transposed
        Whether the decoder enlarges by transposed convolution; else by linear interpolation.
    normed
        Whether there is batch norm after each convolution.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - a package of bioimage.io gives them by name
        self,
        in_channels: int,
        classes: int,
        height: bool,
        widths: Sequence[int],
        pools: Sequence[Sequence[int]],
        kernels: Sequence[Sequence[int]],
        valid: bool,
        transposed: bool,
        normed: bool,
    ) -> None:
        super().__init__()
        self.classes, self.height = classes, height
        sources = [in_channels, *widths[:-1]]
        self.encoder = nn.ModuleList(
            _level(source, width, kernel, valid, normed)
            for source, width, kernel in zip(sources, widths, kernels, strict=True)
        )
        self.decoder = nn.ModuleList(
            _level(2 * width, width, kernel, valid, normed)
            for width, kernel in zip(widths[:-1], kernels[:-1], strict=True)
        )
        up = _layer("ConvTranspose", pools[0]) if transposed else _Interpolate
        self.ups = nn.ModuleList(
            up(coarse, fine, tuple(pool), tuple(pool))
            for coarse, fine, pool in zip(widths[1:], widths[:-1], pools, strict=True)
        )
        pooling = _layer("MaxPool", pools[0])
        self.pools = nn.ModuleList(pooling(tuple(pool)) for pool in pools)
        self.head = _layer("Conv", pools[0])(widths[0], classes + height, 1)
        self.edges, self.crops = _margins(pools, kernels, transposed) if valid else ([], [])

    def forward(self, x: Tensor) -> Any:
        """Return probabilities, and the height if there is one.

        Parameters
        ----------
        x
            Normalised images, float ``(N, in_channels, *spatial)``.

        Returns
        -------
        Probabilities, float ``(N, classes, *spatial)``, background first; of a network with a
        height a tuple of them and the height, ``(N, 1, *spatial)``.
        """
        skips: list[Tensor] = []
        for level, pool in zip(self.encoder, self.pools, strict=False):
            skips.append(level(x))
            x = pool(skips[-1])
        x = self.encoder[-1](x)
        for number in reversed(range(len(self.pools))):
            x, skip = self.ups[number](x), skips[number]
            if self.edges:
                x, skip = _cropped(x, self.edges[number]), _cropped(skip, self.crops[number])
            x = self.decoder[number](torch.cat([skip, x], dim=1))
        x = self.head(x)
        probabilities = x[:, : self.classes].softmax(1)
        return (probabilities, x[:, self.classes :]) if self.height else probabilities


class _Interpolate(nn.Module):
    """Halve the features, then enlarge by linear interpolation."""

    def __init__(
        self, channels_in: int, channels: int, pool: tuple[int, ...], _: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.conv = _layer("Conv", pool)(channels_in, channels, 1)
        self.factors = [float(factor) for factor in pool]
        self.mode = "bilinear" if len(pool) == 2 else "trilinear"

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        larger: Tensor = nn.functional.interpolate(x, scale_factor=self.factors, mode=self.mode)
        return larger


def _layer(kind: str, axes: Sequence[int]) -> Any:
    """Return the class of a layer for as many axes."""
    return getattr(nn, f"{kind}{len(axes)}d")


def _level(source: int, width: int, kernel: Sequence[int], valid: bool, normed: bool) -> nn.Module:
    """Return two convolutions with ReLU."""
    padding = tuple(0 if valid else size // 2 for size in kernel)
    layers: list[nn.Module] = []
    for channels in (source, width):
        conv = _layer("Conv", kernel)
        layers.append(conv(channels, width, tuple(kernel), padding=padding, bias=not normed))
        if normed:
            layers.append(_layer("BatchNorm", kernel)(width))
        layers.append(nn.ReLU(inplace=True))
    return nn.Sequential(*layers)


def _margins(
    pools: Sequence[Sequence[int]], kernels: Sequence[Sequence[int]], transposed: bool
) -> tuple[list[list[int]], list[list[int]]]:
    """Return what valid convolutions make too much, per level and axis, finest level first.

    First of what was enlarged, whose edge lacks a neighbour to interpolate with; then of the
    features that are joined to it.
    """
    edges: list[list[int]] = []
    crops: list[list[int]] = []
    lost = [0] * len(kernels[0])
    for number in reversed(range(len(pools))):
        pool, fine, coarse = pools[number], kernels[number], kernels[number + 1]
        edge = [0 if transposed or factor == 1 else factor for factor in pool]
        crop = [
            factor * (2 * (size // 2) + less) + off
            for factor, size, less, off in zip(pool, coarse, lost, edge, strict=True)
        ]
        lost = [off + 2 * (size // 2) for off, size in zip(crop, fine, strict=True)]
        edges.insert(0, edge)
        crops.insert(0, crop)
    return edges, crops


def _cropped(x: Tensor, margins: Sequence[int]) -> Tensor:
    """Take a margin off both ends of each axis."""
    inside = [slice(margin, -margin) if margin else slice(None) for margin in margins]
    return x[(slice(None), slice(None), *inside)]
