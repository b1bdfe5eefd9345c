"""One U-Net for 2D and 3D, after Ronneberger et al. 2015, that knows what it sees.

Besides the network itself this module answers, per axis, which input a wanted output needs
(`Geometry`). Tiled prediction rests on it::

    canvas (mirrored)   |--lead--|------ image, N ------|--rest--|
    tile's input              |-- halo --|== kept ==|-- halo --|

"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError

Interval = tuple[int, int]
Region = tuple[Interval, ...]
"""Start and stop per spatial axis."""

_LAYERS: dict[int, tuple[type[nn.Module], ...]] = {
    2: (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.MaxPool2d),
    3: (nn.Conv3d, nn.ConvTranspose3d, nn.BatchNorm3d, nn.MaxPool3d),
}
_LINEAR = {2: "bilinear", 3: "trilinear"}
_CONVOLUTIONS = 2
"""Convolutions per level."""


@dataclass(frozen=True)
class Geometry:
    """How sizes and positions go through the network along one axis.

    Parameters
    ----------
    pools
        Pooling factor per level, finest level first.
    margins
        How far the convolutions of each level see to either side, finest level first, the coarsest
        included.
    valid
        Whether convolutions are valid (they take their margin off at both ends).
    interpolated
        Whether the decoder interpolates: where it enlarges, a pixel then needs the coarse pixel
        beside its own, too.
    """

    pools: tuple[int, ...]
    margins: tuple[int, ...]
    valid: bool
    interpolated: bool

    @classmethod
    def of(cls, config: ModelConfig, axis: int) -> Geometry:
        """Return the geometry of a network along an axis."""
        return cls(
            tuple(level[axis] for level in config.pooling),
            tuple(_CONVOLUTIONS * (level[axis] // 2) for level in config.kernels),
            config.padding == "valid",
            config.up == "interpolate",
        )

    @property
    def stride(self) -> int:
        """Product of the pooling factors: tiles must begin at multiples of it."""
        product = 1
        for pool in self.pools:
            product *= pool
        return product

    def decoder_needs(self, kept: Interval) -> list[Interval]:
        """Return what each level's decoder must see before its convolutions, finest first.

        Parameters
        ----------
        kept
            The wanted part of the finest level's output, in that level's pixels.
        """
        needs = []
        start, stop = kept
        for pool, margin in zip(self.pools, self.margins, strict=False):
            start, stop = start - margin, stop + margin
            needs.append((start, stop))
            start, stop = self._coarser(start, stop, pool)
        return needs

    def _coarser(self, start: int, stop: int, pool: int) -> Interval:
        """Return the part of a level from which the decoder makes a part of the finer one."""
        reach = self.reach(pool)
        return start // pool - reach, -(-stop // pool) + reach

    def reach(self, pool: int) -> int:
        """Return how many coarse pixels beyond its own a pixel of the enlarged image needs."""
        return int(self.interpolated and pool > 1)

    def input_needs(self, kept: Interval) -> Interval:
        """Return the part of the image that the kept part of the output depends on."""
        needs = self.decoder_needs(kept)
        start, stop = self._coarser(*needs[-1], self.pools[-1])
        start, stop = start - self.margins[-1], stop + self.margins[-1]
        for pool, margin, (low, high) in zip(
            self.pools[::-1], self.margins[-2::-1], needs[::-1], strict=True
        ):
            start, stop = min(start * pool, low), max(stop * pool, high)
            start, stop = start - margin, stop + margin
        return start, stop

    @property
    def halo(self) -> int:
        """How far the receptive field reaches beyond a block of one stride of output."""
        if self.valid:
            start, stop = -self.lead, self.input_size(self.stride) - self.lead
        else:
            start, stop = self.input_needs((0, self.stride))
        return max(-start, stop - self.stride)

    @property
    def lead(self) -> int:
        """How many pixels of input lie before the first output pixel."""
        return (self._input_for_bottom(1) - self._output_for_bottom(1)) // 2 if self.valid else 0

    def input_size(self, output: int) -> int:
        """Return the smallest valid input size whose output has at least this many pixels."""
        if not self.valid:
            return -(-output // self.stride) * self.stride
        first = self._smallest_bottom()
        missing = output - self._output_for_bottom(first)
        return self._input_for_bottom(first + max(0, -(-missing // self.stride)))

    def output_size(self, size: int) -> int:
        """Return the size of the output for a valid input size."""
        return size - 2 * self.lead

    def _input_for_bottom(self, bottom: int) -> int:
        """Size of the input whose coarsest level has this size after its convolutions."""
        size = bottom + 2 * self.margins[-1]
        for pool, margin in zip(self.pools[::-1], self.margins[-2::-1], strict=True):
            size = size * pool + 2 * margin
        return size

    def _output_for_bottom(self, bottom: int) -> int:
        size = bottom
        for pool, margin in zip(self.pools[::-1], self.margins[-2::-1], strict=True):
            size = (size - 2 * self.reach(pool)) * pool - 2 * margin
        return size

    def _smallest_bottom(self) -> int:
        bottom = 1
        while self._output_for_bottom(bottom) < 1:
            bottom += 1
        return bottom


class Level(nn.Sequential):
    """Two convolutions with ReLU, and batch norm where the configuration wants it."""

    def __init__(
        self, channels_in: int, channels: int, kernel: tuple[int, ...], config: ModelConfig
    ) -> None:
        conv, _, batch_norm, _ = _LAYERS[config.ndim]
        same = config.padding == "same"
        padding = tuple(size // 2 if same else 0 for size in kernel)
        normed = config.norm == "batch"
        layers: list[nn.Module] = []
        for source in (channels_in, channels):
            layers.append(conv(source, channels, kernel, padding=padding, bias=not normed))
            if normed:
                layers.append(batch_norm(channels))
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class Interpolate(nn.Module):
    """Halve the features, then enlarge by linear interpolation.

    Interpolation and a 1 x 1 convolution commute, and the convolution is cheaper on the
    coarse side.
    """

    def __init__(self, channels_in: int, channels: int, pool: tuple[int, ...]) -> None:
        super().__init__()
        self.conv = _LAYERS[len(pool)][0](channels_in, channels, 1)
        self.factors = tuple(float(factor) for factor in pool)

    def forward(self, x: Tensor) -> Tensor:
        """Return the enlarged features."""
        mode = _LINEAR[len(self.factors)]
        x = self.conv(x)
        larger: Tensor = nn.functional.interpolate(x, scale_factor=list(self.factors), mode=mode)
        return larger


class UNet(nn.Module):
    """The network: class logits and, if the configuration says so, a height per pixel.

    Parameters
    ----------
    config
        Its shape. `PRESETS["ronneberger2015"]` is the network of the paper.

    References
    ----------
    Ronneberger, Fischer, Brox: U-Net, MICCAI 2015, arXiv:1505.04597.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        conv, transpose, _, max_pool = _LAYERS[config.ndim]
        widths = [
            min(config.features * 2**level, config.max_features)
            for level in range(config.depth + 1)
        ]
        sources = [config.in_channels, *widths[:-1]]
        self.encoder = nn.ModuleList(
            Level(*level, config) for level in zip(sources, widths, config.kernels, strict=True)
        )
        self.pools = nn.ModuleList(max_pool(pool) for pool in config.pooling)
        self.ups = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for level, pool in enumerate(config.pooling):
            coarse, fine = widths[level + 1], widths[level]
            if config.up == "transpose":
                self.ups.append(transpose(coarse, fine, pool, stride=pool))
            else:
                self.ups.append(Interpolate(coarse, fine, pool))
            self.decoder.append(Level(2 * fine, fine, config.kernels[level], config))
        self.head = conv(widths[0], config.num_classes + config.height, 1)
        self.geometry = tuple(Geometry.of(config, axis) for axis in range(config.ndim))

    @property
    def _memory_format(self) -> torch.memory_format:
        """Channels last: what convolutions are fastest with, on CPUs and GPUs."""
        return torch.channels_last if self.config.ndim == 2 else torch.channels_last_3d

    def placed(self, device: torch.device, dtype: torch.dtype = torch.float32) -> UNet:
        """Move the network to a device, in the memory layout that is fastest there."""
        return self.to(device, dtype).to(memory_format=self._memory_format)  # type: ignore[call-overload,no-any-return]

    def forward(self, x: Tensor, kept: Region | None = None) -> Tensor:
        """Return class logits and, in the last channel, the height.

        Parameters
        ----------
        x
            Images, float ``(N, C, *spatial)``, of a size that `Geometry.input_size` gives.
        kept
            Which part of the output is wanted, start and stop per axis in output pixels;
            everything when not given. The decoder then computes only what that part needs.

        Returns
        -------
        Float ``(N, num_classes + height, *kept size)``.
        """
        self._check_size(x.shape[2:])
        x = x.contiguous(memory_format=self._memory_format)
        skips: list[Tensor] = []
        for level, pool in zip(self.encoder, self.pools, strict=False):
            skips.append(level(x))
            x = pool(skips[-1])
        x = self.encoder[-1](x)
        if self.config.padding == "valid":
            x = self._decode_valid(x, skips)
            x = self.head(x)
            return x if kept is None else _crop(x, kept)
        return self._decode_same(x, skips, kept)

    def _decode_valid(self, x: Tensor, skips: list[Tensor]) -> Tensor:
        for level in reversed(range(self.config.depth)):
            x = self.ups[level](x)
            x = self._trimmed(x, level)
            x = self.decoder[level](torch.cat([_centre(skips[level], x.shape[2:]), x], dim=1))
        return x

    def _trimmed(self, x: Tensor, level: int) -> Tensor:
        """Take off the edge of an enlarged image that lacks a neighbour to interpolate with."""
        edges = [
            pool * axis.reach(pool)
            for axis, pool in zip(self.geometry, self._pool(level), strict=True)
        ]
        return _crop(x, [(p, n - p) for p, n in zip(edges, x.shape[2:], strict=True)])

    def _decode_same(self, x: Tensor, skips: list[Tensor], kept: Region | None) -> Tensor:
        regions = list(self._regions([skip.shape[2:] for skip in skips], kept))
        origin = [0] * self.config.ndim
        for level in reversed(range(self.config.depth)):
            region = regions[level]
            x = self.ups[level](x)
            moved = [
                (start - first * pool, stop - first * pool)
                for (start, stop), first, pool in zip(
                    region, origin, self._pool(level), strict=True
                )
            ]
            x = torch.cat([_crop(skips.pop(), region), _crop(x, moved)], dim=1)
            x = self.decoder[level](x)
            origin = [start for start, _ in region]
        if kept is not None:
            x = _crop(x, [(a - o, b - o) for (a, b), o in zip(kept, origin, strict=True)])
        output: Tensor = self.head(x)
        return output

    def _regions(self, sizes: Sequence[Sequence[int]], kept: Region | None) -> Iterator[Region]:
        """Yield, finest level first, the part of each level that the decoder must compute."""
        whole: Region = tuple((0, size) for size in sizes[0])
        axes = [
            geometry.decoder_needs(interval)
            for geometry, interval in zip(self.geometry, kept or whole, strict=True)
        ]
        for level, size in enumerate(sizes):
            yield tuple(
                (max(0, axes[axis][level][0]), min(size[axis], axes[axis][level][1]))
                for axis in range(self.config.ndim)
            )

    def _pool(self, level: int) -> tuple[int, ...]:
        return self.config.pooling[level]

    def _check_size(self, size: Sequence[int]) -> None:
        for geometry, pixels in zip(self.geometry, size, strict=True):
            fitting = geometry.input_size(max(1, geometry.output_size(pixels)))
            if fitting != pixels:
                raise UserError(
                    f"The network takes no image of {pixels} pixels along an axis; "
                    f"the next size it takes is {fitting}."
                )


def _crop(x: Tensor, region: Sequence[Interval]) -> Tensor:
    for axis, (start, stop) in enumerate(region, start=2):
        x = x.narrow(axis, start, stop - start)
    return x


def _centre(x: Tensor, size: Sequence[int]) -> Tensor:
    return _crop(
        x, [((n - m) // 2, (n - m) // 2 + m) for n, m in zip(x.shape[2:], size, strict=True)]
    )


def fold_batch_norm(network: UNet) -> UNet:
    """Return a network for prediction with batch norm folded into the convolutions.

    The result gives the same output up to rounding, with fewer passes over memory.
    """
    config = network.config.replace(norm="none")
    folded = UNet(config)
    folded.load_state_dict(dict(_folded(network)))
    return folded.eval()


def _folded(network: UNet) -> Iterator[tuple[str, Tensor]]:
    blocks = [module for module in network.modules() if isinstance(module, Level)]
    inside = {id(child) for block in blocks for child in block.modules()}
    names = {id(module): name for name, module in network.named_modules()}
    for name, parameter in network.named_parameters():
        owner = network.get_submodule(name.rpartition(".")[0])
        if id(owner) not in inside:
            yield name, parameter.detach()
    for block in blocks:
        convolutions = [m for m in block if isinstance(m, nn.Conv2d | nn.Conv3d)]
        norms: list[Any] = [m for m in block if isinstance(m, nn.BatchNorm2d | nn.BatchNorm3d)]
        for index, conv in enumerate(convolutions):
            weight, bias = _fold(conv, norms[index] if norms else None)
            prefix = f"{names[id(block)]}.{2 * index}"
            yield f"{prefix}.weight", weight
            yield f"{prefix}.bias", bias


def _fold(conv: Any, norm: Any) -> tuple[Tensor, Tensor]:
    if norm is None:
        return conv.weight.detach(), conv.bias.detach()
    scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = conv.weight.double() * scale.reshape(-1, *[1] * (conv.weight.ndim - 1))
    bias = norm.bias.double() - norm.running_mean.double() * scale
    return weight.float().detach(), bias.float().detach()
